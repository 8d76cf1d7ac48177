"""Every rule of a network security group or firewall is found, with what it says and where it was read."""

import json
from pathlib import Path
from typing import Any

import pytest
from engine_rows import OTHER_SUBSCRIPTION, SUBSCRIPTION, Json, inventory, judged, world
from network_rows import (
    ALL,
    COLLECTION_GROUPS,
    FIREWALL,
    IP_GROUP,
    IP_GROUPS,
    NSG,
    PARENT,
    POLICIES,
    POLICY,
    classic,
    collection,
    collection_group,
    firewall,
    firewall_policy,
    nsg,
    security_rule,
)
from recordings import on_each_file

from scanner.model.inventory import Gap, Inventory
from scanner.model.resource import Related, Source
from scanner.model.truth import Truth


def rules(of: Inventory, owner: str = NSG) -> Related:
    return world(of).related(of.resources[owner.lower()], "rules")


def said(related: Related) -> list[dict[str, Any]]:
    """The properties of each rule, without those that are empty."""
    found = [target.rows[0].body["properties"] for target in related.targets]
    return [{key: each for key, each in rule.items() if each not in (None, [])} for rule in found]


def names(related: Related) -> list[str]:
    return [target.name for target in related.targets]


def why(related: Related) -> str | None:
    return None if related.unseen is None else related.unseen.reason


def maybe(related: Related) -> list[str]:
    return [doubt.reason for doubt in related.uncertain]


# ---- network security groups


def test_a_security_rule_is_told_with_all_that_it_says() -> None:
    rule = security_rule(
        "acr", sourceAddressPrefix="10.0.0.0/24", destinationAddressPrefix="AzureContainerRegistry"
    )

    related = rules(inventory(nsg(rule)))

    assert said(related) == [
        {
            "direction": "Outbound",
            "access": "Allow",
            "priority": 100,
            "kind": "network",
            "protocols": ["Tcp"],
            "sources": ["10.0.0.0/24"],
            "destinations": ["AzureContainerRegistry"],
            "ports": ["443"],
        }
    ]
    assert related.uncertain == ()
    assert related.unseen is None


def test_singular_and_plural_fields_are_one() -> None:
    rule = security_rule(
        sourceAddressPrefix="",
        sourceAddressPrefixes=["10.0.0.4", "10.0.0.5"],
        destinationAddressPrefix="Storage",
        destinationAddressPrefixes=[],
        destinationPortRange=None,
        destinationPortRanges=["443", "8000-8080"],
    )

    (found,) = said(rules(inventory(nsg(rule))))

    assert found["sources"] == ["10.0.0.4", "10.0.0.5"]
    assert found["destinations"] == ["Storage"]
    assert found["ports"] == ["443", "8000-8080"]


def test_a_rule_has_the_provenance_of_its_group() -> None:
    group = {**nsg(security_rule("acr")), "source": "resourceGraph", "apiVersion": "2023-09-01"}

    (target,) = rules(inventory(group)).targets

    assert target.id == f"{NSG}/securityRules/acr"
    assert (target.type, target.name) == ("acr-scan/rules", "acr")
    assert (target.rows[0].source, target.rows[0].api_version) == (Source.RESOURCE_GRAPH, "2023-09-01")


def test_rules_of_one_name_are_not_mistaken_for_each_other() -> None:
    of = inventory(nsg(security_rule("x", access="Deny"), security_rule("x", access="Allow")))
    text = "count: { of: rules, where: { field: properties.access, equals: Allow } }\nequals: 1"

    assert judged(text, of, NSG).truth is Truth.TRUE


def test_azures_default_rules_are_none_that_the_group_was_given() -> None:
    group = nsg(defaultSecurityRules=[security_rule("DenyAllOutBound", access="Deny", priority=65500)])

    assert rules(inventory(group)) == Related()


@pytest.mark.parametrize("properties", [{}, {"securityRules": None}, {"securityRules": []}])
def test_a_group_without_rules_has_none(properties: Json) -> None:
    assert rules(inventory({"id": NSG, "properties": properties})) == Related()


def test_rules_in_a_gap_are_unseen() -> None:
    gap = Gap("microsoft.network/networksecuritygroups/properties.securityRules", "", "refused", None)

    related = rules(inventory({"id": NSG, "properties": {}}, gaps=[gap]))

    assert (names(related), why(related)) == ([], "refused")


def test_rules_of_a_group_that_is_not_whole_are_unseen() -> None:
    related = rules(inventory({"id": NSG, "properties": {"provisioningState": "Failed"}}))

    assert why(related) == "the resource is in provisioningState Failed, whose rows are not whole"


def test_rules_that_are_no_list_are_unseen() -> None:
    related = rules(inventory({"id": NSG, "properties": {"securityRules": {"a": 1}}}))

    assert why(related) == "properties.securityRules of web is no array"


@pytest.mark.parametrize(
    "odd",
    [
        {"protocol": 6},
        {"sourceAddressPrefixes": ["10.0.0.0/8", 7]},
        {"destinationAddressPrefix": {"tag": "Storage"}},
        {"destinationPortRanges": [443]},
        {"sourcePortRange": 80},
    ],
)
def test_a_rule_that_names_something_by_no_text_leaves_a_doubt(odd: Json) -> None:
    related = rules(inventory({"id": NSG, "properties": {"securityRules": [security_rule("acr", **odd)]}}))

    assert names(related) == ["acr"]
    assert why(related) == "a rule of web names its ends, ports or protocol by what is no text"


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"networkRuleCollections": {"a": 1}}, "properties.networkRuleCollections of hub is no array"),
        ({"networkRuleCollections": ["odd"]}, "networkRuleCollections of hub is no array of objects"),
        (
            {"natRuleCollections": [{"name": "c", "properties": {"action": {"type": "Allow"}, "rules": 7}}]},
            "natRuleCollections/c/rules is no array of objects",
        ),
    ],
)
def test_collections_of_a_firewall_that_are_no_array_of_objects_leave_a_doubt(
    held: Json, reason: str
) -> None:
    related = rules(inventory(firewall(**held)), FIREWALL)

    assert (names(related), why(related)) == ([], reason)


@pytest.mark.parametrize("said", [{"destinationAddresses": ["Storage", 7]}, {"protocols": "TCP"}])
def test_a_firewalls_rule_that_names_something_by_no_text_leaves_a_doubt(said: Json) -> None:
    odd = {"name": "out", **said}

    related = rules(inventory(firewall(networkRuleCollections=[classic("c", odd)])), FIREWALL)

    assert names(related) == ["out"]
    assert [each.reason for each in related.uncertain] == ["the rule out names something by what is no text"]


def test_the_listed_groups_of_a_policy_that_are_no_array_leave_a_doubt() -> None:
    policy = firewall_policy(ruleCollectionGroups={"id": "x"})

    related = rules(inventory(firewall(firewallPolicy={"id": POLICY}), policy, collected=ALL), FIREWALL)

    assert why(related) == "properties.ruleCollectionGroups of child is no array"


def test_a_rule_that_is_no_object_leaves_the_others_and_a_doubt() -> None:
    related = rules(inventory({"id": NSG, "properties": {"securityRules": ["odd", security_rule("acr")]}}))

    assert (names(related), why(related)) == (["acr"], "a rule of web is no object")


def test_what_a_rule_does_not_say_is_not_set() -> None:
    of = inventory({"id": NSG, "properties": {"securityRules": [{"name": "bare"}, {}]}})

    related = rules(of)

    assert names(related) == ["bare", "unnamed"]
    assert said(related) == [{"kind": "network"}, {"kind": "network"}]
    text = "{ of: rules, field: properties.direction, exists: true }"
    assert judged(text, of, NSG).truth is Truth.FALSE


@on_each_file("nsg/quickstart/*.json")
def test_no_rule_of_a_published_template_is_lost(path: Path) -> None:
    template = json.loads(path.read_text("utf-8-sig"))
    groups = [each for each in template["resources"] if each["type"].endswith("networkSecurityGroups")]

    for group in groups:
        related = rules(inventory({"id": NSG, "properties": group["properties"]}))
        held = group["properties"]["securityRules"]

        assert names(related) == [rule["name"] for rule in held]
        for rule in said(related):
            assert rule["sources"]
            assert rule["destinations"]
            assert rule["ports"]
            assert rule["access"] in {"Allow", "Deny"}


# ---- a firewall's own collections

NETWORK_RULE: Json = {
    "name": "acr",
    "protocols": ["TCP"],
    "sourceAddresses": ["10.0.0.0/24"],
    "destinationAddresses": ["AzureContainerRegistry.EastUS"],
    "destinationFqdns": ["contoso.azurecr.io"],
    "destinationPorts": ["443"],
}


def test_a_network_collection_lends_its_action_and_priority_to_its_rules() -> None:
    of = inventory(
        firewall(networkRuleCollections=[classic("net", NETWORK_RULE, action="Deny", priority=250)])
    )

    related = rules(of, FIREWALL)

    assert said(related) == [
        {
            "access": "Deny",
            "priority": 250,
            "kind": "network",
            "protocols": ["TCP"],
            "sources": ["10.0.0.0/24"],
            "destinations": ["AzureContainerRegistry.EastUS"],
            "ports": ["443"],
            "fqdns": ["contoso.azurecr.io"],
        }
    ]
    assert related.targets[0].id == f"{FIREWALL}/networkRuleCollections/net/rules/acr"


def test_an_application_rule_has_names_and_pairs_of_protocol_and_port() -> None:
    rule = {
        "name": "web",
        "sourceAddresses": ["*"],
        "protocols": [{"protocolType": "Https", "port": 443}, {"protocolType": "Http", "port": 80}],
        "targetFqdns": ["*.azurecr.io"],
        "fqdnTags": ["AzureKubernetesService"],
    }

    (found,) = said(rules(inventory(firewall(applicationRuleCollections=[classic("app", rule)])), FIREWALL))

    assert (found["kind"], found["protocols"], found["ports"]) == (
        "application",
        ["Https", "Http"],
        ["443", "80"],
    )
    assert (found["fqdns"], found["fqdnTags"]) == (["*.azurecr.io"], ["AzureKubernetesService"])
    assert "direction" not in found


def test_a_nat_rule_lets_traffic_in() -> None:
    rule = {
        "name": "in",
        "protocols": ["TCP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["203.0.113.1"],
    }

    related = rules(inventory(firewall(natRuleCollections=[classic("n", rule, action="Dnat")])), FIREWALL)

    (found,) = said(related)
    assert (found["kind"], found["access"], found["direction"]) == ("nat", "Allow", "Inbound")


def test_a_firewall_without_rules_has_none() -> None:
    assert rules(inventory(firewall()), FIREWALL) == Related()


def test_a_range_of_addresses_becomes_its_prefixes() -> None:
    rule = {
        "name": "r",
        "sourceAddresses": [
            "10.0.0.0-10.0.0.5",
            "10.0.0.9-10.0.0.1",
            "a-b",
            "10.0.0.7-10.0.0.7",
            "10.0.0.1-b",
        ],
    }

    (found,) = said(rules(inventory(firewall(networkRuleCollections=[classic("c", rule)])), FIREWALL))

    assert found["sources"] == [
        "10.0.0.0/30",
        "10.0.0.4/31",
        "10.0.0.9-10.0.0.1",
        "a-b",
        "10.0.0.7/32",
        "10.0.0.1-b",
    ]


def test_a_collection_of_an_unknown_action_may_do_anything() -> None:
    related = rules(
        inventory(firewall(networkRuleCollections=[classic("c", NETWORK_RULE, action="Ponder")])), FIREWALL
    )

    assert (names(related), maybe(related)) == ([], ["the rule acr is of an unknown kind"])


# ---- policies

POLICY_RULE: Json = {
    "ruleType": "NetworkRule",
    "name": "acr",
    "ipProtocols": ["TCP"],
    "sourceAddresses": ["*"],
    "destinationAddresses": ["AzureContainerRegistry"],
    "destinationPorts": ["443"],
}
NAMED: Json = {
    "ruleType": "ApplicationRule",
    "name": "names",
    "protocols": [{"protocolType": "Https", "port": 443}],
    "targetFqdns": ["contoso.azurecr.io"],
}


def with_policy(*rows: Json, **options: Any) -> Inventory:
    own = firewall(firewallPolicy={"id": POLICY.upper()})
    return inventory(own, *rows, **{"collected": ALL, **options})


def test_a_policys_rules_are_the_firewalls() -> None:
    group = collection_group(POLICY, "g", collection("c", POLICY_RULE, NAMED, action="Deny", priority=400))

    related = rules(with_policy(firewall_policy(), group), FIREWALL)

    first, second = said(related)
    assert (first["kind"], first["access"], first["priority"]) == ("network", "Deny", 400)
    assert (first["protocols"], first["destinations"]) == (["TCP"], ["AzureContainerRegistry"])
    assert (second["kind"], second["fqdns"]) == ("application", ["contoso.azurecr.io"])
    target = related.targets[0]
    assert target.id == f"{POLICY}/ruleCollectionGroups/g/ruleCollections/c/rules/acr"
    assert (target.rows[0].source, target.rows[0].api_version) == (Source.RESOURCE_GRAPH, "2024-01-01")
    assert (related.uncertain, related.unseen) == ((), None)


@pytest.mark.parametrize("action", ["DNAT", "SNAT"])
def test_a_policys_translation_lets_traffic_in(action: str) -> None:
    rule = {"ruleType": "NatRule", "name": "in", "destinationAddresses": ["203.0.113.1"]}
    group = collection_group(POLICY, "g", collection("c", rule, action=action))

    (found,) = said(rules(with_policy(firewall_policy(), group), FIREWALL))

    assert (found["kind"], found["access"], found["direction"]) == ("nat", "Allow", "Inbound")


def test_a_rule_of_an_unknown_type_may_be_anything() -> None:
    group = collection_group(POLICY, "g", collection("c", {"ruleType": "Other", "name": "odd"}))

    assert maybe(rules(with_policy(firewall_policy(), group), FIREWALL)) == [
        "the rule odd is of an unknown kind"
    ]


def test_a_policy_inherits_the_rules_of_those_above_it_first() -> None:
    grandparent = PARENT.replace("parent", "grandparent")
    rows = (
        firewall_policy(POLICY, basePolicy={"id": PARENT}),
        firewall_policy(PARENT, basePolicy={"id": grandparent}),
        firewall_policy(grandparent),
        collection_group(POLICY, "a", collection("c", {**POLICY_RULE, "name": "child"})),
        collection_group(PARENT, "b", collection("c", {**POLICY_RULE, "name": "parent"})),
        collection_group(grandparent, "c", collection("c", {**POLICY_RULE, "name": "grandparent"})),
    )

    related = rules(with_policy(*rows), FIREWALL)

    assert names(related) == ["grandparent", "parent", "child"]
    assert related.unseen is None


def test_policies_that_inherit_in_a_circle_come_to_an_end() -> None:
    rows = (
        firewall_policy(POLICY, basePolicy={"id": PARENT}),
        firewall_policy(PARENT, basePolicy={"id": POLICY}),
        collection_group(PARENT, "b", collection("c", POLICY_RULE)),
    )

    assert names(rules(with_policy(*rows), FIREWALL)) == ["acr"]


def test_a_firewalls_own_rules_stand_beside_its_policys() -> None:
    own = firewall(
        firewallPolicy={"id": POLICY}, networkRuleCollections=[classic("c", {**NETWORK_RULE, "name": "own"})]
    )
    of = inventory(
        own, firewall_policy(), collection_group(POLICY, "g", collection("c", POLICY_RULE)), collected=ALL
    )

    assert names(rules(of, FIREWALL)) == ["acr", "own"]


def test_a_policy_that_is_not_here_may_hold_any_rule() -> None:
    own = {**NETWORK_RULE, "name": "own"}
    held = firewall(firewallPolicy={"id": POLICY}, networkRuleCollections=[classic("c", own)])

    uncollected = rules(inventory(held), FIREWALL)
    missing = rules(inventory(held, collected=ALL), FIREWALL)
    elsewhere = rules(inventory(held, collected=ALL, subscriptions=[OTHER_SUBSCRIPTION]), FIREWALL)

    assert names(uncollected) == names(missing) == names(elsewhere) == ["own"]
    assert why(uncollected) == "Microsoft.Network/firewallPolicies was not collected"
    assert why(missing) == "child is not in the scanned scope"
    assert why(elsewhere) == "child lies outside of the scanned subscriptions"


def test_a_base_policy_that_is_not_here_may_hold_any_rule() -> None:
    rows = (
        firewall_policy(POLICY, basePolicy={"id": PARENT}),
        collection_group(POLICY, "g", collection("c", POLICY_RULE)),
    )

    related = rules(with_policy(*rows), FIREWALL)

    assert (names(related), why(related)) == (["acr"], "parent is not in the scanned scope")


def test_groups_that_were_not_collected_may_hold_any_rule() -> None:
    related = rules(with_policy(firewall_policy(), collected={POLICIES, IP_GROUPS}), FIREWALL)

    assert why(related) == "Microsoft.Network/firewallPolicies/ruleCollectionGroups was not collected"


def test_a_gap_tells_why_groups_are_unseen() -> None:
    gap = Gap(COLLECTION_GROUPS, SUBSCRIPTION, "refused", "add Reader")

    assert why(rules(with_policy(firewall_policy(), gaps=[gap]), FIREWALL)) == "refused"


def test_a_group_that_the_policy_lists_and_nobody_has_seen_may_hold_any_rule() -> None:
    seen = f"{POLICY}/ruleCollectionGroups/g".upper()
    listed = [{"id": seen}, {"id": f"{POLICY}/ruleCollectionGroups/hidden"}]
    rows = (
        firewall_policy(ruleCollectionGroups=listed),
        collection_group(POLICY, "g", collection("c", POLICY_RULE)),
    )

    related = rules(with_policy(*rows), FIREWALL)

    assert names(related) == ["acr"]
    assert why(related) == "the rule collection group hidden of child could not be seen"


def test_a_group_in_a_failed_state_may_hold_rules_that_its_row_lacks() -> None:
    group = collection_group(POLICY, "g")
    group["properties"] = {"provisioningState": "Failed"}

    related = rules(with_policy(firewall_policy(), group), FIREWALL)

    assert why(related) == "the resource is in provisioningState Failed, whose rows are not whole"


# ---- IP groups

GROUPED: Json = {
    "ruleType": "NetworkRule",
    "name": "grouped",
    "ipProtocols": ["TCP"],
    "sourceAddresses": ["10.0.0.1"],
    "sourceIpGroups": [IP_GROUP],
    "destinationIpGroups": [IP_GROUP],
}


def test_ip_groups_are_the_addresses_in_them() -> None:
    group = {"id": IP_GROUP, "properties": {"ipAddresses": ["20.42.66.0/24", "10.1.0.0-10.1.0.1"]}}
    rows = firewall_policy(), collection_group(POLICY, "g", collection("c", GROUPED)), group

    related = rules(with_policy(*rows), FIREWALL)

    (found,) = said(related)
    assert found["sources"] == ["10.0.0.1", "20.42.66.0/24", "10.1.0.0/31"]
    assert found["destinations"] == ["20.42.66.0/24", "10.1.0.0/31"]
    assert related.uncertain == ()


def test_an_empty_ip_group_holds_nothing() -> None:
    rows = (
        firewall_policy(),
        collection_group(POLICY, "g", collection("c", GROUPED)),
        {"id": IP_GROUP, "properties": {}},
    )

    related = rules(with_policy(*rows), FIREWALL)

    assert (said(related)[0]["sources"], related.uncertain) == (["10.0.0.1"], ())


def test_an_unseen_ip_group_may_hold_any_address() -> None:
    rows = (
        firewall_policy(),
        collection_group(POLICY, "g", collection("c", {**GROUPED, "destinationIpGroups": []})),
    )
    of = with_policy(*rows, collected={POLICIES, COLLECTION_GROUPS})

    related = rules(of, FIREWALL)

    assert said(related)[0]["sources"] == ["10.0.0.1"]
    assert maybe(related) == [
        (
            "the IP group builders could not be seen (Microsoft.Network/ipGroups was not collected), "
            "which the rule grouped names"
        )
    ]
    wanted = "{ field: properties.sources, insideServiceTag: AzureContainerRegistry.eastus }"
    assert judged(f"{{ of: rules, allOf: [{wanted}] }}", of, FIREWALL).truth is Truth.UNKNOWN


def test_an_ip_group_without_a_row_may_hold_any_address_too() -> None:
    rows = firewall_policy(), collection_group(POLICY, "g", collection("c", GROUPED))

    assert len(rules(with_policy(*rows), FIREWALL).uncertain) == 2
