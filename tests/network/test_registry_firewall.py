"""The access model: whom a public endpoint lets in, by which rule, and what a rule is."""

import pytest

from scanner.model.resource import Unseen
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.registry_firewall import (
    Admission,
    Firewall,
    address,
    admission_by_rule,
    describe_rule,
    ip_rule,
    join_names,
    tags_containing,
)
from scanner.network.service_tags import ServiceTags, Tag, tag_of

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
SERVICE = "AzureContainerRegistry"
EAST = tag_of(f"{SERVICE}.EastUS", ["20.42.66.0/24", "20.42.67.0/24", "40.71.10.216/29", "2603:1030::/125"])
WEST = tag_of(f"{SERVICE}.WestUS", ["13.64.180.0/24"])
NORTH = tag_of(f"{SERVICE}.NorthEurope", ["52.138.231.0/29"])
OFFICE = "203.0.113.0/24"


def firewall(
    anybody: Truth, selected: Truth, *rules: str, unseen: Unseen | None = None, odd: Unseen | None = None
) -> Firewall:
    return Firewall(Admission(anybody, "open?"), Admission(selected, "by rules?"), unseen or list(rules), odd)


OPEN = firewall(T, F, OFFICE)
SELECTED = firewall(F, T, OFFICE, "198.51.100.7")
DISABLED = firewall(F, F, OFFICE)
DOUBTED = firewall(U, U, OFFICE)


def at(text: str) -> ipv4.Interval:
    interval = ipv4.parse(text)
    assert interval is not None
    return interval


def found(text: str, home: Tag | Unseen = EAST, *others: Tag) -> tuple[str, ...]:
    return describe_rule(text, SERVICE, home, others or [WEST, NORTH])


# ---- addresses


def test_the_rule_that_holds_an_address_admits_it_and_is_named() -> None:
    assert address(SELECTED, at("203.0.113.200")) == Admission(T, f"the IP rule {OFFICE}")
    assert address(SELECTED, at("198.51.100.7")) == Admission(T, "the IP rule 198.51.100.7")


def test_all_rules_that_hold_an_address_are_named() -> None:
    wide = firewall(F, T, "203.0.112.0/23", OFFICE)

    assert address(wide, at("203.0.113.1")).by == "the IP rule 203.0.112.0/23, 203.0.113.0/24"


def test_an_address_beside_the_rules_is_refused_and_their_number_told() -> None:
    assert address(SELECTED, at("203.0.114.0")) == Admission(
        F, "open?, and none of its 2 IP rules holds the address"
    )
    assert address(firewall(F, T), at("8.8.8.8")) == Admission(F, "open?, and it has no IP rule")


def test_everybody_gets_into_an_open_registry_whatever_its_rules() -> None:
    assert address(OPEN, at("8.8.8.8")) == Admission(T, "open?")


def test_a_disabled_endpoint_answers_no_rule() -> None:
    assert address(DISABLED, at("203.0.113.1")) == Admission(F, "open?")


def test_rules_that_nobody_saw_leave_the_answer_open() -> None:
    hidden = firewall(F, T, unseen=Unseen("no permission"))

    assert address(hidden, at("8.8.8.8")) == Admission(U, "the IP rules could not be seen (no permission)")
    assert address(firewall(T, F, unseen=Unseen("no permission")), at("8.8.8.8")).truth is T


def test_a_rule_that_cannot_be_read_may_hold_the_address() -> None:
    odd = firewall(F, T, OFFICE, odd=Unseen("a member is no object"))

    assert address(odd, at("8.8.8.8")) == Admission(
        U, "open?, and an IP rule could not be read (a member is no object)"
    )
    assert address(odd, at("203.0.113.1")).truth is T


def test_a_doubted_endpoint_is_unknown_with_or_without_a_rule() -> None:
    assert address(DOUBTED, at("203.0.113.1")) == Admission(
        U, f"the IP rule {OFFICE} holds the address, but by rules?"
    )
    assert address(DOUBTED, at("8.8.8.8")).truth is U


def test_an_endpoint_that_may_be_open_and_answers_its_rules_lets_a_ruled_address_in() -> None:
    assert address(firewall(U, T, OFFICE), at("203.0.113.1")).truth is T
    assert address(firewall(U, T, OFFICE), at("8.8.8.8")).truth is U


def test_a_rule_that_is_no_ipv4_prefix_holds_no_address() -> None:
    assert address(firewall(F, T, "2001:db8::/32", "here"), at("8.8.8.8")).truth is F


# ---- rules


@pytest.mark.parametrize(
    ("of", "truth", "by"),
    [
        (OPEN, T, "open?, so the rule is idle"),
        (SELECTED, T, "the rule itself"),
        (DISABLED, F, "open?"),
        (DOUBTED, U, "by rules?"),
        (firewall(U, F), U, "open?"),
    ],
)
def test_whom_a_rule_names_gets_in_where_the_endpoint_answers_it(of: Firewall, truth: Truth, by: str) -> None:
    assert ip_rule(of, OFFICE) == admission_by_rule(of) == Admission(truth, by)


@pytest.mark.parametrize(
    ("of", "truth"), [(OPEN, T), (SELECTED, U), (DISABLED, F), (DOUBTED, U), (firewall(U, F), U)]
)
def test_whom_rules_may_name_that_nobody_saw(of: Firewall, truth: Truth) -> None:
    assert admission_by_rule(of, seen=U).truth is truth


def test_an_open_registry_has_idle_rules_only_if_it_has_rules() -> None:
    assert admission_by_rule(OPEN, seen=U).by == "open?"


@pytest.mark.parametrize("text", ["10.0.0.0/8", "192.168.7.7", "100.64.0.0/10", "240.0.0.0/4"])
def test_a_private_or_reserved_rule_admits_nobody_even_where_anybody_gets_in(text: str) -> None:
    assert ip_rule(SELECTED, text) == Admission(F, "such addresses never arrive over the internet")
    assert ip_rule(OPEN, text).truth is F


@pytest.mark.parametrize("text", ["2001:db8::/32", "_IPv4Address_", "203.0.113.0/33", ""])
def test_a_rule_that_is_no_ipv4_prefix_admits_nobody(text: str) -> None:
    assert ip_rule(SELECTED, text) == Admission(F, "it is no IPv4 address or prefix, so it admits nobody")


# ---- what a rule is


def test_a_rule_that_is_a_listed_prefix_of_the_home_tag_says_so() -> None:
    assert found("20.42.66.0/24") == (
        "AzureContainerRegistry.EastUS, the tag of its own region: one of its prefixes",
    )


def test_a_rule_over_several_prefixes_of_the_home_tag_names_them() -> None:
    assert found("20.42.66.0/23") == (
        (
            "AzureContainerRegistry.EastUS, the tag of its own region: "
            "2 of its 3 prefixes (20.42.66.0/24, 20.42.67.0/24)"
        ),
    )


def test_a_rule_inside_a_prefix_of_the_home_tag_holds_part_of_it() -> None:
    assert found("20.42.66.128/25") == (
        "AzureContainerRegistry.EastUS, the tag of its own region: part of its prefix 20.42.66.0/24",
    )


def test_a_rule_wider_than_the_home_tag_says_by_how_many_addresses() -> None:
    assert found("40.71.10.208/28") == (
        "AzureContainerRegistry.EastUS, the tag of its own region: 1 of its 3 prefixes (40.71.10.216/29)",
        "wider than the tag by 8 addresses",
    )


def test_a_rule_inside_another_regions_tag_names_it() -> None:
    assert found("13.64.180.9") == ("AzureContainerRegistry.WestUS, the tag of another region",)


def test_a_rule_that_touches_another_regions_tag_lies_in_it_in_part() -> None:
    assert found("13.64.180.0/23") == ("partly AzureContainerRegistry.WestUS, the tag of another region",)


def test_a_rule_over_everything_names_all_that_it_holds() -> None:
    assert found("0.0.0.0/0") == (
        "partly private or reserved addresses",
        (
            "AzureContainerRegistry.EastUS, the tag of its own region: "
            "3 of its 3 prefixes (20.42.66.0/24, 20.42.67.0/24, 40.71.10.216/29)"
        ),
        f"wider than the tag by {2**32 - 512 - 8:,} addresses",
        "partly AzureContainerRegistry.WestUS, AzureContainerRegistry.NorthEurope, the tags of other regions",
    )


def test_a_rule_in_no_tag_is_somebody_elses() -> None:
    assert found(OFFICE) == ("in no regional AzureContainerRegistry tag: somebody else's addresses",)


def test_private_and_unreadable_rules_are_called_so() -> None:
    assert found("10.0.0.0/8") == ("private or reserved addresses",)
    assert found("fe80::/10") == ("not an IPv4 address or prefix",)


def test_without_tags_nobody_can_say_whose_a_rule_is() -> None:
    unseen = Unseen("no service tags are at hand")

    assert describe_rule(OFFICE, SERVICE, unseen, unseen) == (
        "whose addresses these are is not known: no service tags are at hand",
    )


def test_a_region_without_a_tag_leaves_open_what_is_in_no_other_regions() -> None:
    unseen = Unseen("the service tags have no AzureContainerRegistry.mars")

    assert "not known: the service tags have no" in describe_rule(OFFICE, SERVICE, unseen, [WEST])[0]
    assert describe_rule("13.64.180.9", SERVICE, unseen, [WEST]) == (
        "AzureContainerRegistry.WestUS, the tag of another region",
    )


def test_long_lists_say_how_many_more_there_are() -> None:
    assert join_names([str(number) for number in range(11)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 3 more"
    assert join_names(["a", "b"]) == "a, b"
    assert join_names(["a"] * 8).endswith("a, a")


# ---- who holds an address


def test_every_tag_of_the_file_that_holds_an_address_is_found() -> None:
    tags = [tag_of("AzureCloud", ["20.0.0.0/8"]), EAST, WEST, tag_of("Six", ["2603::/32"])]
    table = ServiceTags("Public", "1", None, "file", {tag.name.lower(): tag for tag in tags})

    assert [tag.name for tag in tags_containing(table, at("20.42.67.255"))] == ["AzureCloud", EAST.name]
    assert tags_containing(table, at("8.8.8.8")) == []
