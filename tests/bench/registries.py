"""Registries and what lies below them, as Resource Graph shows them: null and "" for what is not set."""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TAGS = ROOT / "samples" / "snapshots" / "contoso" / "service-tags.json"
REGIONS = ("eastus", "westeurope", "francecentral", "norwayeast", "uksouth")
TAGGED = {
    "environment": "production",
    "costCenter": "4711-0815",
    "owner": "platform-engineering@contoso.example",
    "hidden-link:/app-insights-resource-id": "made by pipeline 2024.02.12.1 of infrastructure/acr",
    "dataClassification": "internal",
    "deployedBy": "terraform",
    "repository": "https://git.contoso.example/platform/infrastructure/container-registries",
}
CREATED = {
    "createdBy": "5a5a5a5a-0000-4000-8000-00000000000a",
    "createdByType": "Application",
    "createdAt": "2024-02-12T09:30:00.0000000+00:00",
    "lastModifiedBy": "5a5a5a5a-0000-4000-8000-00000000000b",
    "lastModifiedByType": "User",
    "lastModifiedAt": "2026-10-02T12:45:10.1230000+00:00",
}
POLICIES = {
    "quarantinePolicy": {"status": "disabled"},
    "trustPolicy": {"type": "Notary", "status": "disabled"},
    "retentionPolicy": {"days": 7, "lastUpdatedTime": "2024-02-12T09:30:07.0+00:00", "status": "disabled"},
    "exportPolicy": {"status": "enabled"},
    "softDeletePolicy": {"retentionDays": 7, "status": "disabled"},
}


def eastern_prefixes() -> list[str]:
    tags = json.loads(TAGS.read_text("utf-8"))["values"]
    east = next(tag for tag in tags if tag["name"].endswith(".EastUS"))
    return [prefix for prefix in east["properties"]["addressPrefixes"] if ":" not in prefix]


def row(
    identifier: str, region: str | None, version: str, properties: Mapping[str, Any], **rest: Any
) -> dict[str, Any]:
    parts = identifier.split("/")
    return {
        "id": identifier,
        "name": parts[-1],
        "type": "/".join(parts[6:8] + parts[9::2]).lower(),
        "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "kind": "",
        "location": region,
        "resourceGroup": parts[4].lower(),
        "subscriptionId": parts[2],
        "managedBy": "",
        "plan": None,
        "identity": None,
        "zones": None,
        "extendedLocation": None,
        "tags": TAGGED,
        "systemData": CREATED,
        "source": "resourceGraph",
        "apiVersion": version,
        "properties": properties,
        **rest,
    }


def registry(
    group: str, number: int, region: str, chance: random.Random, prefixes: list[str]
) -> dict[str, Any]:
    name = f"contosoregistry{number:06d}"
    identifier = f"{group}/providers/Microsoft.ContainerRegistry/registries/{name}"
    sku = chance.choices(["Premium", "Standard", "Basic"], [7, 2, 1])[0]
    version = chance.choices(["2025-11-01", "2023-07-01"], [3, 1])[0]
    arm_audience = {"azureADAuthenticationAsArmPolicy": {"status": chance.choice(["enabled", "disabled"])}}
    properties: dict[str, Any] = {
        "loginServer": f"{name}.azurecr.io",
        "creationDate": "2024-02-12T09:30:00.0000000Z",
        "provisioningState": "Succeeded",
        "adminUserEnabled": chance.random() < 0.2,
        "policies": POLICIES | arm_audience,
        "encryption": {"status": "disabled"},
        "dataEndpointEnabled": False,
        "dataEndpointHostNames": [],
        "privateEndpointConnections": [],
        "publicNetworkAccess": "Enabled",
        "networkRuleBypassOptions": chance.choice(["AzureServices", "None"]),
        "zoneRedundancy": "Disabled",
    }
    if version == "2025-11-01":
        properties |= {
            "anonymousPullEnabled": chance.random() < 0.05,
            "roleAssignmentMode": "LegacyRegistryPermissions",
            "networkRuleBypassAllowedForTasks": chance.random() < 0.3,
        }
    if sku == "Premium":
        rules = [{"action": "Allow", "value": value} for value in ip_rules(region, chance, prefixes)]
        properties["networkRuleSet"] = {"defaultAction": "Deny" if rules else "Allow", "ipRules": rules}
        properties["publicNetworkAccess"] = chance.choice(["Enabled", "Enabled", "Disabled"])
        if chance.random() < 0.5:
            properties["privateEndpointConnections"] = [connection(identifier, name)]
    return row(identifier, region, version, properties, sku={"name": sku, "tier": sku})


def connection(identifier: str, name: str) -> dict[str, Any]:
    group = identifier.partition("/providers/")[0]
    state = {"status": "Approved", "description": "Auto-approved", "actionsRequired": "None"}
    return {
        "id": f"{identifier}/privateEndpointConnections/{name}.0a1b2c3d",
        "name": f"{name}.0a1b2c3d",
        "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        "properties": {
            "privateEndpoint": {"id": f"{group}/providers/Microsoft.Network/privateEndpoints/pe-{name}"},
            "privateLinkServiceConnectionState": state,
            "provisioningState": "Succeeded",
        },
    }


def ip_rules(region: str, chance: random.Random, prefixes: list[str]) -> list[str]:
    """None for half of them, a few offices for most others, and the service tag for some."""
    offices = [
        f"198.51.{chance.randrange(256)}.{chance.randrange(256)}" for _ in range(chance.randrange(1, 20))
    ]
    tag = prefixes if chance.random() < 0.5 else prefixes[:-2]
    return chance.choices([[], offices, tag + offices if region == "eastus" else offices], [5, 3, 2])[0]


def children(registry_id: str, number: int, region: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    server = f"{registry_id.rsplit('/', 1)[-1]}.azurecr.io"
    if chance.random() < 0.2:
        subnet = registry_id.partition("/resourceGroups/")[0]
        subnet += (
            "/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/builds/subnets/agents"
        )
        pool = {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": "Succeeded"}
        pool |= {"virtualNetworkSubnetResourceId": subnet}
        yield row(f"{registry_id}/agentPools/pool", region, "2019-06-01-preview", pool)
    for index in range(chance.choice([0, 0, 1, 2, 3, 6])):
        yield task(f"{registry_id}/tasks/task-{index}", region, server, chance)
    for index in range(chance.choice([0, 0, 1, 2])):
        hook = {"status": "enabled", "scope": "", "actions": ["push"], "provisioningState": "Succeeded"}
        yield row(f"{registry_id}/webhooks/hook{number}x{index}", region, "2023-07-01", hook)
    for where in chance.sample(REGIONS, chance.choice([0, 0, 1, 2])):
        replica = {
            "provisioningState": "Succeeded",
            "regionEndpointEnabled": True,
            "zoneRedundancy": "Disabled",
        }
        yield row(f"{registry_id}/replications/{where}", where, "2023-07-01", replica)


def task(identifier: str, region: str, server: str, chance: random.Random) -> dict[str, Any]:
    step: dict[str, Any] = {
        "type": "Docker",
        "imageNames": ["app:{{.Run.ID}}"],
        "dockerFilePath": "Dockerfile",
    }
    step |= {"isPushEnabled": True, "contextPath": "https://git.contoso.example/platform/app.git#main:build"}
    properties: dict[str, Any] = {
        "provisioningState": "Succeeded",
        "creationDate": "2025-09-01T07:00:00.0000000Z",
        "status": chance.choice(["Enabled", "Enabled", "Disabled"]),
        "platform": {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": {"cpu": 2},
        "timeout": 3600,
        "step": step,
        "trigger": {"timerTriggers": [{"schedule": "0 3 * * *", "status": "Enabled", "name": "nightly"}]},
        "isSystemTask": False,
    }
    version = chance.choice(["2019-04-01", "2025-03-01-preview"])
    if version != "2019-04-01":
        login = {
            "sourceRegistry": {"loginMode": "None"},
            "customRegistries": {server: {"identity": "[system]"}},
        }
        properties |= {"credentials": login} if chance.random() < 0.5 else {"agentPoolName": "pool"}
    identity = {"type": "SystemAssigned", "principalId": "5a5a5a5a-0000-4000-8000-00000000000a"}
    return row(identifier, region, version, properties, identity=identity)
