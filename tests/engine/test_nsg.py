"""A network security group lets through what its rules say, by priority; some it cannot compare."""

import json
from typing import Any

import pytest
from engine_rows import Json, inventory, judged, said, tag_table
from network_rows import NSG, nsg, security_rule
from recordings import OURS, RECORDED, Corpus
from reference.judgement import Judgement

from scanner.engine.fields.tag_table import TagTable
from scanner.engine.traffic.nsg import DEFAULTS, Flow, decide
from scanner.model.inventory import Gap
from scanner.model.truth import Truth

RULES = "web: properties.securityRules"
TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN

TAGS = tag_table(
    {
        "Storage": ["20.38.98.0/24", "20.60.0.0/24"],
        "Storage.EastUS": ["20.60.0.0/24"],
        "Storage.WestUS": ["20.38.98.0/24"],
        "AzureKeyVault": ["20.21.0.0/24"],
        "AzureCloud": ["20.38.98.0/24", "20.60.0.0/16"],
        "AzureCloud.eastus": ["20.60.0.0/16"],
    }
)
DENY_ALL = security_rule(
    "closed",
    access="Deny",
    priority=4000,
    protocol="*",
    destinationPortRange="*",
    destinationAddressPrefix="*",
)


def asked(
    *rules: Json, to: str = "Storage", port: int = 443, tags: TagTable | None = TAGS, **more: Any
) -> Judgement:
    """Whether a group with these rules lets all traffic to a peer out."""
    operand = f"{{ direction: Outbound, to: '{to}', port: {port} }}"
    text = f"{{ field: properties.securityRules, nsgAllows: {operand} }}"
    return judged(text, inventory(nsg(*rules), **more), NSG, tags=tags)


def let_in(*rules: Json, source: str = "Internet", port: int = 443) -> Judgement:
    """Whether a group with these rules lets all traffic from a peer in."""
    operand = f"{{ direction: Inbound, from: '{source}', port: {port} }}"
    text = f"{{ field: properties.securityRules, nsgAllows: {operand} }}"
    return judged(text, inventory(nsg(*rules)), NSG, tags=TAGS)


def allow(to: str, priority: int = 100, **properties: Any) -> Json:
    return security_rule("allow", destinationAddressPrefix=to, priority=priority, **properties)


def deny(to: str, priority: int = 100, **properties: Any) -> Json:
    return security_rule("deny", access="Deny", destinationAddressPrefix=to, priority=priority, **properties)


def source(name: str, access: str = "Allow", priority: int = 100, **properties: Any) -> Json:
    """A rule for what comes in from a tag or prefix."""
    return security_rule(
        "in",
        **{
            "access": access,
            "priority": priority,
            "direction": "Inbound",
            "sourceAddressPrefix": name,
            **properties,
        },
    )


# ---- default rules


def test_a_group_without_rules_lets_everything_out() -> None:
    judgement = asked()

    assert judgement.truth is TRUE
    assert said(judgement) == [
        f"{RULES} lets Storage out on port 443, by AllowInternetOutBound (Allow, priority 65001)"
    ]


@pytest.mark.parametrize("held", [None, []])
def test_rules_that_are_not_set_leave_azures_own(held: list[Json] | None) -> None:
    text = "{ field: properties.securityRules, nsgAllows: { direction: Outbound, to: Storage, port: 443 } }"
    of = inventory({"id": NSG, "properties": {"securityRules": held}})

    assert judged(text, of, NSG).truth is TRUE


def test_a_group_without_rules_lets_nobody_in_from_the_internet() -> None:
    judgement = let_in()

    assert judgement.truth is FALSE
    assert said(judgement) == [
        f"{RULES} does not let Internet in on port 443, by DenyAllInBound (Deny, priority 65500)"
    ]


@pytest.mark.parametrize("name", ["VirtualNetwork", "AzureLoadBalancer"])
def test_a_group_without_rules_lets_the_network_and_its_probes_in(name: str) -> None:
    assert let_in(source=name).truth is TRUE


def test_a_group_without_rules_lets_the_network_out_to_itself() -> None:
    assert asked(to="VirtualNetwork").truth is TRUE
    assert asked(to="AzureLoadBalancer").truth is FALSE


def test_azures_default_rules_are_these() -> None:
    assert [(rule.direction, rule.priority, rule.name, rule.access) for rule in DEFAULTS] == [
        ("Inbound", 65000, "AllowVnetInBound", "Allow"),
        ("Inbound", 65001, "AllowAzureLoadBalancerInBound", "Allow"),
        ("Inbound", 65500, "DenyAllInBound", "Deny"),
        ("Outbound", 65000, "AllowVnetOutBound", "Allow"),
        ("Outbound", 65001, "AllowInternetOutBound", "Allow"),
        ("Outbound", 65500, "DenyAllOutBound", "Deny"),
    ]


# ---- priority


def test_the_rule_of_the_lowest_number_decides() -> None:
    assert asked(deny("Storage", 200), allow("Storage", 100)).truth is TRUE
    assert asked(deny("Storage", 100), allow("Storage", 200)).truth is FALSE


def test_the_deciding_rule_is_named() -> None:
    assert said(asked(DENY_ALL, allow("Storage", 300))) == [
        "web: properties.securityRules lets Storage out on port 443, by allow (Allow, priority 300)"
    ]
    assert said(asked(DENY_ALL, allow("AzureKeyVault", 300))) == [
        "web: properties.securityRules does not let Storage out on port 443, by closed (Deny, priority 4000)"
    ]


def test_words_compare_without_case() -> None:
    rule = allow("STORAGE", access="allow", direction="outbound", protocol="TCP")

    assert asked(rule, DENY_ALL, to="storage").truth is TRUE


def test_rules_of_the_other_direction_do_not_matter() -> None:
    rule = source("*", access="Deny", destinationPortRange="*")

    assert asked(rule).truth is TRUE
    assert let_in(DENY_ALL, source("Internet", priority=4096)).truth is TRUE


# ---- ports and protocols


@pytest.mark.parametrize("ports", ["*", "443", "0-65535", "400-443", "443-500"])
def test_a_port_is_inside_of_what_a_rule_names(ports: str) -> None:
    assert asked(deny("Storage", destinationPortRange=ports)).truth is FALSE


@pytest.mark.parametrize("ports", ["80", "444-500", "1-442"])
def test_another_port_is_another_matter(ports: str) -> None:
    assert asked(deny("Storage", destinationPortRange=ports)).truth is TRUE


def test_any_of_several_ports_counts() -> None:
    rule = deny("Storage", destinationPortRange=None, destinationPortRanges=["80", "440-450"])

    assert asked(rule).truth is FALSE
    assert asked(rule, port=80).truth is FALSE
    assert asked(rule, port=81).truth is TRUE


@pytest.mark.parametrize("ports", ["https", "²", "443-", "-443", "1-x", None])
def test_a_port_that_cannot_be_read_leaves_it_open(ports: str | None) -> None:
    assert asked(deny("Storage", destinationPortRange=ports)).truth is UNKNOWN


@pytest.mark.parametrize(("protocol", "truth"), [("Tcp", FALSE), ("*", FALSE), ("Udp", TRUE), ("Icmp", TRUE)])
def test_traffic_is_tcp(protocol: str, truth: Truth) -> None:
    assert asked(deny("Storage", protocol=protocol)).truth is truth


# ---- service tags by name


@pytest.mark.parametrize("held", ["*", "0.0.0.0/0", "Internet", "Storage", "Storage.EastUS"])
def test_a_region_of_a_tag_is_inside_of_all_that_holds_the_tag(held: str) -> None:
    assert asked(allow(held), DENY_ALL, to="Storage.EastUS", tags=tag_table(None)).truth is TRUE
    assert asked(deny(held), to="Storage.EastUS", tags=tag_table(None)).truth is FALSE


def test_a_tag_is_not_inside_of_its_region() -> None:
    assert asked(allow("Storage.EastUS"), DENY_ALL, tags=tag_table(None)).truth is FALSE
    assert asked(deny("Storage.EastUS"), tags=tag_table(None)).truth is FALSE


def test_a_tag_whose_name_begins_alike_is_another_one() -> None:
    assert (
        asked(allow("StorageSyncService"), DENY_ALL, to="StorageSync", tags=tag_table(None)).truth is UNKNOWN
    )


@pytest.mark.parametrize("name", ["VirtualNetwork", "AzureLoadBalancer", "10.0.0.0/8", "2603:1030::/32"])
def test_what_is_no_public_ipv4_is_beside_every_service(name: str) -> None:
    assert asked(deny(name), tags=tag_table(None)).truth is TRUE
    assert asked(deny(name), to="Internet", tags=tag_table(None)).truth is TRUE


@pytest.mark.parametrize("name", ["Storage", "AzureCloud", "203.0.113.0/24"])
def test_the_internet_is_denied_where_a_part_of_it_is(name: str) -> None:
    assert asked(deny(name), to="Internet", tags=tag_table(None)).truth is FALSE
    assert asked(allow(name), deny("Internet", 200), to="Internet", tags=tag_table(None)).truth is FALSE


def test_azure_is_denied_where_a_part_of_it_is() -> None:
    assert asked(deny("Storage"), to="AzureCloud").truth is FALSE
    assert asked(allow("Internet"), DENY_ALL, to="AzureCloud").truth is TRUE
    assert asked(allow("Storage"), DENY_ALL, to="AzureCloud").truth is FALSE


def test_everything_is_more_than_any_tag() -> None:
    assert asked(allow("Internet"), DENY_ALL, to="*").truth is FALSE
    assert asked(allow("*"), DENY_ALL, to="*").truth is TRUE
    assert asked(allow("0.0.0.0/1"), DENY_ALL, to="*").truth is FALSE
    assert asked(deny("Storage"), allow("*", 200), to="*").truth is FALSE


# ---- service tags by address


def test_azure_cloud_holds_of_a_tag_what_the_table_says() -> None:
    outside = tag_table({"AzureCloud": ["20.60.0.0/16"], "Storage": ["20.38.98.0/24", "20.60.0.0/24"]})

    assert asked(allow("AzureCloud"), DENY_ALL).truth is TRUE
    assert asked(allow("AzureCloud"), DENY_ALL, tags=outside).truth is FALSE
    assert asked(allow("AzureCloud"), allow("20.38.98.0/24", 200), DENY_ALL, tags=outside).truth is TRUE
    assert asked(deny("AzureCloud"), tags=outside).truth is FALSE
    assert asked(deny("AzureCloud"), to="AzureKeyVault").truth is TRUE


def test_without_a_table_azure_cloud_may_hold_any_tag() -> None:
    storage = tag_table({"Storage": ["20.60.0.0/24"]})

    for tags in (tag_table(None), storage):
        assert asked(allow("AzureCloud"), DENY_ALL, tags=tags).truth is UNKNOWN
        assert asked(deny("AzureCloud"), tags=tags).truth is UNKNOWN
        assert asked(allow("Storage"), DENY_ALL, to="AzureCloud", tags=tags).truth is UNKNOWN


def test_tags_of_other_addresses_are_beside_each_other() -> None:
    assert asked(deny("AzureKeyVault")).truth is TRUE
    assert asked(deny("Storage.WestUS"), to="Storage.EastUS").truth is TRUE


def test_tags_that_share_addresses_lie_over_each_other() -> None:
    assert asked(deny("AzureCloud.eastus")).truth is FALSE
    assert asked(allow("AzureCloud.eastus"), DENY_ALL, to="Storage.EastUS").truth is TRUE
    assert asked(allow("AzureCloud.eastus"), DENY_ALL).truth is FALSE


@pytest.mark.parametrize(
    ("prefix", "truth"),
    [("20.38.98.0/24", FALSE), ("20.60.0.9", FALSE), ("20.21.0.0/24", TRUE), ("20.0.0.0/8", FALSE)],
)
def test_a_prefix_denies_the_addresses_of_a_tag(prefix: str, truth: Truth) -> None:
    assert asked(deny(prefix)).truth is truth


def test_prefixes_of_one_rule_count_together() -> None:
    both = ["20.38.98.0/24", "20.60.0.0/25", "20.60.0.128/25"]
    halves = ["0.0.0.0/1", "128.0.0.0/1"]

    def listed(prefixes: list[str], **more: Any) -> Truth:
        rule = allow("", destinationAddressPrefixes=prefixes, **more)
        return asked(rule, DENY_ALL).truth

    assert listed(both) is listed(halves) is TRUE
    assert listed(both[:2]) is FALSE
    assert listed([*both, "Sql", "2603:1030::/32"]) is TRUE
    assert listed(["10.0.0.0/8", "192.168.0.0/16"]) is FALSE


def test_prefixes_allow_a_tag_that_they_cover() -> None:
    assert asked(allow("20.0.0.0/8"), DENY_ALL).truth is TRUE
    assert asked(allow("20.38.98.0/24"), DENY_ALL).truth is FALSE


@pytest.mark.parametrize(
    ("held", "to", "truth"),
    [
        ("Storage.EastUS", "20.60.0.7", FALSE),
        ("Storage.EastUS", "20.61.0.0/24", TRUE),
        ("Internet", "20.60.0.7", FALSE),
        ("Internet", "10.0.0.4", TRUE),
        ("Internet", "0.0.0.0/1", FALSE),
        ("Storage", "10.0.0.4", TRUE),
        ("Sql", "20.60.0.7", UNKNOWN),
        ("VirtualNetwork", "20.60.0.7", TRUE),
        ("::/0", "10.0.0.4", TRUE),
        ("VirtualNetwork", "10.0.0.4", UNKNOWN),
        ("0.0.0.1/32", "*", FALSE),
        ("VirtualNetwork", "192.168.0.0/16", UNKNOWN),
        ("10.0.0.0/8", "10.0.0.4", FALSE),
        ("10.0.0.0/24", "10.0.0.0/8", FALSE),
        ("10.1.0.0/16", "10.0.0.4", TRUE),
    ],
)
def test_a_prefix_may_be_asked_for(held: str, to: str, truth: Truth) -> None:
    assert asked(deny(held), allow("*", 200), to=to).truth is truth


def test_the_internet_holds_public_prefixes_and_no_others() -> None:
    assert asked(allow("Internet"), DENY_ALL, to="20.60.0.7").truth is TRUE
    assert asked(allow("Internet"), DENY_ALL, to="0.0.0.0/1").truth is FALSE
    assert asked(allow("VirtualNetwork"), DENY_ALL, to="10.0.0.4").truth is UNKNOWN


def test_a_prefix_inside_of_the_network_cannot_be_told() -> None:
    assert asked(deny("10.0.0.0/8"), allow("*", 200), to="VirtualNetwork").truth is UNKNOWN
    assert asked(deny("20.60.0.0/24"), allow("*", 200), to="VirtualNetwork").truth is TRUE


# ---- what cannot be compared


def test_an_unknown_tag_that_is_denied_before_leaves_it_open() -> None:
    judgement = asked(deny("Sql", 200))

    assert judgement.truth is UNKNOWN
    assert said(judgement) == [
        (
            "web: properties.securityRules may let Storage out on port 443; "
            "deny (Deny, priority 200) cannot be compared with it"
        )
    ]


def test_an_unknown_tag_that_is_allowed_before_leaves_it_open() -> None:
    judgement = asked(allow("Sql", 200), DENY_ALL)

    assert judgement.truth is UNKNOWN
    assert "allow (Allow, priority 200) cannot be compared with it" in said(judgement)[0]


def test_an_unknown_tag_does_not_matter_where_it_changes_nothing() -> None:
    assert asked(allow("Sql")).truth is TRUE
    assert asked(deny("Sql"), DENY_ALL).truth is FALSE
    assert asked(allow("Storage", 100), deny("Sql", 200)).truth is TRUE
    assert asked(deny("Storage", 100), allow("Sql", 200), DENY_ALL).truth is FALSE


def test_rules_that_each_allow_a_part_allow_the_whole_together() -> None:
    parts = [allow("Storage.EastUS", 100), allow("20.38.98.0/25", 110)]
    whole = [*parts, allow("20.38.98.128/25", 120)]

    assert asked(*whole, deny("*", 200)).truth is TRUE
    assert said(asked(*whole, deny("*", 200))) == [
        f"{RULES} lets Storage out on port 443, by allow (Allow, priority 120)"
    ]
    assert asked(*parts, deny("*", 200)).truth is FALSE
    assert asked(*whole[:2], deny("20.38.98.128/32", 115), *whole[2:]).truth is FALSE
    assert asked(*whole[:2], deny("20.38.98.0/25", 115), *whole[2:]).truth is TRUE
    assert asked(*parts, allow("*", 120, protocol="Udp"), deny("*", 200)).truth is FALSE
    unlisted = allow("20.38.98.128/25", 120, sourceAddressPrefix="10.0.0.0/24")
    assert asked(*parts, unlisted, deny("*", 200)).truth is UNKNOWN
    assert asked(*parts, unlisted, deny("20.38.98.128/25", 130)).truth is UNKNOWN


def test_a_part_that_was_allowed_before_may_be_all_that_an_unlisted_tag_denies() -> None:
    tags = tag_table({"Storage": ["20.38.98.0/24", "20.60.0.0/24"]})
    part = allow("20.60.0.0/24", 100)

    assert asked(part, deny("Storage.EastUS", 200), tags=tags).truth is UNKNOWN
    assert asked(deny("Storage.EastUS", 200), tags=tags).truth is FALSE


@pytest.mark.parametrize(
    "odd", [{"protocol": 6}, {"destinationPortRanges": [443]}, {"destinationAddressPrefixes": [7]}]
)
def test_a_rule_that_names_something_by_no_text_may_decide_anything(odd: Json) -> None:
    judgement = asked({**deny("Sql"), "properties": {**deny("Sql")["properties"], **odd}})

    assert judgement.truth is UNKNOWN
    assert "the unreadable rule deny cannot be compared" in said(judgement)[0]


def test_what_was_allowed_before_is_no_longer_denied() -> None:
    assert asked(allow("Storage.EastUS", 100), deny("Storage.EastUS", 200)).truth is TRUE
    assert asked(allow("Storage.WestUS", 100), deny("Storage.EastUS", 200)).truth is FALSE
    unlisted = allow("Storage.EastUS", 100, sourceAddressPrefix="10.0.0.0/24")
    assert asked(unlisted, deny("Storage.EastUS", 200)).truth is UNKNOWN
    assert asked(deny("Storage.EastUS", 100), allow("Storage.EastUS", 200)).truth is FALSE


def test_a_doubt_gives_way_to_a_certain_denial() -> None:
    judgement = asked(deny("Sql", 100), deny("Storage.EastUS", 200))

    assert judgement.truth is FALSE
    assert "by deny (Deny, priority 200)" in said(judgement)[0]


def test_a_rule_for_some_sources_may_not_be_for_all() -> None:
    assert asked(allow("Storage", sourceAddressPrefix="10.0.0.0/24"), DENY_ALL).truth is UNKNOWN
    assert asked(deny("Storage", sourceAddressPrefix="10.0.0.0/24")).truth is UNKNOWN
    for everywhere in ("*", "VirtualNetwork", "0.0.0.0/0"):
        assert asked(deny("Storage", sourceAddressPrefix=everywhere)).truth is FALSE


def test_a_rule_for_some_source_ports_may_not_be_for_all() -> None:
    assert asked(deny("Storage", sourcePortRange="1024")).truth is UNKNOWN
    assert asked(deny("Storage", sourcePortRange="0-65535")).truth is FALSE
    assert asked(deny("Storage", sourcePortRange=None)).truth is FALSE


MEMBERS = [{"id": "/subscriptions/s/applicationSecurityGroups/builders"}]


def test_a_rule_for_an_application_security_group_may_be_for_anybody_in_the_network() -> None:
    near = deny("Storage", sourceAddressPrefix=None, sourceApplicationSecurityGroups=MEMBERS)

    assert asked(near).truth is UNKNOWN
    assert asked(near, allow("Storage", 90)).truth is TRUE


@pytest.mark.parametrize(
    ("to", "truth"),
    [
        ("Storage", TRUE),
        ("Internet", TRUE),
        ("20.60.0.7", TRUE),
        ("VirtualNetwork", UNKNOWN),
        ("10.0.0.4", UNKNOWN),
        ("*", UNKNOWN),
    ],
)
def test_no_service_and_no_public_address_lies_in_an_application_security_group(
    to: str, truth: Truth
) -> None:
    far = security_rule(
        access="Deny", destinationAddressPrefix=None, destinationApplicationSecurityGroups=MEMBERS
    )

    assert asked(far, allow("*", 200), to=to).truth is truth
    assert asked(deny("Storage"), far, allow("*", 200)).truth is FALSE


def test_application_security_groups_count_at_the_end_where_they_stand() -> None:
    far = source("Sql", access="Deny", sourceAddressPrefix=None, sourceApplicationSecurityGroups=MEMBERS)
    near = source("Storage", access="Deny", destinationAddressPrefix=None,
                  destinationApplicationSecurityGroups=MEMBERS)  # fmt: skip

    assert let_in(far, source("Internet", priority=200)).truth is TRUE
    assert let_in(near, source("*", priority=200), source="Storage").truth is UNKNOWN


# ---- the near end


SUBNET = ("10.0.1.0/24",)


def from_subnet(*rules: Json, near: tuple[str, ...] = SUBNET, to: str = "Storage") -> Truth:
    """Whether a group with these rules lets machines of some prefixes out to a peer."""
    return decide(rules, Flow("Outbound", to, 443, near), TAGS).truth


@pytest.mark.parametrize(
    "near",
    [
        ["*"],
        ["VirtualNetwork"],
        ["10.0.1.0/24"],
        ["10.0.0.0/16"],
        ["10.0.1.0/25", "10.0.1.128/25"],
        ["10.9.0.0/16", "10.0.0.0/8"],
    ],
)
def test_a_rule_for_all_of_a_subnet_is_for_its_machines(near: list[str]) -> None:
    ends: Json = {"sourceAddressPrefix": None, "sourceAddressPrefixes": near}

    assert from_subnet(allow("Storage", **ends), DENY_ALL) is TRUE
    assert from_subnet(deny("Storage", **ends)) is FALSE


@pytest.mark.parametrize("near", ["10.0.2.0/24", "192.168.0.0/16", "fd00::/8", "AzureLoadBalancer", "Sql"])
def test_a_rule_for_another_subnet_is_for_none_of_its_machines(near: str) -> None:
    assert from_subnet(deny("Storage", sourceAddressPrefix=near)) is TRUE
    assert from_subnet(allow("Storage", sourceAddressPrefix=near), DENY_ALL) is FALSE


@pytest.mark.parametrize("near", ["10.0.1.0/25", "10.0.1.4"])
def test_a_rule_for_a_part_of_a_subnet_may_be_for_its_machines(near: str) -> None:
    assert from_subnet(deny("Storage", sourceAddressPrefix=near)) is UNKNOWN
    assert from_subnet(allow("Storage", sourceAddressPrefix=near), DENY_ALL) is UNKNOWN


def test_a_rule_for_an_application_security_group_may_be_for_machines_of_a_subnet() -> None:
    members: Json = {"sourceAddressPrefix": None, "sourceApplicationSecurityGroups": MEMBERS}
    group = MEMBERS[0]["id"].upper()

    assert from_subnet(deny("Storage", **members)) is UNKNOWN
    assert from_subnet(deny("Storage", **members), near=(group,)) is FALSE
    assert from_subnet(deny("Storage"), near=(group,)) is FALSE
    assert from_subnet(deny("Storage", sourceAddressPrefix="10.0.1.0/24"), near=(group,)) is UNKNOWN


def test_a_subnet_of_public_addresses_may_be_in_a_tag() -> None:
    assert from_subnet(deny("Storage", sourceAddressPrefix="Sql"), near=("20.60.9.0/24",)) is UNKNOWN


def test_prefixes_of_all_addresses_are_everybody_at_the_near_end_too() -> None:
    halves: Json = {"sourceAddressPrefix": None, "sourceAddressPrefixes": ["0.0.0.0/1", "128.0.0.0/1"]}

    assert asked(deny("Storage", **halves)).truth is FALSE
    assert asked(deny("Storage", sourceAddressPrefix="::/0")).truth is TRUE


def test_a_rule_without_a_far_end_may_be_for_anybody() -> None:
    assert asked(security_rule(access="Deny", destinationAddressPrefix=None)).truth is UNKNOWN


def test_source_ports_may_stand_in_a_list() -> None:
    rule = deny("Storage", sourcePortRange=None, sourcePortRanges=["1024-2048", "1-2"])

    assert asked(rule).truth is UNKNOWN
    assert asked(deny("Storage", sourcePortRange="0-65534")).truth is UNKNOWN
    assert asked(deny("Storage", sourcePortRange="1-65535")).truth is UNKNOWN


@pytest.mark.parametrize("lacking", ["access", "priority", "direction"])
def test_a_rule_that_cannot_be_read_may_do_anything(lacking: str) -> None:
    judgement = asked(security_rule("odd", **{lacking: None}))

    assert judgement.truth is UNKNOWN
    assert "the unreadable rule odd cannot be compared with it" in said(judgement)[0]


def test_a_rule_that_is_no_object_may_do_anything() -> None:
    text = "{ field: properties.securityRules, nsgAllows: { direction: Outbound, to: Storage, port: 443 } }"

    assert judged(text, inventory({"id": NSG, "properties": {"securityRules": ["x"]}}), NSG).truth is UNKNOWN
    assert judged(text, inventory({"id": NSG, "properties": {"securityRules": "x"}}), NSG).truth is UNKNOWN


def test_rules_that_could_not_be_seen_leave_it_open() -> None:
    gap = Gap("microsoft.network/networksecuritygroups/properties.securityRules", "", "refused", None)
    text = "{ field: properties.securityRules, nsgAllows: { direction: Outbound, to: Storage, port: 443 } }"

    judgement = judged(text, inventory({"id": NSG, "properties": {}}, gaps=[gap]), NSG)

    assert judgement.truth is UNKNOWN
    assert said(judgement) == ["web: properties.securityRules could not be seen (refused)"]


# ---- the operand


def test_the_peer_may_be_filled_from_the_resource() -> None:
    operand = "{ direction: Outbound, to: 'Storage.{location}', port: 443 }"
    text = f"{{ field: properties.securityRules, nsgAllows: {operand} }}"

    judgement = judged(text, inventory(nsg(allow("Storage.EastUS"), DENY_ALL)), NSG, tags=TAGS)

    assert said(judgement) == [
        "web: properties.securityRules lets Storage.eastus out on port 443, by allow (Allow, priority 100)"
    ]


def test_a_peer_that_cannot_be_filled_leaves_it_open() -> None:
    operand = "{ direction: Outbound, to: 'Storage.{location}', port: 443 }"
    text = f"{{ field: properties.securityRules, nsgAllows: {operand} }}"

    judgement = judged(text, inventory({"id": NSG, "properties": {}}), NSG)

    assert judgement.truth is UNKNOWN
    assert "the other end is not known" in said(judgement)[0]


def test_the_leaf_tells_the_rule_and_the_row_it_rests_on() -> None:
    (leaf,) = asked(DENY_ALL).because()

    assert (leaf.operator, leaf.expected) == ("nsgAllows", "Storage out on port 443")
    assert leaf.actual == "closed (Deny, priority 4000)"
    assert leaf.row is not None
    assert leaf.row.api_version == "2024-05-01"
    assert leaf.reason is None


def test_a_thousand_rules_are_walked() -> None:
    rules = [security_rule(f"r{index}", access="Deny", priority=100 + index, destinationAddressPrefix="Sql",
                           protocol="Udp") for index in range(1000)]  # fmt: skip

    assert asked(*rules).truth is TRUE


# ---- published templates


def published(name: str, corpus: Corpus = RECORDED) -> list[Json]:
    template = json.loads((corpus.folder / "nsg" / "quickstart" / name).read_text("utf-8-sig"))
    (group,) = [each for each in template["resources"] if each["type"].endswith("networkSecurityGroups")]
    rules: list[Json] = group["properties"]["securityRules"]
    return rules


def test_a_template_of_ours_lets_out_what_it_names_and_denies_the_rest() -> None:
    rules = published("closed-subnet.json", OURS)

    assert said(asked(*rules)) == [
        "web: properties.securityRules lets Storage out on port 443, by let-storage-out (Allow, priority 100)"
    ]
    assert asked(*rules, port=1433).truth is FALSE
    assert "by let-web-out (Allow, priority 110)" in said(asked(*rules, to="Internet", port=8080))[0]
    assert let_in(*rules).truth is TRUE
    assert let_in(*rules, port=8080).truth is FALSE


def test_a_template_of_ours_names_a_range_that_is_still_a_parameter() -> None:
    rules = published("several-prefixes.json", OURS)

    assert asked(*rules, to="10.0.0.4").truth is UNKNOWN


@pytest.mark.recordings
def test_the_bastion_template_lets_azure_out_and_denies_the_rest() -> None:
    rules = published("101-azure-bastion-nsg_azuredeploy.json")

    assert said(asked(*rules)) == [
        (
            "web: properties.securityRules lets Storage out on port 443, "
            "by AllowAzureCloudCommunicationOutBound (Allow, priority 110)"
        )
    ]
    assert asked(*rules, port=1433).truth is FALSE
    assert said(asked(*rules, to="Internet", port=80)) == [
        (
            "web: properties.securityRules lets Internet out on port 80, "
            "by AllowGetSessionInformationOutBound (Allow, priority 130)"
        )
    ]
    assert let_in(*rules).truth is TRUE
    assert let_in(*rules, port=8080).truth is FALSE


@pytest.mark.recordings
def test_the_api_management_template_denies_what_it_does_not_name() -> None:
    rules = published("201-api-management-create-with-external-vnet_azuredeploy.json")

    assert "by Dependency_on_Azure_Storage (Allow" in said(asked(*rules))[0]
    assert "by Deny_All_Internet_Outbound (Deny" in said(asked(*rules, to="AzureKeyVault", port=8443))[0]
    assert "by Secure_Client_communication_to_API_Management" in said(let_in(*rules))[0]
    assert let_in(*rules, port=8443).truth is FALSE


@pytest.mark.recordings
def test_the_managed_instance_template_names_a_range_that_is_still_a_parameter() -> None:
    rules = published("azure-sql-managed-instance_vnet.json")

    assert "by allow-management-outbound (Allow, priority 110)" in said(asked(*rules))[0]
    assert asked(*rules, to="10.0.0.4").truth is UNKNOWN
