"""What stands around registries: networks and their rules, endpoints and their names, and who pulls."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from bench.registries import row

VERSION = "2024-05-01"
POOL_SERVICES = ("AzureKeyVault", "Storage", "EventHub", "AzureActiveDirectory", "AzureMonitor")
ZONE = "privateDnsZones/privatelink.azurecr.io"


def of_network(
    group: str, name: str, properties: Mapping[str, Any], region: str = "eastus"
) -> dict[str, Any]:
    return row(f"{group}/providers/Microsoft.Network/{name}", region, VERSION, properties)


def shared(group: str) -> Iterator[dict[str, Any]]:
    """The network of a subscription."""
    provider = f"{group}/providers/Microsoft.Network"
    for number, (network, subnet) in enumerate(
        (("builds", "agents"), ("hub", "endpoints"), ("shops", "web"))
    ):
        guard = f"{provider}/networkSecurityGroups/nsg-{network}"
        held = {"addressPrefix": f"10.{number}.0.0/24", "networkSecurityGroup": {"id": guard}}
        subnet_id = f"{provider}/virtualNetworks/{network}/subnets/{subnet}"
        subnets = [{"id": subnet_id, "name": subnet, "properties": held}]
        space = {"addressPrefixes": [f"10.{number}.0.0/16"]}
        yield of_network(
            group,
            f"virtualNetworks/{network}",
            {"provisioningState": "Succeeded", "addressSpace": space, "subnets": subnets},
        )
        yield of_network(
            group,
            f"networkSecurityGroups/nsg-{network}",
            {
                "provisioningState": "Succeeded",
                "securityRules": list(security_rules()),
                "subnets": [{"id": subnet_id}],
            },
        )
    yield of_network(group, ZONE, {"numberOfRecordSets": 500}, "global")
    link = {
        "virtualNetwork": {"id": f"{provider}/virtualNetworks/hub"},
        "virtualNetworkLinkState": "Completed",
    }
    yield of_network(group, f"{ZONE}/virtualNetworkLinks/hub", link, "global")


def security_rules() -> Iterator[dict[str, Any]]:
    registry = "AzureContainerRegistry.EastUS"
    for number, tag in enumerate((*POOL_SERVICES, registry)):
        yield security_rule(f"to-{tag}", 100 + number, "Allow", tag, "443")
    yield security_rule("deny-the-rest", 4000, "Deny", "*", "*")


def security_rule(name: str, priority: int, access: str, to: str, port: str) -> dict[str, Any]:
    properties = {
        "access": access,
        "direction": "Outbound",
        "priority": priority,
        "protocol": "Tcp" if access == "Allow" else "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": to,
        "destinationPortRange": port,
    }
    return {"name": name, "properties": properties}


def around(registry: Mapping[str, Any], network: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    """The endpoints of a registry and their names, and the services that pull from it."""
    name, region = registry["name"], registry["location"]
    group = registry["id"].partition("/providers/")[0]
    if registry["properties"]["privateEndpointConnections"]:
        yield endpoint(group, name, registry["id"], network)
        for host in (name, f"{name}.{region}.data")[: 2 if chance.random() < 0.9 else 1]:
            address = f"10.1.{chance.randrange(256)}.{chance.randrange(256)}"
            records = {"ttl": 10, "aRecords": [{"ipv4Address": address}]}
            yield of_network(network, f"{ZONE}/A/{host}", records, "global")
    identity = {"type": "SystemAssigned", "principalId": "5a5a5a5a-0000-4000-8000-00000000000c"}
    if chance.random() < 0.1:
        workspace = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ml-{name}"
        models = {"containerRegistry": registry["id"], "publicNetworkAccess": "Disabled"}
        yield row(workspace, region, "2024-04-01", models, identity=identity)
    for index in range(chance.choice([0, 0, 0, 1, 2])):
        containers = f"{group}/providers/Microsoft.ContainerInstance/containerGroups/run-{name}-{index}"
        yield row(containers, region, "2023-05-01", container_group(name), identity=identity)


def endpoint(group: str, name: str, target: str, network: str) -> dict[str, Any]:
    link = {
        "privateLinkServiceId": target,
        "groupIds": ["registry"],
        "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
    }
    subnet = f"{network}/providers/Microsoft.Network/virtualNetworks/hub/subnets/endpoints"
    properties = {
        "provisioningState": "Succeeded",
        "subnet": {"id": subnet},
        "privateLinkServiceConnections": [{"name": f"pe-{name}", "properties": link}],
        "manualPrivateLinkServiceConnections": [],
    }
    return of_network(group, f"privateEndpoints/pe-{name}", properties)


def container_group(registry: str) -> dict[str, Any]:
    server = f"{registry}.azurecr.io"
    runs = {"image": f"{server}/shop/app:1.4", "resources": {"requests": {"cpu": 1, "memoryInGB": 1.5}}}
    return {
        "provisioningState": "Succeeded",
        "osType": "Linux",
        "restartPolicy": "OnFailure",
        "containers": [{"name": "app", "properties": runs}],
        "imageRegistryCredentials": [{"server": server, "identity": "[system]"}],
    }
