"""An outbound rule for a tag is effective where TCP 443 gets out to all of the tag from its sources."""

from typing import Any

import pytest
from engine_rows import Json, inventory, tag_table, world
from network_rows import ALL, NETWORK, NSG, nsg, security_rule

from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Gap
from scanner.model.resource import Related

TAG, FRONT_DOOR, MICROSOFT = (
    "AzureContainerRegistry",
    "AzureFrontDoor.FirstParty",
    "MicrosoftContainerRegistry",
)
TAGS = tag_table(
    {
        TAG: ["20.42.66.0/24", "13.64.180.0/24"],
        f"{TAG}.EastUS": ["20.42.66.0/24"],
        f"{TAG}.WestUS": ["13.64.180.0/24"],
        "Storage": ["20.60.0.0/24"],
        MICROSOFT: ["204.79.197.0/24"],
        f"{MICROSOFT}.EastUS": ["204.79.197.0/25"],
        FRONT_DOOR: ["13.107.4.0/22"],
    }
)
CLOSED = security_rule(
    "closed",
    access="Deny",
    priority=4000,
    protocol="*",
    destinationAddressPrefix="Internet",
    destinationPortRange="*",
)
HUB = f"{NETWORK}/virtualNetworks/hub"


def allow(to: str = TAG, name: str = "registry", **properties: Any) -> Json:
    return security_rule(name, **{"destinationAddressPrefix": to, "priority": 100, **properties})


def lead(relation: str, owner: Json, *rows: Json, tags: TagTable | None = TAGS, **more: Any) -> Related:
    of = inventory(owner, *rows, **{"collected": ALL, **more})
    return world(of, tags).related(of.resources[owner["id"].lower()], relation)


def problems(related: Related) -> list[str]:
    """Each problem after the name of its rule; nothing else may be wrong."""
    assert (related.uncertain, related.unseen) == ((), None)
    return [f"{each.name}: {each.rows[0].body['properties']['problem']}" for each in related.targets]


def doubts(related: Related) -> list[str]:
    assert related.targets == ()
    return [each.reason for each in (*related.uncertain, *filter(None, [related.unseen]))]


def ineffective(*rules: Json, **more: Any) -> list[str]:
    return problems(lead("ineffectiveTagRules", nsg(*rules), **more))


KEPT = f"closed (Deny, priority 4000) keeps clients from {TAG} on port 443"


# ---- rules for the registry service


@pytest.mark.parametrize("ports", ["443", "*", "400-500"])
@pytest.mark.parametrize("protocol", ["Tcp", "*"])
def test_a_rule_for_443_before_the_denial_is_effective(ports: str, protocol: str) -> None:
    assert ineffective(allow(destinationPortRange=ports, protocol=protocol), CLOSED) == []


def test_a_rule_after_the_denial_has_no_effect() -> None:
    assert ineffective(allow(priority=4090), CLOSED) == [f"registry: has no effect: {KEPT}"]
    assert ineffective(allow(f"{TAG}.EastUS", priority=4090), CLOSED) == [
        f"registry: has no effect: {KEPT.replace(TAG, f'{TAG}.EastUS')}"
    ]


@pytest.mark.parametrize("to", ["Internet", "*", TAG, "20.0.0.0/6"])
def test_a_denial_of_a_part_before_the_rule_takes_its_effect(to: str) -> None:
    denial = security_rule("no", access="Deny", priority=90, destinationAddressPrefix=to)

    assert len(ineffective(allow(), denial)) == 1


def test_a_denial_of_one_region_keeps_a_part_of_the_service_away() -> None:
    denial = security_rule("no-west", access="Deny", priority=90, destinationAddressPrefix=f"{TAG}.WestUS")

    assert ineffective(allow(), denial) == [
        f"registry: has no effect: no-west (Deny, priority 90) keeps clients from {TAG} on port 443"
    ]
    assert ineffective(allow(f"{TAG}.EastUS"), denial) == []


def test_a_denial_of_something_else_takes_nothing() -> None:
    for changes in (
        {"destinationPortRange": "80"},
        {"protocol": "Udp"},
        {"destinationAddressPrefix": "Storage"},
    ):
        denial = security_rule("no", **{"access": "Deny", "priority": 90, **changes})
        assert ineffective(allow(), denial, CLOSED) == []


def test_a_rule_for_another_port_or_protocol_is_named_as_such() -> None:
    assert ineffective(allow(destinationPortRange="80"), CLOSED) == [
        f"registry: is for port 80, and registries answer on 443: {KEPT}"
    ]
    ranges: Json = {"destinationPortRange": None, "destinationPortRanges": ["80", "8080-8090"]}
    assert ineffective(allow(**ranges), CLOSED) == [
        f"registry: is for port 80, 8080-8090, and registries answer on 443: {KEPT}"
    ]
    assert ineffective(allow(protocol="Udp"), CLOSED) == [
        f"registry: is for Udp, and registries answer on TCP: {KEPT}"
    ]


def test_where_the_internet_is_let_out_a_rule_for_another_port_does_no_harm() -> None:
    assert ineffective(allow(destinationPortRange="80")) == []


def test_another_rule_may_let_the_service_out() -> None:
    other = allow("20.42.66.0/24", "east", priority=200), allow(f"{TAG}.WestUS", "west", priority=210)

    assert ineffective(allow(destinationPortRange="80"), *other, CLOSED) == []
    assert len(ineffective(allow(destinationPortRange="80"), other[0], CLOSED)) == 1


def test_every_rule_without_effect_is_named() -> None:
    late = allow(f"{TAG}.EastUS", "east", priority=4010), allow(f"{TAG}.WestUS", "west", priority=4020)

    assert [each.partition(":")[0] for each in ineffective(*late, CLOSED)] == ["east", "west"]


def test_a_rule_is_effective_for_its_own_sources() -> None:
    subnet = {"sourceAddressPrefix": "10.0.1.0/24"}
    members = [{"id": f"{NETWORK}/applicationSecurityGroups/nodes"}]
    nodes: Json = {"sourceAddressPrefix": None, "sourceApplicationSecurityGroups": members}

    assert ineffective(allow(**subnet), CLOSED) == ineffective(allow(**nodes), CLOSED) == []
    other = security_rule("other", access="Deny", priority=90, sourceAddressPrefix="10.0.2.0/24")
    assert ineffective(allow(**subnet), other, CLOSED) == []
    all_of_it = security_rule("all", access="Deny", priority=90, sourceAddressPrefix="10.0.0.0/16")
    assert len(ineffective(allow(**subnet), all_of_it)) == 1
    part = security_rule("part", access="Deny", priority=90, sourceAddressPrefix="10.0.1.0/28")
    assert doubts(lead("ineffectiveTagRules", nsg(allow(**subnet), part))) == [
        f"web may let {TAG} out on port 443; part (Deny, priority 90) cannot be compared with it"
    ]


@pytest.mark.parametrize(
    "changes", [{"access": "Deny"}, {"direction": "Inbound"}, {"destinationAddressPrefix": "Storage"}]
)
def test_a_rule_that_lets_no_client_out_to_the_service_is_not_looked_at(changes: Json) -> None:
    assert ineffective(allow(**{"priority": 4090, **changes}), CLOSED) == []


def test_rules_that_could_not_be_seen_may_have_no_effect() -> None:
    gap = Gap("microsoft.network/networksecuritygroups/properties.securityRules", "", "refused")

    for relation in ("ineffectiveTagRules", "mcrTagRulesAlone"):
        assert doubts(lead(relation, {"id": NSG, "properties": {}}, gaps=[gap])) == ["refused"]


CONFIGURATION = f"{NETWORK}/networkManagers/m/securityAdminConfigurations/c"


BEFORE = "the rule admin (Deny, priority 1) of Virtual Network Manager may come before the security group"


def managed(**properties: Any) -> list[Json]:
    """A rule of Virtual Network Manager for the hub."""
    known: Json = {"access": "Deny", "direction": "Outbound", "priority": 1, "protocol": "Any"}
    rule = f"{CONFIGURATION}/ruleCollections/rc/rules/admin/snapshots/1"
    applied = {"effectiveSecurityAdminConfigurations": [{"id": f"{CONFIGURATION}/snapshots/1"}]}
    return [
        {"id": rule, "properties": {**known, **properties}},
        {
            "id": f"{HUB}/providers/Microsoft.Network/effectiveSecurityAdminRules/default",
            "properties": applied,
        },
    ]


def test_rules_of_virtual_network_manager_may_come_before() -> None:
    group = nsg(allow(), CLOSED, subnets=[{"id": f"{HUB}/subnets/clients"}])
    mcr = nsg(allow("MicrosoftContainerRegistry"), CLOSED, subnets=[{"id": f"{HUB}/subnets/clients"}])

    assert doubts(lead("ineffectiveTagRules", group, *managed())) == [BEFORE]
    assert doubts(lead("mcrTagRulesAlone", mcr, *managed())) == [BEFORE]
    assert lead("ineffectiveTagRules", group, *managed(direction="Inbound")) == Related()


@pytest.mark.parametrize("access", ["Deny", "AlwaysAllow"])
def test_rules_of_virtual_network_manager_may_decide_who_else_comes_in(access: str) -> None:
    inbound: Json = {"direction": "Inbound", "sourceAddressPrefix": TAG}
    hooks, wide = security_rule("hooks", **inbound), security_rule("all", direction="Inbound")
    subnets = [{"id": f"{HUB}/subnets/hooks"}]

    def beside(*rules: Json, **properties: Any) -> Related:
        rows = managed(**{"access": access, "direction": "Inbound", **properties})
        return lead("rulesBesideTheTag", nsg(*rules, subnets=subnets), *rows)

    reason = (
        f"the rule admin ({access}, priority 1) of Virtual Network Manager may come before the security group"
    )
    assert doubts(beside(hooks, wide)) == doubts(beside(hooks)) == [reason]
    for other in ({"destinationPortRanges": ["22"]}, {"protocol": "Udp"}, {"direction": "Outbound"}):
        assert [each.name for each in beside(hooks, wide, **other).targets] == ["all"]
    assert beside(wide) == Related()
