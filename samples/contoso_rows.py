"""The rows that samples/contoso.py is made of: ids, and resources with Azure's defaults."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from scanner.model.resource import Row, Source, type_of_id

SHOP, DATA = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
NEW, STABLE, OLD = "2026-03-01-preview", "2025-11-01", "2023-07-01"
TASKS = "2025-03-01-preview"


def registry_id(name: str, subscription: str = SHOP, group: str = "rg-registries") -> str:
    return f"{group_id(subscription, group)}/providers/Microsoft.ContainerRegistry/registries/{name}"


def group_id(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def network_id(name: str, kind: str = "virtualNetworks") -> str:
    return f"{group_id(SHOP, 'rg-network')}/providers/Microsoft.Network/{kind}/{name}"


def endpoint_id(name: str) -> str:
    return network_id(name, "privateEndpoints")


def principal(of: str) -> str:
    """The object id of an identity, made from the name of what it belongs to."""
    return str(uuid5(NAMESPACE_URL, of))


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
        _, _, subscription, kind_of_group, group = f"{identifier}////".split("/")[:5]
        inside = kind_of_group == "resourceGroups"
        body |= {"resourceGroup": group.lower() if inside else "", "subscriptionId": subscription}
    return Row(identifier, kind, body, source, version)


def registry(name: str, location: str, *, version: str = NEW, sku: str = "Premium", **settings: Any) -> Row:
    """A registry with Azure's defaults, but for the settings; the names with an underscore are shorthands."""
    rules, endpoints = settings.pop("ip_rules", []), settings.pop("private_endpoints", {})
    subnets = settings.pop("subnet_rules", [])
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
        "privateEndpointConnections": [connection(name, each, status) for each, status in endpoints.items()],
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
            properties["networkRuleSet"]["virtualNetworkRules"] = [
                {"action": "Allow", "virtualNetworkSubnetResourceId": subnet} for subnet in subnets
            ]
    properties |= settings
    skus = {"name": sku, "tier": sku}
    return row(
        registry_id(name), location, properties, version, sku=skus, tags={"team": "platform"}, source=source
    )


def connection(name: str, endpoint: str, status: str) -> dict[str, Any]:
    called = f"{endpoint}.0a1b2c3d"
    return {
        "id": f"{registry_id(name)}/privateEndpointConnections/{called}",
        "name": called,
        "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        "properties": {
            "privateEndpoint": {"id": endpoint_id(endpoint)},
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
        identities["principalId"] = principal(f"{of}/{name}")
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
