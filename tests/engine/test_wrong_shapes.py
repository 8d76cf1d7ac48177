"""An array that Azure answers in another shape is unseen: it is never taken for an empty one."""

from typing import Any

import pytest
from engine_rows import GROUP, POOL, REGISTRY, SUBSCRIPTION, TASK, Json, inventory, world

from scanner.model.inventory import Inventory
from scanner.model.resource import Related

NETWORK = f"{GROUP}/providers/Microsoft.Network"
VNET, NSG = f"{NETWORK}/virtualNetworks/hub", f"{NETWORK}/networkSecurityGroups/web"
SUBNET = f"{VNET}/subnets/tasks"
ROLES = "/providers/Microsoft.Authorization"
OTHER_LOG = {
    "id": f"{NETWORK}/networkWatchers/east/flowLogs/other",
    "properties": {"targetResourceId": f"{VNET}2"},
}
TYPES = {
    f"microsoft.network/{kind}"
    for kind in ("networksecuritygroups", "routetables", "virtualnetworks", "networkwatchers/flowlogs")
} | {
    "microsoft.containerinstance/containergroups",
    "microsoft.containerregistry/registries",
    "microsoft.security/pricings",
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roledefinitions",
}

ODD = [{}, {"a": 1}, "odd", 7, True, ["odd"], [None]]


def estate(**odd: Any) -> Inventory:
    """A registry and all that stands around it, each array of it empty but for those of another shape."""

    def held(**empty: Any) -> Json:
        return {name: odd.get(name, value) for name, value in empty.items()}

    rows: list[Json] = [
        {
            "id": REGISTRY,
            "sku": {"name": "Premium"},
            "properties": {"loginServer": "contoso.azurecr.io", **held(privateEndpointConnections=[])},
        },
        {"id": TASK, "identity": {"type": "SystemAssigned", "principalId": "p"}, "properties": {}},
        {"id": POOL, "properties": {"virtualNetworkSubnetResourceId": SUBNET}},
        {
            "id": VNET,
            "properties": held(
                virtualNetworkPeerings=[],
                subnets=[{"id": SUBNET, "properties": {"routeTable": {"id": f"{NETWORK}/routeTables/r"}}}],
            ),
        },
        {"id": f"{NETWORK}/routeTables/r", "properties": held(routes=[])},
        {"id": NSG, "properties": held(networkInterfaces=[])},
        OTHER_LOG,
        {
            "id": f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/app",
            "identity": {"type": "SystemAssigned"},
            "properties": held(imageRegistryCredentials=[], containers=[]),
        },
        {
            "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings/Containers",
            "properties": {"pricingTier": "Standard", **held(extensions=[])},
        },
        {
            "id": f"{REGISTRY}{ROLES}/roleAssignments/one",
            "properties": {
                "principalId": "p",
                "scope": REGISTRY,
                "roleDefinitionId": f"{ROLES}/roleDefinitions/r",
            },
        },
        {"id": f"{ROLES}/roleDefinitions/r", "name": "r", "properties": held(permissions=[])},
    ]
    return inventory(*rows, collected=TYPES)


def lead(of: Inventory, relation: str, start: str) -> Related:
    return world(of).related(of.resources[start.lower()], relation)


PLACES = [
    ("containerGroupsByIdentity", REGISTRY, "imageRegistryCredentials"),
    ("containerGroupsByIdentity", REGISTRY, "containers"),
    ("defenderRegistryScanning", REGISTRY, "extensions"),
    ("endpointsWithoutZone", REGISTRY, "privateEndpointConnections"),
    ("reachableEndpoints", POOL, "privateEndpointConnections"),
    ("networkSecurityGroup", POOL, "subnets"),
    ("detours", POOL, "routes"),
    ("rolesToPullOrPush", TASK, "permissions"),
    ("networksWithoutFlowLog", NSG, "networkInterfaces"),
]


@pytest.mark.parametrize(("relation", "start", "path"), PLACES)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_an_array_of_another_shape_leaves_a_doubt(
    relation: str, start: str, path: str, value: object
) -> None:
    related = lead(estate(**{path: value}), relation, start)

    assert related.targets == ()
    assert related.unseen is not None or related.uncertain


@pytest.mark.parametrize(("relation", "start", "path"), PLACES)
def test_an_empty_array_leaves_none(relation: str, start: str, path: str) -> None:
    assert lead(estate(), relation, start) == Related(), path


@pytest.mark.parametrize("key", ["actions", "notActions", "dataActions", "notDataActions"])
@pytest.mark.parametrize("value", [{}, "*", 7, [7], [None]], ids=str)
def test_a_permission_whose_actions_are_no_texts_is_not_understood(key: str, value: object) -> None:
    related = lead(estate(permissions=[{key: value}]), "rolesToPullOrPush", TASK)

    assert [each.reason for each in related.uncertain] == ["the definition of the role r could not be seen"]
