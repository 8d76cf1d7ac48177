"""What stands around a pool's subnet, whom rules let clients reach, and who records it."""

from typing import Any

import pytest
from engine_rows import GROUP, POOL, REGISTRIES, REGISTRY, Json, inventory, tag_table, world
from network_rows import ALL, FIREWALL, NETWORK, NSG, classic, firewall, nsg, security_rule

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
    return [doubt.reason for doubt in related.possible]


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


# ---- registries by tag


def registry(name: str = "contoso", location: str | None = "eastus", **properties: Any) -> Json:
    known: Json = {"loginServer": f"{name}.azurecr.io", "provisioningState": "Succeeded"}
    return {
        "id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}",
        "location": location,
        "sku": {"name": "Premium"},
        "properties": {**known, **properties},
    }


def by_tag(*rules: Json, rows: tuple[Json, ...] = (registry(), registry("fabrikam", "West US"))) -> Related:
    return lead(inventory(nsg(*rules), *rows, collected={REGISTRIES}), "registriesByTag", NSG)


def out(to: str, **properties: Any) -> Json:
    return security_rule("out", **{"destinationAddressPrefix": to, **properties})


def test_the_global_tag_has_every_registry() -> None:
    assert told(by_tag(out("AzureContainerRegistry"))) == (["contoso", "fabrikam"], [], None)


def test_a_regional_tag_has_the_registries_of_its_region() -> None:
    assert names(by_tag(out("AzureContainerRegistry.WestUS"))) == ["fabrikam"]
    assert names(by_tag(out("azurecontainerregistry.eastus"), out("AzureContainerRegistry.WestUS"))) == [
        "contoso",
        "fabrikam",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        out("Storage"),
        out("AzureContainerRegistryX"),
        out("AzureContainerRegistry", access="Deny"),
        out("AzureContainerRegistry", direction="Inbound"),
    ],
)
def test_a_rule_that_allows_no_client_has_none(rule: Json) -> None:
    found = by_tag(rule)
    assert (*found.targets, *found.possible, found.unseen) == (None,)


def test_rules_that_were_not_seen_may_allow_the_tag() -> None:
    gap = Gap(f"{GROUPS}/properties.securityRules", "", "refused")
    of = inventory({"id": NSG, "properties": {}}, registry(), gaps=[gap], collected={REGISTRIES})

    assert told(lead(of, "registriesByTag", NSG)) == ([], [], "refused")
    assert told(lead(of, "registriesWithoutStorage", NSG)) == ([], [], "refused")


def test_registries_that_were_not_collected_may_be_there() -> None:
    of = inventory(nsg(out("AzureContainerRegistry")))

    assert why(lead(of, "registriesByTag", NSG)) == "Microsoft.ContainerRegistry/registries was not collected"


def without_storage(*rules: Json, location: str | None = "eastus") -> tuple[list[str], list[str], str | None]:
    of = inventory(
        nsg(out("AzureContainerRegistry"), *rules), registry(location=location), collected={REGISTRIES}
    )
    return told(lead(of, "registriesWithoutStorage", NSG))


CLOSED = security_rule("closed", access="Deny", priority=4000, destinationPortRange="*")


def test_a_registry_is_without_storage_where_its_regions_is_denied() -> None:
    assert without_storage(CLOSED) == (["contoso"], [], None)
    assert without_storage(out("Storage.WestUS", priority=200), CLOSED) == (["contoso"], [], None)
    assert without_storage(out("Storage", priority=200, destinationPortRange="80"), CLOSED) == (
        ["contoso"],
        [],
        None,
    )


@pytest.mark.parametrize("to", ["Storage", "Storage.EastUS", "AzureCloud", "Internet"])
def test_a_registry_has_storage_where_its_regions_is_allowed(to: str) -> None:
    assert without_storage(out(to, priority=200), CLOSED) == ([], [], None)


def test_a_rule_that_cannot_be_compared_leaves_storage_open() -> None:
    found, doubts, unseen = without_storage(out("Sql", priority=200), CLOSED)

    assert (found, unseen) == ([], None)
    assert doubts == [
        "web may let Storage.eastus out on port 443; out (Allow, priority 200) cannot be compared with it"
    ]


def test_a_registry_without_a_region_may_have_any_storage() -> None:
    assert without_storage(CLOSED, location=None)[0] == []
    assert len(without_storage(CLOSED, location=None)[1]) == 1


# ---- registries by name


def app(*names: str, **changes: Any) -> Json:
    rule = {"name": "app", "targetFqdns": list(names), "protocols": [{"protocolType": "Https", "port": 443}]}
    return firewall(applicationRuleCollections=[classic("c", rule, **changes)])


def by_name(held: Json, *rows: Json, relation: str = "registriesByName", collected: Any = None) -> Related:
    known = {REGISTRIES, REPLICATIONS, *ALL} if collected is None else collected
    return lead(inventory(held, *(rows or (registry(),)), collected=known), relation, FIREWALL)


@pytest.mark.parametrize(
    "name", ["contoso.azurecr.io", "*.azurecr.io", "*.io", "*", "CONTOSO.azurecr.io", "*so.azurecr.io"]
)
def test_a_name_or_pattern_holds_a_login_server(name: str) -> None:
    assert told(by_name(app("x.example", name))) == (["contoso"], [], None)


@pytest.mark.parametrize("name", ["azurecr.io", "fabrikam.azurecr.io", "*.contoso.azurecr.io", "contoso.*"])
def test_another_name_does_not(name: str) -> None:
    assert by_name(app(name)) == Related()


def test_only_application_rules_that_allow_count() -> None:
    network = classic("n", {"name": "n", "destinationFqdns": ["contoso.azurecr.io"]})

    assert by_name(app("contoso.azurecr.io", action="Deny")) == Related()
    assert by_name(firewall(networkRuleCollections=[network])) == Related()


def test_rules_that_could_not_be_seen_may_name_any_registry() -> None:
    held = firewall(firewallPolicy={"id": f"{NETWORK}/firewallPolicies/gone"})

    assert told(by_name(held)) == ([], [], "gone is not in the scanned scope")


def test_registries_that_were_not_collected_may_be_named() -> None:
    related = by_name(app("*.azurecr.io"), collected={REPLICATIONS})

    assert told(related) == (["contoso"], [], "Microsoft.ContainerRegistry/registries was not collected")


def test_a_registry_whose_login_server_is_unseen_may_be_named() -> None:
    assert told(by_name(app("*.azurecr.io"), registry(loginServer=None))) == (
        [],
        ["the login server of contoso could not be seen"],
        None,
    )


def held_back(*patterns: str, rows: tuple[Json, ...] = (registry(),), collected: Any = None) -> Related:
    related = by_name(
        app("contoso.azurecr.io", *patterns), *rows, relation="registriesWithoutData", collected=collected
    )
    assert isinstance(related, Related)
    return related


DATA = registry(dataEndpointEnabled=True)
PRIVATE = registry(
    privateEndpointConnections=[{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]
)
PENDING = registry(
    privateEndpointConnections=[{"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}]
)
REPLICA = {"id": f"{REGISTRY}/replications/westus", "location": "West US", "properties": {}}


@pytest.mark.parametrize("row", [registry(), PENDING, registry(dataEndpointEnabled=False)])
def test_layers_without_data_endpoints_come_from_any_storage_account(row: Json) -> None:
    assert names(held_back(rows=(row,))) == ["contoso"]
    assert names(held_back("contoso.eastus.data.azurecr.io", rows=(row,))) == ["contoso"]
    assert held_back("*.blob.core.windows.net", rows=(row,)) == Related()
    assert held_back("*.windows.net", rows=(row,)) == Related()


@pytest.mark.parametrize("row", [DATA, PRIVATE])
def test_layers_of_data_endpoints_come_from_the_home_region(row: Json) -> None:
    assert names(held_back("*.blob.core.windows.net", rows=(row,))) == ["contoso"]
    assert held_back("contoso.eastus.data.azurecr.io", rows=(row,)) == Related()
    assert held_back("*.azurecr.io", rows=(row,)) == Related()


def test_layers_of_data_endpoints_come_from_every_replica_too() -> None:
    rows = DATA, REPLICA

    assert names(held_back("contoso.eastus.data.azurecr.io", rows=rows)) == ["contoso"]
    both = held_back("contoso.eastus.data.azurecr.io", "contoso.westus.data.azurecr.io", rows=rows)
    assert both == Related()


def test_replicas_that_were_not_collected_may_serve_layers() -> None:
    related = held_back("contoso.eastus.data.azurecr.io", rows=(DATA,), collected={REGISTRIES})

    assert told(related) == ([], ["the data endpoints of contoso could not all be seen"], None)
    assert names(held_back(rows=(DATA,), collected={REGISTRIES})) == ["contoso"]


def test_a_region_that_is_unseen_may_serve_layers() -> None:
    assert maybe(held_back("*.azurecr.io", rows=(registry(location=None, dataEndpointEnabled=True),))) == [
        "the data endpoints of contoso could not all be seen"
    ]


def test_whether_there_are_data_endpoints_matters_only_where_one_kind_of_name_is_missing() -> None:
    old = {**registry(), "apiVersion": "2019-05-01"}

    assert maybe(held_back("*.blob.core.windows.net", rows=(old,))) != []
    assert held_back("*.blob.core.windows.net", "*.azurecr.io", rows=(old,)) == Related()
    assert names(held_back(rows=(old,))) == ["contoso"]


@pytest.mark.parametrize("lacking", ["dataEndpointEnabled", "privateEndpointConnections"])
def test_either_sign_of_data_endpoints_that_is_unseen_leaves_it_open(lacking: str) -> None:
    settings: dict[str, Any] = {"dataEndpointEnabled": False, "privateEndpointConnections": [], lacking: None}
    row = registry(**settings)
    held = app("contoso.azurecr.io", "*.blob.core.windows.net")
    gap = Gap(f"{REGISTRIES}/properties.{lacking}", "", "refused")
    of = inventory(held, row, gaps=[gap], collected={REGISTRIES, REPLICATIONS, *ALL})

    assert maybe(lead(of, "registriesWithoutData", FIREWALL)) == [
        "the data endpoints of contoso could not all be seen"
    ]


def test_rules_that_could_not_be_seen_may_name_what_serves_layers() -> None:
    own = app("contoso.azurecr.io")
    own["properties"]["firewallPolicy"] = {"id": f"{NETWORK}/firewallPolicies/gone"}

    related = by_name(own, relation="registriesWithoutData")

    assert told(related) == ([], ["gone is not in the scanned scope"], "gone is not in the scanned scope")
