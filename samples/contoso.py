"""Makes samples/snapshots/contoso: the registries of a company that does not exist.

Every verdict and every way of the shipped policies occurs. EastUS has the service tag prefixes of
Microsoft's Tasks article; the other regions have documentation ranges (RFC 5737), which are nobody's.
Run by `make sample`; the tests say when the folder is stale.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner import __version__
from scanner.model.inventory import Inventory, Read, by_id
from scanner.model.resource import Row, Source, type_of_id
from scanner.network.service_tags import parse_service_tags
from scanner.sources.snapshot import Query, Snapshot
from scanner.sources.snapshot_writer import write_snapshot

SHOP, DATA = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
NEW, STABLE, OLD = "2026-03-01-preview", "2025-11-01", "2023-07-01"
TASKS = "2025-03-01-preview"
COLLECTED = "2026-11-16T05:00:00Z"

EAST_US = [
    "20.42.66.0/24",
    "20.42.67.0/24",
    "20.42.74.64/26",
    "20.62.128.0/26",
    "40.71.10.216/29",
    "40.78.226.208/29",
    "40.78.231.0/24",
    "40.79.154.104/29",
    "52.168.112.192/26",
    "52.168.114.0/24",
    "52.168.115.0/24",
    "2603:1030:210:402::90/125",
    "2603:1030:210:402::340/122",
    "2603:1030:210:402::580/121",
    "2603:1030:210:802::90/125",
    "2603:1030:210:802::2c0/122",
    "2603:1030:210:802::400/121",
    "2603:1030:210:c02::90/125",
    "2603:1030:210:c02::400/121",
]
"""The list of the article "Registry with limited public internet access"."""

TAGS = {
    "AzureContainerRegistry.EastUS": ("eastus", EAST_US),
    "AzureContainerRegistry.WestEurope": ("westeurope", ["192.0.2.0/27", "192.0.2.32/27", "2001:db8:1::/48"]),
    "AzureContainerRegistry.FranceCentral": ("centralfrance", ["198.51.100.0/26", "2001:db8:2::/48"]),
    "AzureContainerRegistry.NorwayEast": ("norwaye", ["203.0.113.0/26", "203.0.113.128/29"]),
    "AzureContainerRegistry.UKSouth": ("uksouth", ["203.0.113.64/27"]),
}

COLLECTED_TYPES = (
    ("resources", "microsoft.containerregistry/registries"),
    ("resources", "microsoft.containerregistry/registries/agentpools"),
    ("resources", "microsoft.containerregistry/registries/replications"),
    ("resources", "microsoft.containerregistry/registries/tasks"),
    ("resources", "microsoft.containerregistry/registries/webhooks"),
    ("resources", "microsoft.containerinstance/containergroups"),
    ("resources", "microsoft.machinelearningservices/workspaces"),
    ("resources", "microsoft.network/privateendpoints"),
    ("resources", "microsoft.network/virtualnetworks"),
    ("securityresources", "microsoft.security/pricings"),
)

GRAPH_VERSIONS = {
    "microsoft.containerregistry/registries": OLD,
    "microsoft.containerregistry/registries/agentpools": "2019-06-01-preview",
    "microsoft.containerregistry/registries/replications": OLD,
    "microsoft.containerregistry/registries/tasks": "2019-04-01",
    "microsoft.containerregistry/registries/webhooks": OLD,
}
LATER = frozenset(
    {
        "agentPoolName",
        "anonymousPullEnabled",
        "credentials",
        "isSystemTask",
        "networkRuleBypassAllowedForTasks",
        "roleAssignmentMode",
    }
)
"""What the api-versions above do not return."""


def registry_id(name: str, subscription: str = SHOP, group: str = "rg-registries") -> str:
    return f"{group_id(subscription, group)}/providers/Microsoft.ContainerRegistry/registries/{name}"


def group_id(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def network_id(name: str) -> str:
    return f"{group_id(SHOP, 'rg-network')}/providers/Microsoft.Network/virtualNetworks/{name}"


ASKED_WEBHOOKS: Mapping[str, Mapping[str, Any]] = {
    "fleetupdate": {
        "serviceScheme": "https",
        "serviceHost": "hooks.contoso.com",
        "customHeaderNames": ["Authorization"],
    },
    "fleetaudit": {"serviceScheme": "https", "serviceHost": "audit.contoso.com", "serviceHasQuery": True},
    "fleetchat": {"serviceScheme": "http", "serviceHost": "chat.contoso.com"},
}
"""Webhooks whose address was asked for, with what is kept of it."""

HUB, SPOKE = network_id("vnet-hub"), network_id("vnet-builds")


def row(
    identifier: str, location: str | None, properties: Mapping[str, Any], version: str, **rest: Any
) -> Row:
    """A row as an ARM read shows it; `source=Source.RESOURCE_GRAPH` makes it one of Resource Graph."""
    source = rest.pop("source", Source.ARM)
    kind = type_of_id(identifier) or ""
    body = {
        "id": identifier,
        "name": identifier.rsplit("/", 1)[-1],
        "type": kind,
        **rest,
        "properties": properties,
    }
    if location is not None:
        body["location"] = location
    if source is Source.RESOURCE_GRAPH:
        body |= {
            "resourceGroup": identifier.split("/")[4].lower(),
            "subscriptionId": identifier.split("/")[2],
        }
    return Row(identifier, kind, body, source, version)


def registry(name: str, location: str, *, version: str = NEW, sku: str = "Premium", **settings: Any) -> Row:
    """A registry with Azure's defaults, but for the settings; `ip_rules` and `endpoint` are shorthands."""
    rules, endpoint = settings.pop("ip_rules", []), settings.pop("endpoint", None)
    source = settings.pop("source", Source.ARM)
    action = settings.pop("defaultAction", "Allow")
    properties: dict[str, Any] = {
        "loginServer": f"{name.lower()}.azurecr.io",
        "creationDate": "2024-02-12T09:30:00.0000000Z",
        "provisioningState": "Succeeded",
        "adminUserEnabled": False,
        "policies": {
            "quarantinePolicy": {"status": "disabled"},
            "trustPolicy": {"type": "Notary", "status": "disabled"},
            "retentionPolicy": {"days": 7, "status": "disabled"},
            "exportPolicy": {"status": "enabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "disabled"},
        },
        "encryption": {"status": "disabled"},
        "dataEndpointEnabled": False,
        "dataEndpointHostNames": [],
        "privateEndpointConnections": [] if endpoint is None else [connection(name, endpoint)],
        "publicNetworkAccess": "Enabled",
        "networkRuleBypassOptions": "AzureServices",
        "zoneRedundancy": "Disabled",
    }
    if version >= STABLE:
        properties |= {"anonymousPullEnabled": False, "networkRuleBypassAllowedForTasks": False}
        properties |= {"roleAssignmentMode": "LegacyRegistryPermissions"}
    if sku == "Premium":
        ip_rules = [{"action": "Allow", "value": rule} for rule in rules]
        properties["networkRuleSet"] = {"defaultAction": action, "ipRules": ip_rules}
        if version >= NEW:
            properties["networkRuleSet"]["virtualNetworkRules"] = []
    properties |= settings
    skus = {"name": sku, "tier": sku}
    return row(
        registry_id(name), location, properties, version, sku=skus, tags={"team": "platform"}, source=source
    )


def connection(name: str, endpoint: str, status: str = "Approved") -> dict[str, Any]:
    return {
        "id": f"{registry_id(name)}/privateEndpointConnections/{name}.0a1b2c3d",
        "name": f"{name}.0a1b2c3d",
        "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        "properties": {
            "privateEndpoint": {"id": endpoint},
            "privateLinkServiceConnectionState": {"status": status, "actionsRequired": "None"},
            "provisioningState": "Succeeded",
        },
    }


def task(of: str, name: str, location: str, identity: str = "None", **settings: Any) -> Row:
    """A task with Azure's defaults, but for the settings."""
    source = settings.pop("source", Source.ARM)
    version = settings.pop("version", TASKS)
    identities: dict[str, Any] = {"type": identity}
    if "SystemAssigned" in identity:
        identities["principalId"] = "5a5a5a5a-0000-4000-8000-00000000000a"
    properties = {
        "provisioningState": "Succeeded",
        "creationDate": "2025-09-01T07:00:00.0000000Z",
        "status": "Enabled",
        "platform": {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": {"cpu": 2},
        "timeout": 3600,
        "step": {"type": "EncodedTask", "values": []},
        "trigger": {"timerTriggers": [{"schedule": "0 3 * * *", "status": "Enabled", "name": "nightly"}]},
        "isSystemTask": False,
        **settings,
    }
    return row(
        f"{registry_id(of)}/tasks/{name}", location, properties, version, identity=identities, source=source
    )


def by_identity(server: str, **source: Any) -> dict[str, Any]:
    """The credentials of a task whose system-assigned identity may pass the firewall."""
    return {"sourceRegistry": source, "customRegistries": {server: {"identity": "[system]"}}}


def endpoint(name: str, network: str, target: str) -> Row:
    identifier = f"{group_id(SHOP, 'rg-network')}/providers/Microsoft.Network/privateEndpoints/{name}"
    link = {
        "privateLinkServiceId": registry_id(target),
        "groupIds": ["registry"],
        "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
    }
    properties = {
        "provisioningState": "Succeeded",
        "subnet": {"id": f"{network}/subnets/endpoints"},
        "privateLinkServiceConnections": [{"name": name, "properties": link}],
        "manualPrivateLinkServiceConnections": [],
    }
    return row(identifier, "eastus", properties, "2024-05-01", source=Source.RESOURCE_GRAPH)


def network(identifier: str, space: str, peer: str) -> Row:
    peering = {"peeringState": "Connected", "remoteVirtualNetwork": {"id": peer}}
    properties = {
        "provisioningState": "Succeeded",
        "addressSpace": {"addressPrefixes": [space]},
        "virtualNetworkPeerings": [{"name": "peer", "properties": peering}],
    }
    return row(identifier, "eastus", properties, "2024-05-01", source=Source.RESOURCE_GRAPH)


def registries() -> Iterator[Row]:
    east = [prefix for prefix in EAST_US if ":" not in prefix]
    hub_endpoint = (
        f"{group_id(SHOP, 'rg-network')}/providers/Microsoft.Network/privateEndpoints/pe-contosoprod"
    )
    closed = {"publicNetworkAccess": "Disabled"}
    yield registry("contosoprod", "eastus", endpoint=hub_endpoint, dataEndpointEnabled=True, **closed)
    yield registry(
        "contosobuild", "eastus", defaultAction="Deny", ip_rules=east, networkRuleBypassAllowedForTasks=True
    )
    yield registry("contosolegacy", "eastus", defaultAction="Deny", ip_rules=[*east[:9], "198.18.4.7"])
    yield registry("contosopublic", "westeurope", sku="Basic", adminUserEnabled=True, version=STABLE)
    yield registry("contosodemo", "westeurope", sku="Standard", anonymousPullEnabled=True, version=STABLE)
    yield registry("contosoml", "francecentral", **closed, networkRuleBypassOptions="None")
    yield registry(
        "contosoaci", "norwayeast", defaultAction="Deny", ip_rules=["203.0.113.0/25", "203.0.113.128/29"]
    )
    yield registry("contosocache", "uksouth", **closed, networkRuleBypassOptions="None")
    abac: dict[str, Any] = {
        "roleAssignmentMode": "AbacRepositoryPermissions",
        "networkRuleBypassAllowedForTasks": True,
    }
    hashed = {"loginServer": "contosolabs-h4ghdya5cqesbnbk.azurecr.io"}
    yield registry("contosolabs", "francecentral", **closed, **abac, **hashed)
    yield registry(
        "contosoold", "westeurope", version=OLD, defaultAction="Deny", source=Source.RESOURCE_GRAPH
    )
    yield registry("contosonew", "australiaeast", defaultAction="Deny", ip_rules=["203.0.113.200/29"])
    arm: dict[str, Any] = {"policies": {"azureADAuthenticationAsArmPolicy": {"status": "enabled"}}}
    yield registry("contosoiot", "norwayeast", defaultAction="Deny", ip_rules=["198.51.100.64/28"], **arm)


def children() -> Iterator[Row]:
    pool = {"count": 2, "tier": "S1", "os": "Linux", "provisioningState": "Succeeded"}
    subnet = {"virtualNetworkSubnetResourceId": f"{SPOKE}/subnets/agents"}
    yield row(f"{registry_id('contosoprod')}/agentPools/builders", "eastus", {**pool, **subnet}, TASKS)
    yield row(f"{registry_id('contosoprod')}/agentPools/shared", "eastus", pool, TASKS)
    yield task("contosoprod", "build-storefront", "eastus", agentPoolName="builders")
    yield task("contosoprod", "build-on-shared-pool", "eastus", agentPoolName="shared")
    yield task("contosoprod", "nightly-purge", "eastus")
    yield task("contosoprod", "retired-build", "eastus", status="Disabled")
    passes = by_identity("contosobuild.azurecr.io", loginMode="None")
    yield task("contosobuild", "patch-base-images", "eastus", "SystemAssigned", credentials=passes)
    yield task("contosobuild", "weekly-report", "eastus")
    yield task("contosolegacy", "weekly-scan", "eastus")
    labs = by_identity("contosolabs-h4ghdya5cqesbnbk.azurecr.io", identity="[system]")
    yield task(
        "contosolabs", "train-models", "francecentral", "SystemAssigned, UserAssigned", credentials=labs
    )
    halfway = {"sourceRegistry": {"loginMode": "None"}}
    yield task("contosolabs", "forgot-credential", "francecentral", "SystemAssigned", credentials=halfway)
    yield task("contosoold", "sync", "westeurope", version="2019-04-01", source=Source.RESOURCE_GRAPH)
    hook = {"status": "enabled", "scope": "", "actions": ["push"], "provisioningState": "Succeeded"}
    yield row(f"{registry_id('contosoprod')}/webhooks/deploystore", "eastus", hook, STABLE)
    for name, address in ASKED_WEBHOOKS.items():
        shown = {"serviceHasUserInfo": False, "serviceHasQuery": False, "customHeaderNames": [], **address}
        yield row(f"{registry_id('contosoaci')}/webhooks/{name}", "norwayeast", {**hook, **shown}, STABLE)
    replica = {"provisioningState": "Succeeded", "regionEndpointEnabled": True, "zoneRedundancy": "Disabled"}
    yield row(f"{registry_id('contosoprod')}/replications/eastus", "eastus", replica, STABLE)
    yield row(f"{registry_id('contosoprod')}/replications/westeurope", "westeurope", replica, STABLE)
    rule = {"sourceRepository": "docker.io/library/alpine", "targetRepository": "mirror/alpine"}
    yield row(f"{registry_id('contosocache')}/cacheRules/alpine", None, rule, STABLE)


def neighbours() -> Iterator[Row]:
    yield network(HUB, "10.10.0.0/16", SPOKE)
    yield network(SPOKE, "10.20.0.0/16", HUB)
    yield endpoint("pe-contosoprod", HUB, "contosoprod")
    group = group_id(DATA, "rg-science")
    graph = Source.RESOURCE_GRAPH
    workspace = {"containerRegistry": registry_id("contosoml").replace("resourceGroups", "resourcegroups")}
    identifier = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/mlw-forecast"
    yield row(
        identifier,
        "francecentral",
        workspace,
        "2025-06-01",
        source=graph,
        identity={"type": "SystemAssigned"},
    )
    login = {"server": "contosoaci.azurecr.io", "identity": f"{group}/providers/x/id-pull"}
    image = {"name": "app", "properties": {"image": "contosoaci.azurecr.io/fleet/agent:3"}}
    properties = {"imageRegistryCredentials": [login], "containers": [image]}
    identifier = f"{group}/providers/Microsoft.ContainerInstance/containerGroups/fleet-agent"
    yield row(
        identifier, "norwayeast", properties, "2023-05-01", source=graph, identity={"type": "UserAssigned"}
    )
    for subscription in (SHOP, DATA):
        plan = f"/subscriptions/{subscription}/providers/Microsoft.Security/pricings/Containers"
        yield row(plan, None, {"pricingTier": "Free", "extensions": []}, "2024-01-01", source=graph)


def in_graph(shown: Row) -> Row:
    """The same resource as Resource Graph shows it: an older api-version, and null where ARM leaves out."""
    version = GRAPH_VERSIONS[shown.type]
    properties = {key: value for key, value in shown.body["properties"].items() if key not in LATER}
    rules = properties.get("networkRuleSet")
    if rules is not None:
        properties["networkRuleSet"] = {key: rules[key] for key in ("defaultAction", "ipRules")}
    body = {
        **shown.body,
        "properties": properties,
        "identity": None,
        "plan": None,
        "managedBy": "",
        "kind": "",
    }
    body |= {"resourceGroup": shown.id.split("/")[4].lower(), "subscriptionId": shown.id.split("/")[2]}
    return Row(shown.id, shown.type, body, Source.RESOURCE_GRAPH, version)


def contoso() -> Snapshot:
    """The snapshot, as a scan of both subscriptions would have kept it."""
    rows = [*registries(), *children(), *neighbours()]
    rows += [in_graph(each) for each in rows if each.source is Source.ARM and each.type in GRAPH_VERSIONS]
    reads = []
    for each in registries():
        for what, kind in (("cacheRules", "cacherules"), ("agentPools", "agentpools")):
            below = f"{each.id}/{what}/".lower()
            listed = [one for one in rows if one.source is Source.ARM and one.type.endswith(kind)]
            found = sum(one.id.lower().startswith(below) for one in listed)
            reads.append(Read(each.id.lower(), what, STABLE if what == "cacheRules" else TASKS, 200, found))
    for name in ASKED_WEBHOOKS:
        asked = f"{registry_id('contosoaci')}/webhooks/{name}".lower()
        reads.append(Read(asked, "callbackConfig", STABLE, 200, 1))
    queries = [
        Query(table, (kind,), count := len({each.id for each in rows if each.type == kind}), count, 1)
        for table, kind in COLLECTED_TYPES
    ]
    inventory = Inventory(
        by_id(rows),
        frozenset(kind for _, kind in COLLECTED_TYPES),
        reads=tuple(reads),
        subscriptions=frozenset({SHOP, DATA}),
    )
    values = [
        {"name": name, "id": name, "properties": {"region": region, "addressPrefixes": prefixes}}
        for name, (region, prefixes) in TAGS.items()
    ]
    tags = parse_service_tags(
        {"cloud": "Public", "changeNumber": 1, "values": values}, source="snapshot", published="2026-11-16"
    )
    return Snapshot(inventory, COLLECTED, {"subscriptions": [SHOP, DATA]}, tags, tuple(queries))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "snapshots" / "contoso"
    write_snapshot(target, contoso(), tool=__version__)
