"""Registries in every sort of disorder, drawn from a seed: rules, tasks, pools, endpoints, regions, SKUs."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from scanner.model.inventory import Inventory, Read, by_id
from scanner.model.resource import Row, Source, type_of_id
from scanner.network.service_tags import ServiceTags, parse_service_tags

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg"
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"

REGIONS: Mapping[str, Sequence[str]] = {
    "EastUS": ["20.42.66.0/24", "20.42.67.0/24", "20.42.74.64/26", "40.71.10.216/29", "52.168.114.0/24"],
    "UKSouth": ["51.105.66.0/24", "51.105.67.0/25", "51.105.67.128/25", "51.132.192.0/29"],
    "NorwayEast": ["51.120.98.0/23", "51.120.100.64/26"],
}
TYPES = (
    "registries",
    "registries/agentpools",
    "registries/replications",
    "registries/tasks",
    "registries/webhooks",
)


def service_tags() -> ServiceTags:
    """Regional tags whose prefixes are not the fewest."""
    everything = [prefix for prefixes in REGIONS.values() for prefix in prefixes]
    values = [
        {"name": name, "id": name, "properties": {"addressPrefixes": list(prefixes)}}
        for name, prefixes in {
            "AzureContainerRegistry": everything,
            **{f"AzureContainerRegistry.{region}": prefixes for region, prefixes in REGIONS.items()},
        }.items()
    ]
    return parse_service_tags({"cloud": "Public", "values": values}, source="file", published=None)


def estate(seed: int) -> Inventory:
    """One registry and what is around it."""
    random = Random(seed)
    rows = list(_rows(random))
    key = rows[0].id.lower()
    reads = [
        Read(key, what, "2026-03-01-preview", 200, 0)
        for what in ("agentPools", "cacheRules", "diagnosticSettings")
        if random.random() < 0.8
    ]
    collected = {f"microsoft.containerregistry/{name}" for name in TYPES} | {
        "microsoft.network/privateendpoints",
        "microsoft.network/virtualnetworks",
        "microsoft.network/networksecuritygroups",
        "microsoft.network/azurefirewalls",
        "microsoft.containerinstance/containergroups",
        "microsoft.machinelearningservices/workspaces",
        "microsoft.security/pricings",
    }
    if random.random() < 0.5:
        collected |= {"microsoft.authorization/roleassignments", "microsoft.authorization/roledefinitions"}
    return Inventory(
        by_id(rows), frozenset(collected), reads=tuple(reads), subscriptions=frozenset({SUBSCRIPTION})
    )


def _rows(random: Random) -> Iterator[Row]:
    region = random.choice([*REGIONS, "AustraliaEast"])
    name = f"mend{random.randrange(10**6)}"
    identifier = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}"
    endpoint = random.random() < 0.4
    network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
    yield _registry(random, identifier, region, endpoint=endpoint)
    if endpoint:
        place = {"subnet": {"id": f"{network}/subnets/endpoints"}}
        yield _row(f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe", place, region.lower())
        yield _row(network, {"subnets": [], "virtualNetworkPeerings": []}, region.lower())
    pools = []
    for number in range(random.choice([0, 0, 1, 2])):
        pools.append(f"pool-{number}")
        yield _pool(random, f"{identifier}/agentPools/pool-{number}", network, region.lower())
    for number in range(random.choice([0, 1, 1, 2, 3])):
        yield _task(random, f"{identifier}/tasks/task-{number}", name, pools, region.lower())
    if random.random() < 0.3:
        workspace = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml"
        yield _row(workspace, {"containerRegistry": identifier}, region.lower())


def _registry(random: Random, identifier: str, region: str, *, endpoint: bool) -> Row:
    name = identifier.rsplit("/", 1)[-1]
    sku = random.choice(["Premium"] * 8 + ["Standard", "Basic"])
    properties: dict[str, Any] = {
        "loginServer": f"{name}.azurecr.io",
        "provisioningState": "Succeeded",
        "adminUserEnabled": random.random() < 0.3,
        "anonymousPullEnabled": random.random() < 0.3,
        "dataEndpointEnabled": random.random() < 0.5,
        "networkRuleBypassAllowedForTasks": random.random() < 0.3,
        "networkRuleBypassOptions": random.choice(["AzureServices", "None"]),
        "publicNetworkAccess": random.choice(["Enabled", "Enabled", "Enabled", "Disabled"]),
        "roleAssignmentMode": random.choice(["LegacyRegistryPermissions", "AbacRepositoryPermissions"]),
        "policies": {
            "exportPolicy": {"status": random.choice(["enabled", "disabled"])},
            "azureADAuthenticationAsArmPolicy": {"status": random.choice(["enabled", "disabled"])},
        },
        "privateEndpointConnections": [],
    }
    if endpoint:
        there = {"privateEndpoint": {"id": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"}}
        state = {"privateLinkServiceConnectionState": {"status": "Approved"}}
        properties["privateEndpointConnections"] = [{"name": "pe", "properties": {**there, **state}}]
    if sku == "Premium":
        rules = [{"action": "Allow", "value": rule} for rule in ip_rules(random, region)]
        subnets = (
            [{"virtualNetworkSubnetResourceId": f"{GROUP}/x/subnets/a"}] if random.random() < 0.1 else []
        )
        properties["networkRuleSet"] = {
            "defaultAction": random.choice(["Allow", "Deny", "Deny", "Deny"]),
            "ipRules": rules,
            "virtualNetworkRules": subnets,
        }
    version = random.choice(["2026-03-01-preview"] * 4 + ["2025-11-01", "2023-07-01"])
    return _row(identifier, properties, region.lower(), version=version, sku={"name": sku})


def ip_rules(random: Random, region: str) -> list[str]:
    """Rules of clients, the home region and another one, with host bits, overlaps, private ones and junk."""
    rules = [
        f"203.0.{random.randrange(256)}.{random.randrange(256)}" for _ in range(random.choice([0, 0, 1, 3]))
    ]
    home = [prefix for prefix in REGIONS.get(region, ()) if random.random() < 0.6]
    rules += home if random.random() < 0.6 else []
    if random.random() < 0.2:
        rules += [prefix.replace(".0/", ".9/") for prefix in home]
    if random.random() < 0.2:
        rules += random.choice(
            [["20.42.64.0/20"], ["51.105.66.0/23"], ["9.0.0.0/8"], ["20.42.66.7", "20.42.66.8/30"]]
        )
    if random.random() < 0.15:
        rules += [random.choice(list(REGIONS[random.choice(list(REGIONS))]))]
    if random.random() < 0.15:
        rules += random.choice(
            [["10.0.0.0/8"], ["192.168.1.7"], ["not a rule"], ["2001:db8::/32"], ["0.0.0.0/0"]]
        )
    if random.random() < 0.3:
        wanted = random.choice([180, 183, 185, 186, 196, 198, 199, 200])
        rules += [f"198.18.{number // 250}.{number % 250}" for number in range(wanted - len(rules))]
    random.shuffle(rules)
    return rules


def _pool(random: Random, identifier: str, network: str, region: str) -> Row:
    properties: dict[str, Any] = {
        "count": random.choice([0, 1, 2]),
        "tier": "S1",
        "os": "Linux",
        "provisioningState": random.choice(["Succeeded", "Succeeded", "Failed"]),
    }
    if random.random() < 0.6:
        properties["virtualNetworkSubnetResourceId"] = f"{network}/subnets/agents"
    return _row(identifier, properties, region, version="2025-03-01-preview")


def _task(random: Random, identifier: str, registry: str, pools: Sequence[str], region: str) -> Row:
    properties: dict[str, Any] = {
        "status": random.choice(["Enabled"] * 5 + ["Disabled"]),
        "platform": {"os": random.choice(["linux"] * 6 + ["Windows"]), "architecture": "amd64"},
        "provisioningState": "Succeeded",
        "isSystemTask": False,
    }
    if random.random() < 0.4:
        properties["agentPoolName"] = random.choice([*pools, "gone", "no such pool!"])
    credentials: dict[str, Any] = {}
    if random.random() < 0.4:
        credentials["sourceRegistry"] = {"loginMode": random.choice(["None", "Default"])}
    if random.random() < 0.3:
        credentials["customRegistries"] = {f"{registry}.azurecr.io": {"identity": "[system]"}}
    if credentials:
        properties["credentials"] = credentials
    kind = random.choice(["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"])
    identity = {"type": kind}
    if "System" in kind:
        identity["principalId"] = "22222222-2222-4222-8222-222222222222"
    return _row(identifier, properties, region, version="2025-03-01-preview", identity=identity)


def _row(
    identifier: str,
    properties: Mapping[str, Any],
    region: str,
    *,
    version: str = "2026-03-01-preview",
    **rest: Any,
) -> Row:
    kind = type_of_id(identifier) or ""
    body = {
        "id": identifier,
        "name": identifier.rsplit("/", 1)[-1],
        "type": kind,
        "location": region,
        **rest,
        "properties": properties,
    }
    return Row(identifier, kind, body, Source.ARM, version)
