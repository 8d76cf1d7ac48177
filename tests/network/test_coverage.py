"""How rules and service tags lie over each other."""

import netaddr  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given
from hypothesis import strategies as st

from scanner.network.coverage import Coverage, coverage, inside, overlapping
from scanner.network.service_tags import tag_of

EAST_US = tag_of("AzureContainerRegistry.EastUS", ["20.42.66.0/24", "20.42.67.0/24", "40.71.10.216/29"])
WEST_EUROPE = tag_of("AzureContainerRegistry.WestEurope", ["13.69.64.88/29", "20.42.68.0/24"])
NO_TAG = tag_of("AzureContainerRegistry.AustraliaCentral", [])

prefixes = st.builds(
    lambda value, length: str(netaddr.IPNetwork((value, length), version=4).cidr),
    st.integers(0, (1 << 32) - 1) | st.integers(0x142A4200, 0x142A45FF),
    st.integers(0, 32) | st.integers(20, 32),
)


def test_rules_equal_to_the_tag_cover_it() -> None:
    rules = ["20.42.66.0/24", "20.42.67.0/24", "40.71.10.216/29"]

    assert coverage(rules, EAST_US) == Coverage(prefixes=3, covered=3, missing=(), excess=())


def test_two_halves_of_a_prefix_cover_it() -> None:
    rules = ["20.42.66.0/25", "20.42.66.128/25", "20.42.67.0/24", "40.71.10.216/29"]

    assert coverage(rules, EAST_US) == Coverage(prefixes=3, covered=3, missing=(), excess=())


def test_one_wider_rule_covers_adjacent_prefixes() -> None:
    rules = ["20.42.66.0/23", "40.71.10.216/29"]

    assert coverage(rules, EAST_US) == Coverage(prefixes=3, covered=3, missing=(), excess=())


def test_missing_addresses_are_exact_and_collapsed() -> None:
    rules = ["40.71.10.216/30"]

    assert coverage(rules, EAST_US) == Coverage(
        prefixes=3, covered=0, missing=("20.42.66.0/23", "40.71.10.220/30"), excess=()
    )


def test_a_prefix_that_is_covered_in_part_does_not_count_as_covered() -> None:
    rules = ["20.42.66.0/24", "20.42.67.0/25"]

    assert coverage(rules, EAST_US) == Coverage(
        prefixes=3, covered=1, missing=("20.42.67.128/25", "40.71.10.216/29"), excess=()
    )


def test_addresses_of_the_rules_outside_of_the_tag_are_excess() -> None:
    rules = ["20.42.66.0/23", "40.71.10.216/28", "8.8.8.8"]

    assert coverage(rules, EAST_US) == Coverage(
        prefixes=3, covered=3, missing=(), excess=("8.8.8.8/32", "40.71.10.208/29")
    )


def test_no_rules_cover_nothing() -> None:
    assert coverage([], EAST_US) == Coverage(
        prefixes=3, covered=0, missing=("20.42.66.0/23", "40.71.10.216/29"), excess=()
    )


def test_the_whole_internet_covers_every_tag() -> None:
    result = coverage(["0.0.0.0/0"], tag_of("T", ["0.0.0.0/1", "192.0.0.0/2"]))

    assert result == Coverage(prefixes=2, covered=2, missing=(), excess=("128.0.0.0/2",))


def test_a_rule_that_is_no_ipv4_prefix_covers_nothing() -> None:
    rules = ["*", "2603:1030::/32", "20.42.66.0-20.42.67.255", "AzureContainerRegistry.EastUS"]

    result = coverage(rules, EAST_US)

    assert (result.covered, result.excess) == (0, ())


def test_host_bits_of_a_rule_are_masked() -> None:
    rules = ["20.42.66.9/23", "40.71.10.219/29"]

    assert coverage(rules, EAST_US).covered == 3


def test_a_tag_without_ipv4_has_nothing_to_cover() -> None:
    assert coverage(["8.8.8.0/24"], NO_TAG) == Coverage(
        prefixes=0, covered=0, missing=(), excess=("8.8.8.0/24",)
    )


def test_ipv6_prefixes_are_not_asked_for() -> None:
    tag = tag_of("T", ["20.42.66.0/24", "2603:1030:210:402::90/125"])

    assert coverage(["20.42.66.0/24"], tag) == Coverage(prefixes=1, covered=1, missing=(), excess=())


@given(st.lists(prefixes, max_size=30), st.lists(prefixes, max_size=30))
def test_coverage_agrees_with_netaddr(rules: list[str], listed: list[str]) -> None:
    ruled, tagged = netaddr.IPSet(rules), netaddr.IPSet(listed)

    result = coverage(rules, tag_of("T", listed))

    assert result.prefixes == len(listed)
    assert result.covered == sum(netaddr.IPSet([prefix]).issubset(ruled) for prefix in listed)
    assert result.missing == tuple(map(str, (tagged - ruled).iter_cidrs()))
    assert result.excess == tuple(map(str, (ruled - tagged).iter_cidrs()))


def test_overlapping_rules_are_named_as_written() -> None:
    rules = ["20.42.66.9/24", "20.42.64.0/18", "20.42.68.0/24", "40.71.10.223", "40.71.10.224", "junk"]

    assert overlapping(rules, EAST_US) == ("20.42.66.9/24", "20.42.64.0/18", "40.71.10.223")


def test_nothing_overlaps_a_tag_without_ipv4() -> None:
    assert overlapping(["0.0.0.0/0"], NO_TAG) == ()


def test_a_rule_lies_inside_the_union_of_several_tags() -> None:
    rules = ["20.42.66.0/23", "20.42.68.7", "20.42.66.0/22", "13.69.64.0/24", "::1"]

    assert inside(rules, [EAST_US, WEST_EUROPE]) == ("20.42.66.0/23", "20.42.68.7")


def test_a_rule_that_spans_two_tags_lies_inside_their_union_alone() -> None:
    lower, upper = tag_of("A", ["20.42.66.0/24"]), tag_of("B", ["20.42.67.0/24"])

    assert inside(["20.42.66.0/23"], [lower, upper]) == ("20.42.66.0/23",)
    assert inside(["20.42.66.0/23"], [lower]) == ()


def test_nothing_lies_inside_no_tags() -> None:
    assert inside(["8.8.8.8"], []) == ()


def test_tags_of_one_name_and_other_prefixes_are_told_apart() -> None:
    before, after = tag_of("T", ["8.8.8.0/24"]), tag_of("T", ["9.9.9.0/24"])

    assert inside(["8.8.8.8"], [before]) == ("8.8.8.8",)
    assert inside(["8.8.8.8"], [after]) == ()


@given(st.lists(prefixes, max_size=20), st.lists(st.lists(prefixes, max_size=8), max_size=4))
def test_inside_and_overlapping_agree_with_netaddr(rules: list[str], listed: list[list[str]]) -> None:
    tags = [tag_of(f"T.{number}", texts) for number, texts in enumerate(listed)]
    whole = [text for texts in listed for text in texts]
    space = netaddr.IPSet(whole)

    assert inside(rules, tags) == tuple(rule for rule in rules if netaddr.IPSet([rule]).issubset(space))
    assert overlapping(rules, tag_of("T", whole)) == tuple(
        rule for rule in rules if netaddr.IPSet([rule]) & space
    )
