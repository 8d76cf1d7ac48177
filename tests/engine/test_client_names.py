"""The registries that a firewall allows by name, and whether it allows the names of their layers as well."""

from typing import Any

import pytest
from engine_rows import REGISTRIES, Json, inventory, tag_table, world
from network_rows import ALL, FIREWALL, NETWORK, classic, firewall
from test_client_tags import APPROVED, KNOWN, REPLICATIONS, doubts, names, problems, registry, replica

from scanner.model.inventory import Gap
from scanner.model.resource import Related

TAGS = tag_table(
    {
        "AzureContainerRegistry": ["20.42.66.0/24", "13.64.180.0/24"],
        "AzureContainerRegistry.eastus": ["20.42.66.0/24"],
        "AzureContainerRegistry.westus": ["13.64.180.0/24"],
        "Storage": ["20.60.0.0/24", "20.38.98.0/24"],
        "Storage.eastus": ["20.60.0.0/24"],
        "Storage.westus": ["20.38.98.0/24"],
    }
)
BLOBS = "*.blob.core.windows.net"


def app(*hosts: str, **changes: Any) -> Json:
    rule = {"name": "app", "targetFqdns": list(hosts), "protocols": [{"protocolType": "Https", "port": 443}]}
    return firewall(applicationRuleCollections=[classic("c", rule, **changes)])


def also(held: Json, *addresses: str, fqdns: tuple[str, ...] = (), **more: Any) -> Json:
    """The same firewall with a network rule."""
    rule: Json = {
        "name": "net",
        "protocols": ["TCP"],
        "destinationAddresses": [*addresses],
        "destinationFqdns": [*fqdns],
        "destinationPorts": ["443"],
        **more,
    }
    return {**held, "properties": {**held["properties"], "networkRuleCollections": [classic("n", rule)]}}


def lead(relation: str, held: Json, *rows: Json, **more: Any) -> Related:
    of = inventory(held, *(rows or (registry(),)), **{"collected": KNOWN, **more})
    return world(of, TAGS).related(of.resources[FIREWALL.lower()], relation)


def by_name(held: Json, *rows: Json, **more: Any) -> list[str]:
    related = lead("registriesByName", held, *rows, **more)
    assert doubts(related) == []
    return names(related)


def held_back(held: Json, *rows: Json, **more: Any) -> list[str]:
    return problems(lead("registriesWithoutData", held, *rows, **more))


def without(*missing: str) -> list[str]:
    return [f"contoso: no rule allows {', '.join(missing)}, where its layers come from"]


# ---- by name


@pytest.mark.parametrize(
    "name", ["contoso.azurecr.io", "*.azurecr.io", "*.io", "*", "CONTOSO.azurecr.io", "*so.azurecr.io"]
)
def test_a_name_or_pattern_holds_a_login_server(name: str) -> None:
    assert by_name(app("x.example", name)) == ["contoso"]
    assert by_name(also(firewall(), fqdns=(name,))) == ["contoso"]


@pytest.mark.parametrize(
    "name",
    [
        "azurecr.io",
        "fabrikam.azurecr.io",
        "*.contoso.azurecr.io",
        "contoso.*",
        "contoso.westus.geo.azurecr.io",
    ],
)
def test_another_name_does_not(name: str) -> None:
    assert by_name(app(name)) == []


def test_the_endpoint_of_a_region_is_one_of_the_registry() -> None:
    regional = app("contoso.westus.geo.azurecr.io")

    assert by_name(app("contoso.eastus.geo.azurecr.io")) == ["contoso"]
    assert by_name(regional, registry(), replica("westus")) == ["contoso"]


def test_only_rules_that_allow_count() -> None:
    assert by_name(app("contoso.azurecr.io", action="Deny")) == []


def test_rules_that_could_not_be_seen_may_name_any_registry() -> None:
    held = firewall(firewallPolicy={"id": f"{NETWORK}/firewallPolicies/gone"})

    related = lead("registriesByName", held)
    assert (names(related), doubts(related)) == ([], ["gone is not in the scanned scope"])


def test_registries_that_were_not_collected_may_be_named() -> None:
    related = lead("registriesByName", app("*.azurecr.io"), registry(), collected={REPLICATIONS, *ALL})

    assert (names(related), doubts(related)) == (
        ["contoso"],
        ["Microsoft.ContainerRegistry/registries was not collected"],
    )


def test_a_registry_whose_login_server_is_unseen_may_be_named() -> None:
    related = lead("registriesByName", app("*.azurecr.io"), registry(loginServer=None))

    assert (names(related), doubts(related)) == ([], ["the login server of contoso could not be seen"])


# ---- the names of layers

DATA, PRIVATE = registry(dataEndpointEnabled=True), registry(privateEndpointConnections=APPROVED)
PENDING = registry(
    privateEndpointConnections=[{"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}]
)
EAST, WEST = (f"contoso.{region}.data.azurecr.io" for region in ("eastus", "westus"))


def login(*hosts: str) -> Json:
    return app("contoso.azurecr.io", *hosts)


@pytest.mark.parametrize("row", [registry(), PENDING, registry(dataEndpointEnabled=False)])
def test_layers_without_data_endpoints_come_from_any_storage_account(row: Json) -> None:
    assert held_back(login(), row) == held_back(login(EAST), row) == without(BLOBS)
    assert held_back(login(BLOBS), row) == held_back(login("*.windows.net"), row) == []


def test_a_name_that_is_nearly_that_of_storage_is_another() -> None:
    [plain] = without(BLOBS)

    assert held_back(login("*.blob.windows.net")) == [f"{plain}; *.blob.windows.net is another name"]
    assert held_back(login("*.blob.windows.net", "x.blob.core.windows.net")) == [
        f"{plain}; *.blob.windows.net, x.blob.core.windows.net are other names"
    ]
    assert held_back(login("*.blob.windows.net"), DATA) == without(EAST)


@pytest.mark.parametrize(
    ("cloud", "server", "blobs"),
    [
        ("USGovernment", "contoso.azurecr.us", "*.blob.core.usgovcloudapi.net"),
        ("China", "contoso.azurecr.cn", "*.blob.core.chinacloudapi.cn"),
    ],
)
def test_storage_has_other_names_in_other_clouds(cloud: str, server: str, blobs: str) -> None:
    row = registry(loginServer=server)

    assert held_back(app(server, blobs), row, cloud=cloud) == []
    assert held_back(app(server), row, cloud=cloud) == without(blobs)
    assert held_back(app(server, BLOBS), row, cloud=cloud) == [
        f"{without(blobs)[0]}; {BLOBS} is another name"
    ]


def test_the_names_of_storage_in_another_cloud_again_are_not_known() -> None:
    related = lead(
        "registriesWithoutData",
        app("contoso.azurecr.de", BLOBS),
        registry(loginServer="contoso.azurecr.de"),
        cloud="Germany",
    )

    assert doubts(related) == ["the names that serve the layers of contoso could not all be seen"]


@pytest.mark.parametrize("row", [DATA, PRIVATE])
def test_layers_of_data_endpoints_come_from_the_home_region(row: Json) -> None:
    assert held_back(login(BLOBS), row) == without(EAST)
    assert held_back(login(EAST), row) == held_back(login("*.azurecr.io"), row) == []


def test_layers_of_data_endpoints_come_from_every_replica_too() -> None:
    rows = DATA, replica("West US")

    assert held_back(login(), *rows) == without(EAST, WEST)
    assert held_back(login(EAST), *rows) == without(WEST)
    assert held_back(login(EAST, WEST), *rows) == []


def test_who_names_the_endpoint_of_a_region_gets_layers_from_there() -> None:
    west = app("contoso.westus.geo.azurecr.io")
    rows = DATA, replica("westus")

    assert held_back(west, *rows) == without(WEST)
    assert held_back(app("contoso.westus.geo.azurecr.io", WEST), *rows) == []
    assert held_back(west, registry(), replica("westus")) == without(BLOBS)


@pytest.mark.parametrize(
    "to", ["AzureContainerRegistry", "AzureContainerRegistry.EastUS", "*", "20.42.0.0/16"]
)
def test_network_rules_may_allow_data_endpoints_by_tag(to: str) -> None:
    assert held_back(also(login(), to), DATA) == []


@pytest.mark.parametrize(
    "changes",
    [{"destinationAddresses": ["Storage"]}, {"protocols": ["UDP"]}, {"destinationPorts": ["80"]},
     {"destinationAddresses": ["AzureContainerRegistry.WestUS"]}],
)  # fmt: skip
def test_network_rules_for_something_else_do_not(changes: Json) -> None:
    assert held_back(also(login(), "AzureContainerRegistry", **changes), DATA) == without(EAST)


def test_network_rules_may_allow_storage_by_tag_in_every_region() -> None:
    rows = registry(), replica("westus")

    assert held_back(also(login(), "Storage"), *rows) == []
    assert held_back(also(login(), "Storage.EastUS"), registry()) == []
    assert held_back(also(login(), "Storage.EastUS"), *rows) == without(BLOBS)
    assert held_back(also(login(), "Storage.EastUS", "Storage.WestUS"), *rows) == []


def test_names_in_network_rules_count() -> None:
    assert held_back(also(login(), fqdns=(BLOBS,)), registry()) == []
    assert held_back(also(firewall(), fqdns=("contoso.azurecr.io",)), DATA) == without(EAST)
    assert held_back(also(firewall(), fqdns=("contoso.azurecr.io", EAST)), DATA) == []


def test_a_tag_that_cannot_be_compared_leaves_it_open() -> None:
    related = lead("registriesWithoutData", also(login(), "Sql"), DATA)

    assert doubts(related) == ["the names that serve the layers of contoso could not all be seen"]


def test_replicas_that_were_not_collected_may_serve_layers() -> None:
    known = {"collected": {REGISTRIES, *ALL}}

    assert doubts(lead("registriesWithoutData", login(EAST), DATA, **known)) == [
        "the names that serve the layers of contoso could not all be seen"
    ]
    assert held_back(login(), DATA, **known) == without(EAST)
    assert doubts(lead("registriesWithoutData", also(login(), "Storage.EastUS"), registry(), **known)) == []
    assert held_back(also(login(), "Storage"), registry(), **known) == []


def test_a_region_that_is_unseen_may_serve_layers() -> None:
    row = registry(location=None, dataEndpointEnabled=True)

    assert doubts(lead("registriesWithoutData", app("*.azurecr.io"), row)) == [
        "the names that serve the layers of contoso could not all be seen"
    ]


def test_whether_there_are_data_endpoints_matters_only_where_one_kind_of_name_is_missing() -> None:
    old = {**registry(), "apiVersion": "2019-05-01"}

    assert doubts(lead("registriesWithoutData", login(BLOBS), old)) != []
    assert held_back(app("*.azurecr.io", BLOBS), old) == []
    assert held_back(login(), old) == without(EAST, BLOBS)


@pytest.mark.parametrize("lacking", ["dataEndpointEnabled", "privateEndpointConnections"])
def test_either_sign_of_data_endpoints_that_is_unseen_leaves_it_open(lacking: str) -> None:
    settings: dict[str, Any] = {"dataEndpointEnabled": False, "privateEndpointConnections": [], lacking: None}
    gap = Gap(f"{REGISTRIES}/properties.{lacking}", "", "refused")

    related = lead("registriesWithoutData", login(BLOBS), registry(**settings), gaps=[gap])

    assert doubts(related) == ["the names that serve the layers of contoso could not all be seen"]


def test_rules_that_could_not_be_seen_may_name_what_serves_layers() -> None:
    held = login()
    held["properties"]["firewallPolicy"] = {"id": f"{NETWORK}/firewallPolicies/gone"}

    related = lead("registriesWithoutData", held)

    assert (names(related), set(doubts(related))) == ([], {"gone is not in the scanned scope"})
