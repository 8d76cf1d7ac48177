"""What a new list does to a registry: against sets of single addresses, and where something was not seen."""

import ipaddress
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from scanner.model.resource import Unseen
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.service_tags import ServiceTags, tag_of
from scanner.network.tags.changes import changes
from scanner.network.tags.effects import Effect, EffectState, Rules, StaleRule, effect_on, removed_addresses

EAST = "AzureContainerRegistry.EastUS"
OLD = ["20.42.66.0/24", "40.71.10.216/29"]
NEW = [*OLD, "57.151.4.0/23"]
NOWHERE = Unseen("the service tags have no AzureContainerRegistry.eastus")


def of(
    rules: Sequence[str] | Unseen,
    old: Sequence[str] | None = OLD,
    new: Sequence[str] | None = NEW,
    count: Truth = Truth.TRUE,
    elsewhere: Sequence[str] = (),
) -> Effect:
    before = NOWHERE if old is None else tag_of(EAST, old)
    after = NOWHERE if new is None else tag_of(EAST, new)
    gone = ipv4.union(filter(None, map(ipv4.parse, elsewhere)))
    return effect_on(Rules(rules, count, "publicNetworkAccess is so"), before, after, gone)


def test_what_came_and_no_rule_admits_is_refused() -> None:
    found = of(OLD)

    assert (found.state, found.refused, found.lacking, found.stale) == (
        EffectState.AFFECTED,
        ("57.151.4.0/23",),
        (),
        (),
    )


def test_the_reason_names_all_that_happens() -> None:
    lacks = f"its IP rules lack addresses that came to {EAST}"

    assert of(OLD).reason == lacks
    assert of(OLD, elsewhere=["20.42.66.0/32"]).reason == (
        f"{lacks}, and its IP rules admit addresses that left the tag"
    )


def test_rules_that_hold_what_came_already_are_not_touched() -> None:
    assert of([*OLD, "57.151.4.0/24", "57.151.5.0/24"]).state is EffectState.UNAFFECTED
    assert of(["0.0.0.0/0"]).state is EffectState.UNAFFECTED


def test_half_of_what_came_leaves_the_other_half() -> None:
    assert of([*OLD, "57.151.5.0/24"]).refused == ("57.151.4.0/24",)


def test_what_was_lacking_before_is_told_and_is_no_effect() -> None:
    found = of(OLD[:1], new=OLD)

    assert (found.state, found.lacking) == (EffectState.UNAFFECTED, ("40.71.10.216/29",))
    assert found.reason == f"its IP rules lack nothing that came to {EAST}, but were short of it before"


def test_rules_for_others_are_not_touched() -> None:
    found = of(["198.51.100.0/24", "nonsense", "2603::/16"])

    assert (found.state, found.refused, found.lacking) == (EffectState.UNAFFECTED, (), ())
    assert found.reason == f"its IP rules are for others than {EAST}"


def test_a_rule_for_what_left_is_named_with_what_left() -> None:
    found = of(["20.42.66.0/23", "40.71.10.216/29"], new=["20.42.66.0/25", "40.71.10.216/29"])

    assert found.state is EffectState.AFFECTED
    assert found.stale == (StaleRule("20.42.66.0/23", ("20.42.66.128/25",)),)
    assert found.refused == ()


def test_a_rule_for_what_left_the_tag_of_another_region_is_named_too() -> None:
    found = of([*NEW, "192.0.2.0/26"], elsewhere=["192.0.2.0/24"])

    assert found.state is EffectState.AFFECTED
    assert found.stale == (StaleRule("192.0.2.0/26", ("192.0.2.0/26",)),)


def test_rules_without_effect_are_not_touched_and_rules_that_may_have_one_are_unknown() -> None:
    idle, doubtful = of(OLD, count=Truth.FALSE), of(OLD, count=Truth.UNKNOWN)

    assert (idle.state, idle.reason) == (
        EffectState.UNAFFECTED,
        "its IP rules have no effect (publicNetworkAccess is so)",
    )
    assert (doubtful.state, doubtful.refused) == (EffectState.UNKNOWN, ("57.151.4.0/23",))
    assert of(NEW, count=Truth.UNKNOWN).state is EffectState.UNAFFECTED


def test_rules_that_were_not_seen_are_unknown_unless_they_have_no_effect() -> None:
    unseen = Unseen("it could not be collected")

    assert of(unseen).state is EffectState.UNKNOWN
    assert of(unseen).reason == "its IP rules could not be seen (it could not be collected)"
    assert of(unseen, new=OLD).state is EffectState.UNKNOWN
    assert of(unseen, count=Truth.UNKNOWN).state is EffectState.UNKNOWN
    assert of(unseen, count=Truth.FALSE).state is EffectState.UNAFFECTED


def test_a_registry_without_rules_is_not_touched_even_by_a_tag_that_vanished() -> None:
    assert of([]).state is of([], new=None).state is of([], None, None).state is EffectState.UNAFFECTED


def test_a_tag_that_vanished_is_unknown_to_those_who_relied_on_it_alone() -> None:
    assert of(OLD, new=None).state is EffectState.UNKNOWN
    assert of(OLD, new=None).reason == NOWHERE.reason
    assert of(["198.51.100.0/24"], new=None).state is EffectState.UNAFFECTED
    assert of(["198.51.100.0/24"], None, None).state is EffectState.UNKNOWN


def test_a_rule_for_what_left_counts_though_the_tag_of_the_region_vanished() -> None:
    found = of([*OLD, "192.0.2.0/26"], new=None, elsewhere=["192.0.2.0/24"])

    assert found.state is EffectState.AFFECTED
    assert found.reason.endswith(NOWHERE.reason)


def test_all_of_a_tag_that_is_new_came() -> None:
    assert of(OLD, old=None).refused == ("57.151.4.0/23",)
    assert of(OLD[:1], old=None, new=OLD).refused == ("40.71.10.216/29",)
    assert of(NEW, old=None).state is EffectState.UNAFFECTED


def lists(listed: Mapping[str, Sequence[str]]) -> ServiceTags:
    found = {name.lower(): tag_of(name, prefixes) for name, prefixes in listed.items()}
    return ServiceTags("Public", "1", None, "file", found)


def test_what_moved_to_another_tag_of_the_service_or_vanished_with_a_whole_tag_did_not_leave() -> None:
    service = "AzureContainerRegistry"
    old = lists(
        {
            service: ["20.0.0.0/24", "20.0.1.0/24"],
            f"{service}.A": ["20.0.0.0/24", "20.0.2.0/24"],
            f"{service}.B": ["20.0.3.0/24"],
            f"{service}.C": ["20.0.4.0/24"],
        }
    )
    new = lists(
        {service: ["20.0.0.0/24"], f"{service}.A": [], f"{service}.C": ["20.0.1.0/25", "20.0.2.0/24"]}
    )

    gone = removed_addresses(changes(old, new, [service]), new, service)

    assert ipv4.cidrs(gone) == ("20.0.1.128/25", "20.0.4.0/24")


SMALL = st.lists(
    st.builds(
        lambda start, length: str(ipaddress.ip_network((0x14000000 | start, length), strict=False)),
        st.integers(0, 63),
        st.integers(26, 32),
    ),
    max_size=5,
)


def addresses(prefixes: Sequence[str]) -> set[int]:
    return {int(each) for prefix in prefixes for each in ipaddress.ip_network(prefix)}


@given(SMALL, SMALL, SMALL)
def test_address_by_address(rules: list[str], old: list[str], new: list[str]) -> None:
    found = of(rules, old, new)

    admitted, before, after = map(addresses, (rules, old, new))
    relies = bool(admitted & (before | after))
    assert addresses(found.refused) == (after - before - admitted if relies else set())
    assert addresses(found.lacking) == ((after & before) - admitted if relies else set())
    stale = [each for stale in found.stale for each in stale.left]
    assert addresses(stale) == admitted & (before - after)
    assert (found.state is EffectState.AFFECTED) == bool(found.refused or found.stale)
