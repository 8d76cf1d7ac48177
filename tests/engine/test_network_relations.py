"""What stands around a pool's subnet, whom rules let clients reach, and who records it."""

from typing import Any

import pytest
from engine_rows import POOL, REGISTRIES, Json, inventory, tag_table, world
from network_rows import NETWORK, NSG, nsg

from scanner.model.inventory import Gap, Inventory
from scanner.model.resource import Related

VNET = f"{NETWORK}/virtualNetworks/spoke"
SUBNET = f"{VNET}/subnets/tasks"
NETWORKS = "microsoft.network/virtualnetworks"
GROUPS = "microsoft.network/networksecuritygroups"
REPLICATIONS = f"{REGISTRIES}/replications"
TAGS = tag_table(
    {
        "AzureCloud": ["20.60.0.0/16"],
        "AzureContainerRegistry": ["20.42.66.0/24"],
        "Storage.eastus": ["20.60.0.0/24"],
        "Storage.westus": ["20.38.98.0/24"],
    }
)


def lead(of: Inventory, relation: str, resource: str) -> Related:
    return world(of, TAGS).related(of.resources[resource.lower()], relation)


def names(related: Related) -> list[str]:
    return [target.name for target in related.targets]


def why(related: Related) -> str | None:
    return None if related.unseen is None else related.unseen.reason


def maybe(related: Related) -> list[str]:
    return [doubt.reason for doubt in related.uncertain]


def told(related: Related) -> tuple[list[str], list[str], str | None]:
    return names(related), maybe(related), why(related)


# ---- around a pool's subnet


def pool(subnet: str | None = SUBNET) -> Json:
    return {"id": POOL, "properties": {"virtualNetworkSubnetResourceId": subnet}}


def network(**properties: Any) -> Json:
    other = {"id": f"{VNET}/subnets/other", "properties": {}}
    return {"id": VNET, "properties": {"subnets": [other, {"id": SUBNET.upper(), "properties": properties}]}}


def test_a_pools_group_is_that_of_its_subnet() -> None:
    of = inventory(pool(), network(networkSecurityGroup={"id": NSG.upper()}), nsg())

    assert told(lead(of, "networkSecurityGroup", POOL)) == (["web"], [], None)


@pytest.mark.parametrize("rows", [(pool(None),), (pool(), network())])
def test_a_pool_without_a_subnet_or_group_has_none(rows: tuple[Json, ...]) -> None:
    of = inventory(*rows)

    relations = ("networkSecurityGroup", "detours", "adminRules", "servicesOutOfReach")
    assert {each: lead(of, each, POOL) for each in relations} == dict.fromkeys(relations, Related())


@pytest.mark.parametrize("relation", ["networkSecurityGroup", "detours", "adminRules", "servicesOutOfReach"])
def test_a_network_that_is_not_here_shows_neither_group_nor_route(relation: str) -> None:
    uncollected = lead(inventory(pool()), relation, POOL)
    missing = lead(inventory(pool(), collected={NETWORKS}), relation, POOL)

    assert told(uncollected) == ([], [], "Microsoft.Network/virtualNetworks was not collected")
    assert told(missing) == ([], [], "the network spoke is not in the scanned scope")


def test_a_network_that_does_not_show_the_subnet_shows_no_group() -> None:
    bare = {"id": VNET, "properties": {"subnets": []}}
    failed = {"id": VNET, "properties": {"provisioningState": "Failed"}}

    assert why(lead(inventory(pool(), bare), "networkSecurityGroup", POOL)) == "spoke shows no subnet tasks"
    assert "Failed" in str(why(lead(inventory(pool(), failed), "networkSecurityGroup", POOL)))


def test_a_subnet_in_a_gap_has_an_unseen_group() -> None:
    gap = Gap(
        "microsoft.containerregistry/registries/agentpools/properties.virtualNetworkSubnetResourceId",
        "",
        "refused",
    )

    related = lead(inventory(pool(None), gaps=[gap]), "networkSecurityGroup", POOL)

    assert told(related) == ([], [], "refused")


def test_a_group_that_is_not_here_is_unseen() -> None:
    rows = pool(), network(networkSecurityGroup={"id": NSG})

    assert why(lead(inventory(*rows), "networkSecurityGroup", POOL)) == (
        "Microsoft.Network/networkSecurityGroups was not collected"
    )
    missing = lead(inventory(*rows, collected={GROUPS}), "networkSecurityGroup", POOL)
    assert told(missing) == ([], [], "web is not in the scanned scope")
