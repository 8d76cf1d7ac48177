"""An agent pool reaches what its runs need past its group, along its routes and through a firewall."""

from typing import Any

import pytest
from engine_rows import POOL, REGISTRY, Json, inventory, tag_table, world
from network_rows import ALL, FIREWALL, NETWORK, NSG, POLICY, classic, firewall, nsg, security_rule

from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Gap
from scanner.model.resource import Related

SPOKE, HUB = f"{NETWORK}/virtualNetworks/spoke", f"{NETWORK}/virtualNetworks/hub"
AGENTS = f"{SPOKE}/subnets/agents"
TABLE = f"{NETWORK}/routeTables/out"
FIREWALL_SUBNET = f"{HUB}/subnets/AzureFirewallSubnet"
APPLIANCE = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4"}

TAGS = tag_table(
    {
        "AzureKeyVault": ["20.21.0.0/24", "20.22.0.0/24"],
        "AzureKeyVault.EastUS": ["20.21.0.0/24"],
        "Storage": ["20.60.0.0/24", "20.38.98.0/24"],
        "Storage.EastUS": ["20.60.0.0/24"],
        "Storage.WestUS": ["20.38.98.0/24"],
        "AzureContainerRegistry": ["20.42.66.0/24"],
        "EventHub": ["13.69.0.0/24"],
        "EventHub.EastUS": ["13.69.0.0/25"],
        "AzureActiveDirectory": ["20.190.0.0/24", "40.126.0.0/24"],
        "AzureCloud": ["20.21.0.0/24", "20.60.0.0/24", "13.69.0.0/24", "20.190.0.0/24"],
        "AzureMonitor": ["13.71.0.0/24"],
    }
)
SERVICES = ("AzureKeyVault.eastus", "Storage.eastus", "EventHub.eastus", "AzureActiveDirectory")


def registry(location: str | None = "eastus") -> Json:
    return {"id": REGISTRY, "location": location, "properties": {}}


def pool() -> Json:
    return {"id": POOL, "location": "eastus", "properties": {"virtualNetworkSubnetResourceId": AGENTS}}


def network(*, group: bool = False, table: bool = False, peer: str | None = HUB, **subnet: Any) -> Json:
    """The pool's network, which is peered with the hub."""
    held: Json = {"addressPrefix": "10.1.2.0/24", **subnet}
    held |= {"networkSecurityGroup": {"id": NSG}} if group else {}
    held |= {"routeTable": {"id": TABLE}} if table else {}
    peering: Json = {"peeringState": "Connected", "remoteVirtualNetwork": {"id": peer}}
    return {
        "id": SPOKE,
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [{"id": AGENTS, "properties": held}],
            "virtualNetworkPeerings": [{"name": "hub", "properties": peering}] if peer else [],
        },
    }


def routes(*held: tuple[str, Json]) -> Json:
    made = [
        {"name": f"r{index}", "properties": {"addressPrefix": prefix, **hop}}
        for index, (prefix, hop) in enumerate(held)
    ]
    return {"id": TABLE, "properties": {"routes": made}}


def related(
    *rows: Json, relation: str = "servicesOutOfReach", tags: TagTable | None = TAGS, **more: Any
) -> Related:
    of = inventory(pool(), *rows, **{"collected": ALL, **more})
    return world(of, tags).related(of.resources[POOL.lower()], relation)


def problems(found: Related) -> list[str]:
    """Each problem after the name of what is wrong; nothing else may be."""
    assert (found.uncertain, found.unseen) == ((), None)
    return [f"{each.name}: {each.rows[0].body['properties']['problem']}" for each in found.targets]


def doubts(found: Related) -> list[str]:
    assert found.targets == ()
    return [each.reason for each in (*found.uncertain, *filter(None, [found.unseen]))]


# ---- the subnet's group

CLOSED = security_rule("closed", access="Deny", priority=4000, protocol="*", destinationPortRange="*")


def allow(*tags: str, **more: Any) -> list[Json]:
    return [
        security_rule(f"to-{tag}", priority=100 + index, **{"destinationAddressPrefix": tag, **more})
        for index, tag in enumerate(tags)
    ]


def past(*rules: Json, of: Json | None = None, **more: Any) -> Related:
    """What comes of a group's rules."""
    return related(of or registry(), network(group=True), nsg(*rules), **more)


def kept(*tags: str) -> list[str]:
    """The problems where the last rule of the group denies tags."""
    return [
        f"closed: keeps the subnet agents from {tag} on port 443 (Deny, priority 4000 in web)" for tag in tags
    ]


def test_a_group_that_allows_the_four_services_lets_the_pool_out() -> None:
    assert past(*allow("AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory"), CLOSED) == Related()


def test_the_monitor_is_not_asked_for() -> None:
    monitor = security_rule("no-logs", access="Deny", destinationAddressPrefix="AzureMonitor")

    assert past(monitor) == Related()


def test_the_registrys_region_of_a_service_suffices_and_another_does_not() -> None:
    regional = allow("AzureKeyVault.EastUS", "Storage.EastUS", "EventHub.EastUS", "AzureActiveDirectory")
    west = allow("AzureKeyVault.EastUS", "Storage.WestUS", "EventHub.EastUS", "AzureActiveDirectory")

    assert past(*regional, CLOSED) == past(*regional, CLOSED, tags=tag_table(None)) == Related()
    assert problems(past(*west, CLOSED)) == kept("Storage.eastus")


def test_where_the_registrys_region_is_not_known_all_regions_are_asked_for() -> None:
    regional = allow("AzureKeyVault.EastUS", "Storage", "EventHub", "AzureActiveDirectory")

    assert problems(past(*regional, CLOSED, of=registry(None))) == kept("AzureKeyVault")


def test_everything_that_is_denied_is_named() -> None:
    assert problems(past(CLOSED)) == kept(*SERVICES)
    assert past(CLOSED).targets[0].id == f"{NSG}/securityRules/closed"


def test_azure_cloud_lacks_a_part_of_the_directory() -> None:
    assert problems(past(*allow("AzureCloud"), CLOSED)) == kept("AzureActiveDirectory")
    assert len(doubts(past(*allow("AzureCloud"), CLOSED, tags=tag_table(None)))) == 4


@pytest.mark.parametrize("near", ["10.1.2.0/24", "10.1.0.0/16", "VirtualNetwork", "*"])
def test_rules_for_the_subnet_or_its_network_are_for_the_pool(near: str) -> None:
    four = allow("AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory", sourceAddressPrefix=near)

    assert past(*four, CLOSED) == Related()


def test_a_denial_for_another_subnet_or_towards_a_group_of_machines_is_none() -> None:
    members = [{"id": f"{NETWORK}/applicationSecurityGroups/web"}]
    other = security_rule("other", access="Deny", sourceAddressPrefix="10.1.9.0/24")
    towards = security_rule(
        "towards", access="Deny", destinationAddressPrefix=None, destinationApplicationSecurityGroups=members
    )

    assert past(other, towards) == Related()


def test_a_subnet_that_shows_no_prefix_has_one_of_its_networks() -> None:
    bare = network(group=True, addressPrefix=None)
    denial = security_rule("half", access="Deny", sourceAddressPrefix="10.1.2.0/24")

    assert len(doubts(related(registry(), bare, nsg(denial)))) == 4
    other = security_rule("other", access="Deny", sourceAddressPrefix="10.9.0.0/16")
    assert related(registry(), bare, nsg(other)) == Related()


def test_a_subnet_may_have_several_prefixes() -> None:
    several = network(group=True, addressPrefix=None, addressPrefixes=["10.1.2.0/24", "10.1.3.0/24"])
    denial = security_rule("half", access="Deny", sourceAddressPrefix="10.1.0.0/20")

    assert len(problems(related(registry(), several, nsg(denial)))) == 4


def test_a_rule_that_cannot_be_compared_leaves_it_open() -> None:
    denial = security_rule("no-bus", access="Deny", destinationAddressPrefix="ServiceBus")

    assert doubts(past(denial))[1] == (
        "web may let Storage.eastus out on port 443; no-bus (Deny, priority 100) cannot be compared with it"
    )


def test_a_group_that_is_not_here_or_whose_rules_are_unseen_leaves_it_open() -> None:
    gap = Gap("microsoft.network/networksecuritygroups/properties.securityRules", "", "refused")

    assert doubts(related(registry(), network(group=True))) == [
        "Microsoft.Network/networkSecurityGroups was not collected"
    ]
    assert doubts(related(registry(), network(group=True), {"id": NSG, "properties": {}}, gaps=[gap])) == [
        "refused"
    ]


# ---- routes


def along(*held: tuple[str, Json], **more: Any) -> Related:
    """What comes of routes."""
    return related(registry(), network(table=True), routes(*held), **more)


NOWHERE = {"nextHopType": "None"}
STRAIGHT = {"nextHopType": "Internet"}
GATEWAY = {"nextHopType": "VirtualNetworkGateway"}


@pytest.mark.parametrize(
    ("prefix", "hop"),
    [
        ("0.0.0.0/0", STRAIGHT),
        ("10.0.0.0/8", APPLIANCE),
        ("20.0.0.0/8", {"nextHopType": "VnetLocal"}),
        ("::/0", NOWHERE),
    ],
)
def test_a_straight_route_and_one_to_private_addresses_leave_the_way_open(prefix: str, hop: Json) -> None:
    assert along((prefix, hop)) == along((prefix, hop), relation="detours") == Related()


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "Storage.EastUS", "20.0.0.0/8"])
@pytest.mark.parametrize("hop", [APPLIANCE, GATEWAY, NOWHERE])
def test_a_route_to_somebody_else_is_a_detour(prefix: str, hop: Json) -> None:
    found = along((prefix, hop), ("0.0.0.0/1", STRAIGHT), relation="detours")

    assert problems(found) == [f"r0: sends {prefix.lower()} to a {hop['nextHopType']}"]
    assert found.targets[0].id == f"{TABLE}/routes/r0"


def test_a_route_that_leads_nowhere_drops_what_takes_it() -> None:
    assert problems(along(("20.60.0.128/25", NOWHERE))) == [
        "r0: drops what the subnet agents sends to Storage.eastus"
    ]
    assert [each.split()[-1] for each in problems(along(("0.0.0.0/0", NOWHERE)))] == [*SERVICES]


def test_a_route_to_a_gateway_leaves_it_open() -> None:
    assert doubts(along(("0.0.0.0/0", GATEWAY))) == [
        f"the route r0 sends {tag} to a VirtualNetworkGateway" for tag in SERVICES
    ]


def test_the_longest_prefix_wins() -> None:
    straight = [
        (tag, STRAIGHT) for tag in ("AzureKeyVault", "Storage.EastUS", "EventHub", "AzureActiveDirectory")
    ]

    assert along(("0.0.0.0/0", NOWHERE), *straight) == Related()
    assert len(problems(along(("0.0.0.0/0", NOWHERE), *straight, ("20.60.0.0/30", NOWHERE)))) == 1
    assert along(("20.60.0.0/23", NOWHERE), ("20.60.0.0/24", STRAIGHT)) == Related()
    assert len(problems(along(("20.60.0.0/24", NOWHERE), ("Storage.EastUS", STRAIGHT)))) == 1


def test_without_a_table_a_route_by_name_or_by_default_is_followed_alone() -> None:
    none = tag_table(None)
    straight = [
        (tag, STRAIGHT) for tag in ("AzureKeyVault", "Storage.EastUS", "EventHub", "AzureActiveDirectory")
    ]

    assert len(problems(along(("0.0.0.0/0", NOWHERE), tags=none))) == 4
    assert along(("0.0.0.0/0", NOWHERE), *straight, tags=none) == Related()
    assert doubts(along(("0.0.0.0/0", NOWHERE), ("20.0.0.0/8", STRAIGHT), tags=none)) == [
        "no service tags are at hand"
    ]


def test_a_route_for_a_tag_that_is_not_listed_may_take_anything() -> None:
    assert doubts(along(("0.0.0.0/0", STRAIGHT), ("Sql", NOWHERE))) == [
        "where the route r1 leads is not known: the service tags have no sql"
    ]


def test_a_service_endpoint_leads_past_the_routes() -> None:
    endpoints = [
        {"service": "Microsoft.KeyVault", "locations": ["*"], "provisioningState": "Succeeded"},
        {"service": "Microsoft.Storage", "locations": ["eastus", "westus"]},
        {"service": "Microsoft.EventHub", "locations": ["*"]},
        {"service": "Microsoft.AzureActiveDirectory", "locations": ["*"]},
    ]

    def dropped(*held: Json) -> list[str]:
        rows = network(table=True, serviceEndpoints=[*held]), routes(("0.0.0.0/0", NOWHERE))
        return [each.split()[-1] for each in problems(related(registry(), *rows))]

    assert dropped(*endpoints) == ["AzureActiveDirectory"]
    west = {"service": "Microsoft.Storage", "locations": ["westus"]}
    everywhere = {"service": "microsoft.storage.global", "locations": ["westus"]}
    assert dropped(endpoints[0], endpoints[2], west) == ["Storage.eastus", "AzureActiveDirectory"]
    assert dropped(endpoints[0], endpoints[2], everywhere) == ["AzureActiveDirectory"]
    late = {**endpoints[0], "provisioningState": "Updating"}
    assert dropped(late, endpoints[1], endpoints[2]) == ["AzureKeyVault.eastus", "AzureActiveDirectory"]


def test_a_route_table_that_is_not_here_may_lead_anywhere() -> None:
    for relation in ("detours", "servicesOutOfReach"):
        assert doubts(related(registry(), network(table=True), relation=relation)) == [
            "Microsoft.Network/routeTables was not collected"
        ]


def test_a_subnet_that_virtual_network_manager_routes_has_a_route_table() -> None:
    managed = {"id": f"{AGENTS}/effectiveRoutingRules/default", "properties": {}}
    reason = "Virtual Network Manager routes the subnet agents, whose route table does not show"

    assert doubts(related(registry(), network(), managed)) == [reason]
    assert doubts(related(registry(), network(), managed, relation="detours")) == [reason]
    assert related(registry(), network(table=True), routes(("0.0.0.0/0", STRAIGHT)), managed) == Related()


# ---- the firewall behind a route

TO_ALL: Json = {
    "name": "agents",
    "protocols": ["TCP"],
    "sourceAddresses": ["10.1.0.0/16"],
    "destinationAddresses": ["AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory"],
    "destinationPorts": ["443"],
}


def hub(*rules: Json, address: str = "10.0.0.4", subnet: str | None = FIREWALL_SUBNET, **more: Any) -> Json:
    """A firewall in the hub, with network rules of its own."""
    configuration: Json = {"privateIPAddress": address, **({"subnet": {"id": subnet}} if subnet else {})}
    held = firewall(networkRuleCollections=[classic("net", *rules)], **more)
    held["properties"]["ipConfigurations"] = [{"name": "c", "properties": configuration}]
    return held


def through(*rows: Json, of: Json | None = None, hop: Json | None = None, **more: Any) -> Related:
    """What comes of a route to an appliance."""
    return related(
        registry(), of or network(table=True), routes(("0.0.0.0/0", hop or APPLIANCE)), *rows, **more
    )


def test_a_firewall_that_allows_the_services_lets_the_pool_out() -> None:
    assert through(hub(TO_ALL)) == Related()


def test_a_firewall_without_such_rules_keeps_the_pool_from_each() -> None:
    found = through(hub({**TO_ALL, "destinationAddresses": ["Storage.EastUS", "AzureContainerRegistry"]}))

    assert problems(found) == [
        (
            f"hub: keeps the subnet agents from {tag} on port 443, by having no rule that allows it; "
            "the route r0 leads through it"
        )
        for tag in SERVICES
        if tag != "Storage.eastus"
    ]
    assert found.targets[0].id == FIREWALL


@pytest.mark.parametrize(
    "changes",
    [
        {"sourceAddresses": ["10.9.0.0/16"]},
        {"protocols": ["UDP"]},
        {"destinationPorts": ["8443"]},
        {"destinationAddresses": ["20.60.0.0/25"]},
    ],
)
def test_a_rule_for_others_or_another_port_is_none(changes: Json) -> None:
    assert len(problems(through(hub({**TO_ALL, **changes})))) == 4


def test_a_firewall_that_denies_is_named_with_the_rule() -> None:
    denial = firewall(
        networkRuleCollections=[
            classic("late", TO_ALL, priority=400),
            classic("early", {**TO_ALL, "name": "no-vault", "destinationAddresses": ["AzureKeyVault"]},
                    action="Deny", priority=200),
        ]
    )  # fmt: skip
    denial["properties"]["ipConfigurations"] = hub()["properties"]["ipConfigurations"]

    assert problems(through(denial)) == [
        (
            "hub: keeps the subnet agents from AzureKeyVault.eastus on port 443, "
            "by no-vault (Deny, priority 200); the route r0 leads through it"
        )
    ]


def test_an_appliance_that_is_no_firewall_here_leaves_it_open() -> None:
    appliance = "the route r0 sends traffic to a VirtualAppliance at 10.0.0.4"
    elsewhere = f"{appliance}, which is no firewall of the scanned scope"

    assert doubts(through()) == doubts(through(hub(TO_ALL, address="10.0.0.5"))) == [elsewhere]
    assert doubts(through(hop={"nextHopType": "VirtualAppliance"})) == [
        "the route r0 sends traffic to a VirtualAppliance, whose address does not show"
    ]


def test_a_firewall_of_a_network_that_is_not_connected_is_another() -> None:
    lonely = network(table=True, peer=None)

    assert len(doubts(through(hub(TO_ALL), of=lonely))) == 1
    back = {
        "id": HUB,
        "properties": {
            "virtualNetworkPeerings": [
                {"properties": {"peeringState": "Connected", "remoteVirtualNetwork": {"id": SPOKE}}}
            ]
        },
    }
    assert through(hub(TO_ALL), back, of=lonely) == Related()
    own = hub(TO_ALL, subnet=f"{SPOKE}/subnets/AzureFirewallSubnet")
    assert through(own, of=lonely) == Related()


def test_a_firewall_that_shows_no_subnet_is_where_its_address_lies() -> None:
    own = hub(TO_ALL, address="10.1.9.4", subnet=None)
    away = hub(TO_ALL, subnet=None)
    known = network(table=True)
    known["properties"]["virtualNetworkPeerings"][0]["properties"]["remoteAddressSpace"] = {
        "addressPrefixes": ["10.0.0.0/16"]
    }

    assert through(own, hop={**APPLIANCE, "nextHopIpAddress": "10.1.9.4"}) == Related()
    assert len(doubts(through(away))) == 1
    assert through(away, of=known) == Related()


def test_two_firewalls_with_the_address_leave_it_open() -> None:
    other = {**hub(TO_ALL), "id": f"{FIREWALL}2"}

    assert doubts(through(hub(TO_ALL), other)) == [
        "the route r0 sends traffic to a VirtualAppliance at 10.0.0.4, which several firewalls have"
    ]


def test_rules_of_a_policy_that_is_not_here_may_decide_anything() -> None:
    held = hub(TO_ALL, firewallPolicy={"id": POLICY})

    assert doubts(through(held))[1] == (
        "whether hub lets Storage.eastus out on port 443 is not known: child is not in the scanned scope"
    )


def test_a_group_that_denies_fails_wherever_routes_lead() -> None:
    found = related(registry(), network(group=True, table=True), nsg(CLOSED), routes(("0.0.0.0/0", GATEWAY)))

    assert [each.name for each in found.targets] == ["closed"] * 4


# ---- rules of Virtual Network Manager

MANAGER = f"{NETWORK}/networkManagers/avnm/securityAdminConfigurations/baseline"


def applied(key: str = "effectiveSecurityAdminConfigurations", name: str = "id") -> Json:
    """The row by which Resource Graph says which configurations apply to the network."""
    identifier = f"{SPOKE}/providers/Microsoft.Network/effectiveSecurityAdminRules/default"
    return {"id": identifier, "properties": {key: [{name: f"{MANAGER}/snapshots/7"}]}}


def admin_rule(access: str = "Deny", to: str = "Storage", **properties: Any) -> Json:
    known: Json = {
        "access": access,
        "direction": "Outbound",
        "priority": 10,
        "protocol": "Tcp",
        "sources": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
        "destinations": [{"addressPrefix": to, "addressPrefixType": "ServiceTag"}],
        "destinationPortRanges": ["443"],
    }
    identifier = f"{MANAGER}/ruleCollections/rc/rules/no-storage/snapshots/1"
    return {"id": identifier, "properties": {**known, **properties}}


BEFORE = (
    "the rule no-storage (Deny, priority 10) of Virtual Network Manager may come before the security group"
)


def managed(*rows: Json, relation: str = "servicesOutOfReach", **more: Any) -> Related:
    return related(registry(), network(), *rows, relation=relation, **more)


@pytest.mark.parametrize(
    "key", ["effectiveSecurityAdminConfigurations", "EffectiveSecurityAdminConfigurations"]
)
@pytest.mark.parametrize("name", ["id", "Id"])
def test_an_admin_rule_that_touches_a_service_leaves_it_open(key: str, name: str) -> None:
    rows = applied(key, name), admin_rule()

    assert doubts(managed(*rows)) == doubts(managed(*rows, relation="adminRules")) == [BEFORE]


def test_keys_of_admin_rules_may_be_written_in_capitals() -> None:
    rule = admin_rule()
    pascal = {name[0].upper() + name[1:]: value for name, value in rule["properties"].items()}

    assert doubts(managed(applied(), {**rule, "properties": pascal})) == [BEFORE]


def test_an_admin_rule_that_always_allows_may_undo_a_denial_of_the_group() -> None:
    rows = network(group=True), nsg(CLOSED), applied(), admin_rule("AlwaysAllow")

    found = related(registry(), *rows)

    assert [each.reason for each in found.uncertain] == [BEFORE.replace("Deny", "AlwaysAllow")]
    assert [each.rows[0].body["properties"]["problem"].split()[5] for each in found.targets] == [
        "AzureKeyVault.eastus", "EventHub.eastus", "AzureActiveDirectory",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"access": "Allow"},
        {"direction": "Inbound"},
        {"protocol": "Udp"},
        {"destinationPortRanges": ["22"]},
        {"destinations": [{"addressPrefix": "AzureMonitor"}]},
        {"sources": [{"addressPrefix": "10.9.0.0/16"}]},
    ],
)
def test_an_admin_rule_about_something_else_decides_nothing(changes: Json) -> None:
    assert managed(applied(), admin_rule(**changes)) == Related()


@pytest.mark.parametrize(
    "changes",
    [
        {"destinations": [], "destinationPortRanges": [], "sources": None, "protocol": "Any"},
        {"direction": None},
        {"access": None},
        {"sources": [{"addressPrefix": f"{NETWORK}/networkGroups/x", "addressPrefixType": "NetworkGroup"}]},
    ],
)
def test_an_admin_rule_that_does_not_say_may_be_about_everything(changes: Json) -> None:
    assert doubts(managed(applied(), admin_rule(**changes))) != []


def test_admin_rules_that_are_not_here_may_be_about_everything() -> None:
    reason = (
        "rules of Virtual Network Manager apply to the network spoke before its security groups, "
        "and they are not in the scanned scope"
    )
    odd = {**applied(), "properties": {"effectiveSecurityAdminConfigurations": [{}]}}

    assert doubts(managed(applied())) == doubts(managed(odd, admin_rule())) == [reason]
    assert doubts(managed({**applied(), "properties": {}}, admin_rule())) == [reason]


def test_a_network_to_which_no_configuration_applies_has_no_admin_rules() -> None:
    none = {**applied(), "properties": {"effectiveSecurityAdminConfigurations": []}}

    assert managed(none, admin_rule()) == managed(admin_rule()) == Related()
    elsewhere = {**applied(), "id": applied()["id"].replace("spoke", "hub")}
    assert managed(elsewhere, admin_rule()) == Related()


def test_admin_rules_that_were_refused_may_be_there() -> None:
    gaps = [Gap("microsoft.network/effectivesecurityadminrules", "", "refused")]

    assert doubts(managed(gaps=gaps)) == doubts(managed(gaps=gaps, relation="adminRules")) == ["refused"]
