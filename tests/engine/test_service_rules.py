"""Rules that list addresses of the registry service are found by address, of IPv4 and of IPv6."""

from typing import Any

import pytest
from engine_rows import Json, inventory, tag_table, world
from network_rows import ALL, FIREWALL, NSG, classic, firewall, nsg, security_rule

from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Gap
from scanner.model.resource import Related

EAST, WEST = "AzureContainerRegistry.EastUS", "AzureContainerRegistry.WestUS"
EAST_US = ["20.42.66.0/24", "40.71.10.216/29", "2603:1030:210:402::90/125", "2603:1030:210:d::680/122"]
WEST_US = ["13.64.180.0/24", "2603:1030:a07::/48"]
TAGS = tag_table({"AzureContainerRegistry": [*EAST_US, *WEST_US], EAST: EAST_US, WEST: WEST_US})


def by_address(*rules: Json, tags: TagTable | None = TAGS, **options: Any) -> Related:
    of = inventory(nsg(*rules), **options)
    return world(of, tags).related(of.resources[NSG.lower()], "rulesByAddress")


def problems(related: Related) -> list[str]:
    """Each problem after the name of its rule; nothing else may be wrong."""
    assert (related.uncertain, related.unseen) == ((), None)
    return [f"{each.name}: {each.rows[0].body['properties']['problem']}" for each in related.targets]


def doubts(related: Related) -> list[str]:
    assert related.targets == ()
    return [each.reason for each in (*related.uncertain, *filter(None, [related.unseen]))]


def to(*prefixes: str, **properties: Any) -> Json:
    ends: Json = {"destinationAddressPrefix": None, "destinationAddressPrefixes": [*prefixes]}
    return security_rule("old", **{**ends, **properties})


@pytest.mark.parametrize(
    "prefix",
    [
        "20.42.66.0/24",
        "40.71.10.217",
        "2603:1030:210:d::680/122",
        "2603:1030:210:D::6a0",
        "2603:1030:210:402::94/126",
    ],
)
def test_a_prefix_inside_of_the_tag_is_named_with_the_region_that_it_lies_in(prefix: str) -> None:
    assert problems(by_address(to(prefix))) == [f"old: lists {prefix} of {EAST} as destination"]


def test_prefixes_of_several_regions_lie_in_the_tag_of_all() -> None:
    assert problems(by_address(to("13.64.180.0/25", "10.0.0.0/8", "20.42.66.8"))) == [
        "old: lists 13.64.180.0/25, 20.42.66.8 of AzureContainerRegistry as destination"
    ]


def test_what_comes_in_goes_stale_like_what_goes_out() -> None:
    both = to("20.42.66.0/24", sourceAddressPrefix="2603:1030:a07::/64")

    assert problems(by_address(to("*", sourceAddressPrefix="20.42.66.0/25"))) == [
        f"old: lists 20.42.66.0/25 of {EAST} as source"
    ]
    assert problems(by_address(both)) == [
        f"old: lists 2603:1030:a07::/64 of {WEST} as source and 20.42.66.0/24 of {EAST} as destination"
    ]


@pytest.mark.parametrize(
    "prefix",
    [
        "20.42.64.0/20",
        "0.0.0.0/0",
        "40.71.0.0/16",
        "2603:1030::/32",
        "::/0",
        "2603:1030:210:d::680/121",
        "203.0.113.9",
    ],
)
def test_a_wider_or_another_prefix_was_hardly_meant_for_the_service(prefix: str) -> None:
    assert by_address(to(prefix)) == Related()


def test_a_denial_need_not_follow_the_tag() -> None:
    assert by_address(to("20.42.66.0/24", access="Deny")) == Related()


@pytest.mark.parametrize(
    "prefix", ["10.0.0.4", "VirtualNetwork", "AzureContainerRegistry", "fd00::/8", "::1"]
)
def test_private_addresses_and_tags_need_no_table(prefix: str) -> None:
    assert by_address(to(prefix), tags=tag_table(None)) == Related()


@pytest.mark.parametrize("prefix", ["20.42.66.0/24", "2603:1030::/32"])
def test_without_a_table_a_public_prefix_may_be_the_services(prefix: str) -> None:
    two = to(prefix), {**to(prefix), "name": "other"}

    assert doubts(by_address(*two, tags=tag_table(None))) == ["no service tags are at hand"]


@pytest.mark.parametrize(
    ("prefix", "listed"),
    [("20.42.66.0/24", ["2603:1030::/32"]), ("2603:1030::/32", ["20.42.66.0/24"]), ("20.42.66.0/24", None)],
)
def test_a_tag_without_prefixes_of_the_family_settles_nothing(prefix: str, listed: list[str] | None) -> None:
    tags = tag_table({"Storage": ["20.60.0.0/24"]} if listed is None else {"AzureContainerRegistry": listed})

    assert doubts(by_address(to(prefix), tags=tags)) == [
        "the service tags have no AzureContainerRegistry of that family"
    ]


def test_rules_that_could_not_be_seen_may_list_addresses() -> None:
    gap = Gap("microsoft.network/networksecuritygroups/properties.securityRules", "", "refused")
    of = inventory({"id": NSG, "properties": {}}, gaps=[gap])

    assert doubts(world(of, TAGS).related(of.resources[NSG.lower()], "rulesByAddress")) == ["refused"]


def test_of_a_firewall_only_destinations_could_name_the_tag() -> None:
    rule: Json = {"name": "registries", "protocols": ["TCP"], "destinationPorts": ["443"]}

    def by_firewall(**ends: Any) -> Related:
        of = inventory(firewall(networkRuleCollections=[classic("c", {**rule, **ends})]), collected=ALL)
        return world(of, TAGS).related(of.resources[FIREWALL.lower()], "rulesByAddress")

    out = by_firewall(sourceAddresses=["10.0.0.0/8"], destinationAddresses=["20.42.66.0/24"])

    assert problems(out) == [f"registries: lists 20.42.66.0/24 of {EAST} as destination"]
    assert out.targets[0].id == f"{FIREWALL}/networkRuleCollections/c/rules/registries"
    assert by_firewall(sourceAddresses=["20.42.66.0/24"], destinationAddresses=["10.0.0.4"]) == Related()
