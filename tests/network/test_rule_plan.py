"""Rules for a tag: exact, lossless, within the budget, and never in an order that shuts somebody out."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.network import ipv4
from scanner.network.rule_plan import Cover, NoRoom, cheapest, covering, merging, ordered
from scanner.network.service_tags import tag_of

TAG = tag_of("AzureContainerRegistry.X", ["20.0.0.0/25", "20.0.0.128/25", "20.0.2.0/24", "20.0.8.0/29"])
CLIENTS = [f"9.0.{number // 200}.{number % 200}" for number in range(400)]


def space(rules: Sequence[str]) -> tuple[ipv4.Interval, ...]:
    return ipv4.union(found for rule in rules if (found := ipv4.parse(rule)))


def test_what_is_missing_is_added_in_the_fewest_prefixes_and_nothing_is_removed() -> None:
    found = covering(["9.0.0.1", "20.0.0.0/25", "junk"], TAG, 200)

    assert found == Cover(("9.0.0.1", "20.0.0.0/25", "junk", "20.0.0.128/25", "20.0.2.0/24", "20.0.8.0/29"))


def test_a_wider_rule_of_a_client_is_left_alone_and_covers_its_part() -> None:
    assert covering(["20.0.0.0/22"], TAG, 200) == Cover(("20.0.0.0/22", "20.0.8.0/29"))


def test_the_tags_own_rules_are_merged_only_where_room_is_short() -> None:
    own = ["20.0.0.0/25", "20.0.0.200/25", "20.0.2.0/24"]

    assert covering([*CLIENTS[:195], *own], TAG, 200) == Cover((*CLIENTS[:195], *own, "20.0.8.0/29"))
    assert covering([*CLIENTS[:197], *own], TAG, 200) == Cover(
        (*CLIENTS[:197], "20.0.0.0/24", "20.0.2.0/24", "20.0.8.0/29")
    )


def test_widening_is_refused_and_priced() -> None:
    refused = covering(CLIENTS[:198], TAG, 200)

    # 20.0.0.0/24 and 20.0.2.0/24 together open 20.0.1.0/24 and 20.0.3.0/24
    assert refused == NoRoom(201, 200, Cover((*CLIENTS[:198], "20.0.0.0/22", "20.0.8.0/29"), 512))


def test_widening_that_is_allowed_opens_what_it_says() -> None:
    found = covering(CLIENTS[:199], TAG, 200, widen=True)

    assert isinstance(found, Cover)
    assert found.after[199:] == ("20.0.0.0/20",)
    assert found.opened == 4096 - 256 - 256 - 8


def test_addresses_that_a_client_may_use_already_are_not_opened_twice() -> None:
    found = covering([*CLIENTS[:197], "20.0.1.0/24"], TAG, 199, widen=True)

    assert isinstance(found, Cover)
    assert found.after[198:] == ("20.0.0.0/20",)
    assert found.opened == 4096 - 256 - 256 - 256 - 8


def test_no_prefix_is_wider_than_allowed() -> None:
    assert covering(CLIENTS[:199], TAG, 200, widest=21) == NoRoom(202, 200, None)


def test_two_hundred_rules_leave_no_room_for_one_more() -> None:
    assert covering(CLIENTS[:200], TAG, 200) == NoRoom(203, 200, None)


def test_merging_alone_keeps_the_addresses() -> None:
    assert merging(["20.0.0.0/25", "9.0.0.1", "20.0.0.128/25", "20.0.8.1"], TAG) == (
        "9.0.0.1",
        "20.0.0.0/24",
        "20.0.8.1",
    )


def test_additions_come_before_removals() -> None:
    changes = ordered(["1.0.0.0/25", "1.0.0.128/25"], ["1.0.0.0/24"], 200)

    assert changes is not None
    assert [(each.added, each.rule) for each in changes] == [
        (True, "1.0.0.0/24"),
        (False, "1.0.0.0/25"),
        (False, "1.0.0.128/25"),
    ]


def test_a_place_for_each_addition_is_enough_to_add_first() -> None:
    changes = ordered(["1.0.0.0", "2.0.0.0"], ["2.0.0.0", "3.0.0.0"], 3)

    assert changes is not None
    assert [each.rule for each in changes] == ["3.0.0.0", "1.0.0.0"]


def test_where_no_place_is_free_a_rule_goes_first_that_nothing_is_wanted_of() -> None:
    changes = ordered(["1.0.0.0", "2.0.0.0"], ["2.0.0.0", "3.0.0.0"], 2)

    assert changes is not None
    assert [each.rule for each in changes] == ["1.0.0.0", "3.0.0.0"]


def test_where_one_place_is_free_a_merge_makes_room_for_the_rest() -> None:
    before = [*CLIENTS[:6], "1.0.0.0/25", "1.0.0.128/25", "2.0.0.0"]
    after = [*CLIENTS[:6], "1.0.0.0/24", "3.0.0.0", "4.0.0.0", "2.0.0.0"]

    changes = ordered(before, after, 10)

    assert changes is not None
    assert [(each.added, each.rule) for each in changes][:3] == [
        (True, "1.0.0.0/24"),
        (False, "1.0.0.0/25"),
        (False, "1.0.0.128/25"),
    ]


def test_without_a_free_place_no_order_spares_everybody() -> None:
    assert ordered(["1.0.0.0/25", "1.0.0.128/25"], ["1.0.0.0/24"], 2) is None


rules = st.builds(
    lambda first, length: f"{ipv4.cidrs([(first << 20, first << 20)])[0].partition('/')[0]}/{length}",
    st.integers(0, 63),
    st.integers(6, 14),
)
lists = st.lists(rules | st.sampled_from(["junk", "", "1.2.3.4"]), max_size=9)


@given(lists, lists, st.integers(1, 14))
def test_every_order_keeps_the_limit_and_refuses_nobody_who_is_in_before_and_after(
    before: list[str], after: list[str], limit: int
) -> None:
    changes = ordered(before, after, limit)

    if changes is None:
        return
    now = list(before)
    kept = ipv4.intersection(space(before), space(after))
    for change in changes:
        now = [*now, change.rule] if change.added else [rule for rule in now if rule != change.rule]
        assert not change.added or len(now) <= limit
        assert not ipv4.difference(kept, space(now))
    assert set(now) == set(after)


@given(lists, st.lists(rules, min_size=1, max_size=5), st.integers(1, 12))
def test_a_cover_holds_the_tag_and_what_was_there_and_nothing_else(
    current: list[str], prefixes: list[str], limit: int
) -> None:
    tag = tag_of("T.x", prefixes)

    found = covering(current, tag, limit)

    if isinstance(found, Cover):
        assert space(found.after) == ipv4.union((*space(current), *tag.ipv4))
        assert len(found.after) <= limit or found.after == tuple(current)
        foreign = [
            rule for rule in current if not (each := ipv4.parse(rule)) or not ipv4.contains(tag.ipv4, each)
        ]
        assert [rule for rule in found.after if rule in foreign] == foreign
    else:
        assert found.needed > limit


@given(st.lists(rules, min_size=1, max_size=5), lists, st.integers(1, 6))
def test_what_widening_opens_is_counted_address_by_address(
    prefixes: list[str], current: list[str], limit: int
) -> None:
    tag = tag_of("T.x", prefixes)

    found = covering(current, tag, limit, widen=True)

    if isinstance(found, Cover):
        assert len(found.after) <= limit or found.after == tuple(current)
        assert not ipv4.difference(ipv4.union((*tag.ipv4, *space(current))), space(found.after))
        known = ipv4.union((*tag.ipv4, *space(current)))
        assert found.opened == ipv4.size(ipv4.difference(space(found.after), known))


@pytest.mark.parametrize("room", [1, 2, 3])
@pytest.mark.parametrize("held", [{0, 1, 6}, {0, 3, 5, 7}, {2}, {0, 1, 2, 3, 12, 15}, {1, 8, 9, 14}])
def test_the_cheapest_cover_is_the_cheapest_of_all(held: set[int], room: int) -> None:
    wanted = ipv4.union((each, each) for each in held)
    blocks = [(start, start + size - 1) for size in (1, 2, 4, 8, 16) for start in range(0, 16, size)]

    found = cheapest(wanted, room)

    assert found is not None
    assert len(found) <= room
    prices = [
        ipv4.size(union)
        for count in range(1, room + 1)
        for chosen in combinations(blocks, count)
        if not ipv4.difference(wanted, union := ipv4.union(chosen))
    ]
    assert ipv4.size(space(found)) == min(prices)
