"""Makes samples/snapshots/contoso: the registries of a company that does not exist.

Every way of the shipped policies and every verdict occurs, and each policy judges something. EastUS has the
service tag prefixes of Microsoft's Tasks article; the other tags have documentation ranges (RFC 5737), which
are nobody's. Run by `make sample`; the tests say when the folder is stale.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from contoso_access import access
from contoso_network import surroundings
from contoso_rows import (
    DATA,
    OLD,
    SHOP,
    SPOKE,
    STABLE,
    TASKS,
    by_identity,
    group_id,
    principal,
    registry,
    registry_id,
    row,
    task,
)

from scanner import __version__
from scanner.model.inventory import Inventory, Read, by_id
from scanner.model.resource import Row, Source
from scanner.network.service_tags import parse_service_tags
from scanner.sources.files.snapshot import Query, Snapshot
from scanner.sources.files.snapshot_writer import write_snapshot

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

REGIONS = {
    "EastUS": ("eastus", EAST_US),
    "WestEurope": ("westeurope", ["192.0.2.0/27", "192.0.2.32/27", "2001:db8:1::/48"]),
    "FranceCentral": ("centralfrance", ["198.51.100.0/26", "2001:db8:2::/48"]),
    "NorwayEast": ("norwaye", ["203.0.113.0/26", "203.0.113.128/29"]),
    "UKSouth": ("uksouth", ["203.0.113.64/27"]),
}
TAGS = {
    "AzureContainerRegistry": ("", [prefix for _, prefixes in REGIONS.values() for prefix in prefixes]),
    **{f"AzureContainerRegistry.{name}": each for name, each in REGIONS.items()},
    "Storage": ("", ["192.0.2.128/26"]),
    "Storage.EastUS": ("eastus", ["192.0.2.128/27"]),
    "AzureKeyVault": ("", ["198.51.100.128/28"]),
    "EventHub": ("", ["198.51.100.144/28"]),
    "AzureActiveDirectory": ("", ["198.51.100.160/28"]),
    "AzureMonitor": ("", ["198.51.100.176/28"]),
    "MicrosoftContainerRegistry": ("", ["198.51.100.192/28"]),
    "AzureFrontDoor.FirstParty": ("", ["198.51.100.208/28"]),
}

COLLECTED_TYPES = (
    ("authorizationresources", "microsoft.authorization/roleassignments"),
    ("authorizationresources", "microsoft.authorization/roledefinitions"),
    ("dnsresources", "microsoft.network/privatednszones/a"),
    ("networkresources", "microsoft.network/effectivesecurityadminrules"),
    ("networkresources", "microsoft.network/firewallpolicies/rulecollectiongroups"),
    (
        "networkresources",
        "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules/snapshots",
    ),
    ("networkresources", "microsoft.network/virtualnetworks/subnets/effectiveroutingrules"),
    ("resources", "microsoft.containerregistry/registries"),
    ("resources", "microsoft.containerregistry/registries/agentpools"),
    ("resources", "microsoft.containerregistry/registries/replications"),
    ("resources", "microsoft.containerregistry/registries/tasks"),
    ("resources", "microsoft.containerregistry/registries/webhooks"),
    ("resources", "microsoft.containerinstance/containergroups"),
    ("resources", "microsoft.machinelearningservices/workspaces"),
    ("resources", "microsoft.network/azurefirewalls"),
    ("resources", "microsoft.network/firewallpolicies"),
    ("resources", "microsoft.network/ipgroups"),
    ("resources", "microsoft.network/networksecuritygroups"),
    ("resources", "microsoft.network/networkwatchers/flowlogs"),
    ("resources", "microsoft.network/privatednszones"),
    ("resources", "microsoft.network/privatednszones/virtualnetworklinks"),
    ("resources", "microsoft.network/privateendpoints"),
    ("resources", "microsoft.network/routetables"),
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


def registries() -> Iterator[Row]:
    east = [prefix for prefix in EAST_US if ":" not in prefix]
    closed: dict[str, Any] = {"publicNetworkAccess": "Disabled"}
    yield registry(
        "contosoprod",
        "eastus",
        private_endpoints={"pe-contosoprod": "Approved"},
        dataEndpointEnabled=True,
        policies={
            "exportPolicy": {"status": "disabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "disabled"},
        },
        **closed,
    )
    yield registry(
        "contosobuild", "eastus", defaultAction="Deny", ip_rules=east, networkRuleBypassAllowedForTasks=True
    )
    stale = [*east[:9], "198.18.4.7", "192.0.2.0/28"]
    yield registry("contosolegacy", "eastus", defaultAction="Deny", ip_rules=stale)
    yield registry("contosopublic", "westeurope", sku="Basic", adminUserEnabled=True, version=STABLE)
    yield registry("contosodemo", "westeurope", sku="Standard", anonymousPullEnabled=True, version=STABLE)
    endpoints = {"pe-contosoml": "Approved", "pe-guest": "Pending"}
    yield registry(
        "contosoml", "francecentral", private_endpoints=endpoints, **closed, networkRuleBypassOptions="None"
    )
    yield registry(
        "contosoaci",
        "norwayeast",
        defaultAction="Deny",
        ip_rules=["203.0.113.0/25", "203.0.113.128/29"],
        subnet_rules=[f"{SPOKE}/subnets/batch"],
    )
    yield registry(
        "contosocache", "uksouth", ip_rules=["203.0.113.64/28"], **closed, networkRuleBypassOptions="None"
    )
    abac: dict[str, Any] = {
        "roleAssignmentMode": "AbacRepositoryPermissions",
        "networkRuleBypassAllowedForTasks": True,
    }
    hashed = {"loginServer": "contosolabs-h4ghdya5cqesbnbk.azurecr.io"}
    yield registry("contosolabs", "francecentral", **closed, **abac, **hashed)
    yield registry(
        "contosoold", "westeurope", version=OLD, defaultAction="Deny", source=Source.RESOURCE_GRAPH
    )
    yield registry(
        "contosonew",
        "australiaeast",
        defaultAction="Deny",
        ip_rules=["203.0.113.200/29", "198.18.0.0/15"],
        private_endpoints={"pe-contosonew": "Approved"},
        subnet_rules=[f"{SPOKE}/subnets/open"],
        networkRuleBypassAllowedForTasks=True,
    )
    arm: dict[str, Any] = {"policies": {"azureADAuthenticationAsArmPolicy": {"status": "enabled"}}}
    rules = ["198.51.100.64/28", "10.20.0.0/16"]
    yield registry("contosoiot", "norwayeast", defaultAction="Deny", ip_rules=rules, **arm)


def children() -> Iterator[Row]:
    pool = {"count": 2, "tier": "S1", "os": "Linux", "provisioningState": "Succeeded"}
    subnet = {"virtualNetworkSubnetResourceId": f"{SPOKE}/subnets/agents"}
    yield row(f"{registry_id('contosoprod')}/agentPools/builders", "eastus", {**pool, **subnet}, TASKS)
    yield row(f"{registry_id('contosoprod')}/agentPools/shared", "eastus", pool, TASKS)
    batch = {"virtualNetworkSubnetResourceId": f"{SPOKE}/subnets/batch"}
    yield row(f"{registry_id('contosolegacy')}/agentPools/batch", "eastus", {**pool, **batch}, TASKS)
    inspected = {"virtualNetworkSubnetResourceId": f"{SPOKE}/subnets/inspected"}
    yield row(f"{registry_id('contosobuild')}/agentPools/inspected", "eastus", {**pool, **inspected}, TASKS)
    yield task("contosoprod", "build-storefront", "eastus", agentPoolName="builders")
    yield task("contosoprod", "build-on-shared-pool", "eastus", agentPoolName="shared")
    yield task("contosoprod", "nightly-purge", "eastus")
    yield task("contosoprod", "retired-build", "eastus", status="Disabled")
    passes = by_identity("contosobuild.azurecr.io", loginMode="None")
    yield task("contosobuild", "patch-base-images", "eastus", "SystemAssigned", credentials=passes)
    yield task("contosobuild", "weekly-report", "eastus")
    yield task("contosobuild", "build-on-lost-pool", "eastus", agentPoolName="retired")
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
    yield row(f"{registry_id('contosoprod')}/webhooks/deployeurope", "westeurope", hook, STABLE)
    for name, address in ASKED_WEBHOOKS.items():
        shown = {"serviceHasUserInfo": False, "serviceHasQuery": False, "customHeaderNames": [], **address}
        yield row(f"{registry_id('contosoaci')}/webhooks/{name}", "norwayeast", {**hook, **shown}, STABLE)
    replica = {"provisioningState": "Succeeded", "regionEndpointEnabled": True, "zoneRedundancy": "Disabled"}
    for region in ("eastus", "uksouth", "westeurope"):
        yield row(f"{registry_id('contosoprod')}/replications/{region}", region, replica, STABLE)
    rule = {"sourceRepository": "docker.io/library/alpine", "targetRepository": "mirror/alpine"}
    for name in ("contosocache", "contosoiot"):
        yield row(f"{registry_id(name)}/cacheRules/alpine", None, rule, STABLE)


def neighbours() -> Iterator[Row]:
    """Who depends on the registries, and the Defender plans."""
    yield from surroundings()
    yield from access()
    group = group_id(DATA, "rg-science")
    graph = Source.RESOURCE_GRAPH
    workspace = {"containerRegistry": registry_id("contosoml").replace("resourceGroups", "resourcegroups")}
    identifier = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/mlw-forecast"
    identity: dict[str, Any] = {"type": "SystemAssigned", "principalId": principal("mlw-forecast")}
    yield row(identifier, "francecentral", workspace, "2025-06-01", source=graph, identity=identity)
    pulls = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-pull"
    login = {"server": "contosoaci.azurecr.io", "identity": pulls}
    image = {"name": "app", "properties": {"image": "contosoaci.azurecr.io/fleet/agent:3"}}
    properties = {"imageRegistryCredentials": [login], "containers": [image]}
    identity = {
        "type": "UserAssigned",
        "userAssignedIdentities": {pulls: {"principalId": principal("id-pull")}},
    }
    identifier = f"{group}/providers/Microsoft.ContainerInstance/containerGroups/fleet-agent"
    yield row(identifier, "norwayeast", properties, "2023-05-01", source=graph, identity=identity)
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


LISTS = {"cacheRules": STABLE, "agentPools": TASKS, "diagnosticSettings": "2021-05-01-preview"}
"""The lists that were read of each registry, by their api-versions."""


def reads(rows: Sequence[Row]) -> Iterator[Read]:
    """A line for each read; nobody listed the settings of contosoold."""
    for each in registries():
        for what, version in LISTS.items():
            if what == "diagnosticSettings" and each.id.endswith("/contosoold"):
                continue
            below = f"{each.id}/".lower()
            kind = f"/{what.lower()}"
            found = sum(
                one.id.lower().startswith(below) and one.type.endswith(kind) and one.source is Source.ARM
                for one in rows
            )
            yield Read(each.id.lower(), what, version, 200, found)
    for name in ASKED_WEBHOOKS:
        asked = f"{registry_id('contosoaci')}/webhooks/{name}".lower()
        yield Read(asked, "callbackConfig", STABLE, 200, 1)


def contoso() -> Snapshot:
    """The snapshot, as a scan of both subscriptions would have kept it."""
    rows = [*registries(), *children(), *neighbours()]
    rows += [in_graph(each) for each in rows if each.source is Source.ARM and each.type in GRAPH_VERSIONS]
    queries = [
        Query(table, (kind,), count := len({each.id for each in rows if each.type == kind}), count, 1)
        for table, kind in COLLECTED_TYPES
    ]
    inventory = Inventory(
        by_id(rows),
        frozenset(kind for _, kind in COLLECTED_TYPES),
        reads=tuple(reads(rows)),
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
