"""The network around Contoso's registries: private endpoints and their names, rules of clients, logs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contoso_rows import HUB, SPOKE, endpoint_id, network_id, registry_id, row

from scanner.model.resource import Row, Source

VERSION = "2024-05-01"
POOL_SERVICES = ("AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory", "AzureMonitor")
ENDPOINTS: Mapping[str, str] = {"contosoprod": HUB, "contosoml": SPOKE, "contosonew": SPOKE}
"""The registries with a private endpoint, and the network where it lies."""
LINKED_NAMES = (
    "contosoprod",
    "contosoprod.eastus.data",
    "contosoprod.westeurope.data",
    "contosoprod.uksouth.data",
    "contosoml",
    "contosoml.francecentral.data",
)
"""The records of the private DNS zone, which is linked to the hub and not to the builds."""


def seen(identifier: str, properties: Mapping[str, Any], location: str | None = "eastus") -> Row:
    """A row as Resource Graph shows it."""
    return row(identifier, location, properties, VERSION, source=Source.RESOURCE_GRAPH)


def surroundings() -> Iterator[Row]:
    """All rows of the network."""
    yield from networks()
    yield from (endpoint(name, network) for name, network in ENDPOINTS.items())
    yield from names()
    yield from groups()
    yield from firewalls()
    watcher = f"{network_id('NetworkWatcher_eastus', 'networkWatchers')}/flowLogs/hub"
    yield seen(watcher, {"targetResourceId": HUB, "enabled": True})


def networks() -> Iterator[Row]:
    hub = {"endpoints": {}, "clients": guarded("nsg-clients"), "hooks": guarded("nsg-hooks")}
    routed = {**guarded("nsg-agents"), "routeTable": {"id": network_id("rt-inspect", "routeTables")}}
    builds = {
        "agents": guarded("nsg-agents"),
        "batch": guarded("nsg-batch"),
        "inspected": routed,
        "endpoints": {},
        "nodes": guarded("nsg-nodes"),
        "open": guarded("nsg-open"),
    }
    yield network(HUB, "10.10.0.0/16", SPOKE, hub)
    yield network(SPOKE, "10.20.0.0/16", HUB, builds)
    route = {
        "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": "10.10.9.4",
    }
    yield seen(
        network_id("rt-inspect", "routeTables"), {"routes": [{"name": "all-traffic", "properties": route}]}
    )


def guarded(group: str) -> dict[str, Any]:
    """What a subnet says of its network security group."""
    return {"networkSecurityGroup": {"id": network_id(group, "networkSecurityGroups")}}


def network(identifier: str, space: str, peer: str, subnets: Mapping[str, Mapping[str, Any]]) -> Row:
    peering = {"peeringState": "Connected", "remoteVirtualNetwork": {"id": peer}}
    properties = {
        "provisioningState": "Succeeded",
        "addressSpace": {"addressPrefixes": [space]},
        "virtualNetworkPeerings": [{"name": "peer", "properties": peering}],
        "subnets": [
            {"id": f"{identifier}/subnets/{name}", "name": name, "properties": held}
            for name, held in subnets.items()
        ],
    }
    return seen(identifier, properties)


def endpoint(of: str, network: str) -> Row:
    link = {
        "privateLinkServiceId": registry_id(of),
        "groupIds": ["registry"],
        "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
    }
    properties = {
        "provisioningState": "Succeeded",
        "subnet": {"id": f"{network}/subnets/endpoints"},
        "privateLinkServiceConnections": [{"name": f"pe-{of}", "properties": link}],
        "manualPrivateLinkServiceConnections": [],
    }
    return seen(endpoint_id(f"pe-{of}"), properties)


def names() -> Iterator[Row]:
    """The private DNS zone."""
    zone = network_id("privatelink.azurecr.io", "privateDnsZones")
    yield seen(zone, {"numberOfRecordSets": len(LINKED_NAMES)}, "global")
    link = {"virtualNetwork": {"id": HUB}, "virtualNetworkLinkState": "Completed"}
    yield seen(f"{zone}/virtualNetworkLinks/hub", link, "global")
    for number, name in enumerate(LINKED_NAMES, start=4):
        yield seen(f"{zone}/A/{name}", {"aRecords": [{"ipv4Address": f"10.10.1.{number}"}]}, None)


def rule(name: str, priority: int, access: str, to: str, port: str = "443", **ends: str) -> dict[str, Any]:
    """A rule for what goes out; `source` makes it one for what comes in."""
    properties = {
        "access": access,
        "direction": "Inbound" if "source" in ends else "Outbound",
        "priority": priority,
        "protocol": "Tcp" if access == "Allow" else "*",
        "sourceAddressPrefix": ends.get("source", "*"),
        "sourcePortRange": "*",
        "destinationAddressPrefix": to,
        "destinationPortRange": port,
    }
    return {"name": name, "properties": properties}


def group(name: str, subnet: str, *rules: Mapping[str, Any]) -> Row:
    """A network security group around a subnet."""
    properties = {
        "provisioningState": "Succeeded",
        "securityRules": list(rules),
        "subnets": [{"id": subnet}],
    }
    return seen(network_id(name, "networkSecurityGroups"), properties)


def groups() -> Iterator[Row]:
    """Network security groups: each is judged as one that clients of the registries stand behind."""
    closed = rule("deny-the-rest", 4000, "Deny", "*", "*")
    home = "AzureContainerRegistry.EastUS"
    services = [rule(f"to-{tag}", 100 + index, "Allow", tag) for index, tag in enumerate(POOL_SERVICES)]
    registry = rule("to-the-registry", 110, "Allow", home)
    yield group("nsg-agents", f"{SPOKE}/subnets/agents", *services, registry, closed)
    no_storage = rule("no-storage", 200, "Deny", "Storage", "*")
    yield group(
        "nsg-batch",
        f"{SPOKE}/subnets/batch",
        rule("registry-by-prefix", 110, "Allow", "20.42.66.0/24"),
        no_storage,
    )
    no_internet = rule("no-internet", 4000, "Deny", "Internet", "*")
    microsoft = rule("to-microsofts-registry", 120, "Allow", "MicrosoftContainerRegistry")
    front_door = rule("to-what-serves-it", 130, "Allow", "AzureFrontDoor.FirstParty")
    yield group("nsg-clients", f"{HUB}/subnets/clients", registry, microsoft, front_door, no_internet)
    late = rule("to-the-registry", 4010, "Allow", home)
    yield group("nsg-nodes", f"{SPOKE}/subnets/nodes", microsoft, no_internet, late)
    hook = rule("webhooks", 100, "Allow", "*", source=home)
    yield group("nsg-hooks", f"{HUB}/subnets/hooks", hook)
    yield group(
        "nsg-open", f"{SPOKE}/subnets/open", hook, rule("anybody", 110, "Allow", "*", source="Internet")
    )


def application(name: str, *targets: str) -> dict[str, Any]:
    return {
        "name": name,
        "ruleType": "ApplicationRule",
        "sourceAddresses": ["10.0.0.0/8"],
        "protocols": [{"protocolType": "Https", "port": 443}],
        "targetFqdns": list(targets),
    }


def to_addresses(name: str, addresses: Sequence[str], groups: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "name": name,
        "ruleType": "NetworkRule",
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["10.0.0.0/8"],
        "destinationAddresses": list(addresses),
        "destinationIpGroups": list(groups),
        "destinationPorts": ["443"],
    }


def firewalls() -> Iterator[Row]:
    """One firewall by a policy that inherits from the company's; an older one with rules of its own."""
    company, hub = network_id("fwp-company", "firewallPolicies"), network_id("fwp-hub", "firewallPolicies")
    yield seen(network_id("fw-hub", "azureFirewalls"), {"firewallPolicy": {"id": hub}})
    yield seen(hub, {"basePolicy": {"id": company}})
    yield seen(company, {})
    microsoft = application("microsoft", "mcr.microsoft.com", "*.data.mcr.microsoft.com")
    data = [f"contosoprod.{region}.data.azurecr.io" for region in ("eastus", "uksouth", "westeurope")]
    store = application("storefront", "contosoprod.azurecr.io", *data)
    tag = to_addresses("registries", ["AzureContainerRegistry.WestEurope"])
    for policy, name, rules in ((company, "shared", [microsoft]), (hub, "shop", [store, tag])):
        held = {"name": name, "priority": 300, "action": {"type": "Allow"}, "rules": rules}
        kind = {"ruleCollectionType": "FirewallPolicyFilterRuleCollection"}
        yield seen(
            f"{policy}/ruleCollectionGroups/{name}",
            {"priority": 200, "ruleCollections": [{**kind, **held}]},
            None,
        )
    prefixes = network_id("ipg-registries", "ipGroups")
    yield seen(prefixes, {"ipAddresses": ["20.42.66.0/24", "20.42.67.0/24"]})
    yield seen(
        network_id("fw-branch", "azureFirewalls"),
        {
            "applicationRuleCollections": [
                collection("names", [application("images", "contosobuild.azurecr.io", "mcr.microsoft.com")])
            ],
            "networkRuleCollections": [collection("addresses", [to_addresses("registries", [], [prefixes])])],
        },
    )


def collection(name: str, rules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A collection of a firewall without a policy, whose rules name no kind."""
    plain = [{key: value for key, value in each.items() if key != "ruleType"} for each in rules]
    properties = {"priority": 300, "action": {"type": "Allow"}, "rules": plain}
    return {"name": name, "properties": properties}
