"""Private DNS: whether a registry's names lead to its endpoints, by rows as Resource Graph writes them."""

from typing import Any

import pytest
from engine_rows import GROUP, OTHER_SUBSCRIPTION, REGISTRIES, REGISTRY, SUBSCRIPTION, Json, inventory, world

from scanner.model.inventory import Gap
from scanner.model.resource import Related

NETWORK = f"{GROUP}/providers/Microsoft.Network"
ENDPOINTS = "microsoft.network/privateendpoints"
NETWORKS = "microsoft.network/virtualnetworks"
ZONES = "microsoft.network/privatednszones"
LINKS = f"{ZONES}/virtualnetworklinks"
RECORDS = f"{ZONES}/a"
REPLICATIONS = f"{REGISTRIES}/replications"
DNS = {ENDPOINTS, NETWORKS, ZONES, LINKS, RECORDS, REPLICATIONS}
HOME = ("contoso", "contoso.eastus.data")
MISSING = "the zone privatelink.azurecr.io of contoso is not in the scanned scope"


def graph(identifier: str, **properties: Any) -> Json:
    """A row of Resource Graph: the type in lower case, the id as it was made, no api-version."""
    return {
        "id": identifier,
        "name": identifier.rsplit("/", 1)[-1],
        "source": "resourceGraph",
        "apiVersion": None,
        "properties": properties,
    }


def connection(name: str = "pe1", status: str | None = "Approved") -> Json:
    state = {"status": status, "description": "", "actionsRequired": "None"}
    return {
        "id": f"{REGISTRY}/privateEndpointConnections/{name}",
        "properties": {
            "privateEndpoint": {"id": f"{NETWORK}/privateEndpoints/{name}"},
            "privateLinkServiceConnectionState": state,
            "provisioningState": "Succeeded",
        },
    }


def registry(*connections: Json, server: str | None = "contoso.azurecr.io", **changes: Any) -> Json:
    properties = {
        "loginServer": server,
        "provisioningState": "Succeeded",
        "privateEndpointConnections": list(connections or (connection(),)),
    }
    base = {"id": REGISTRY, "location": "East US", "sku": {"name": "Premium"}}
    return {**base, "properties": properties, **changes}


def endpoint(name: str = "pe1", network: str = "hub") -> Json:
    subnet = {"id": f"{NETWORK}/virtualNetworks/{network}/subnets/endpoints"}
    return graph(f"{NETWORK}/privateEndpoints/{name}", subnet=subnet)


def network(name: str = "hub", servers: list[str] | None = None) -> Json:
    options = {} if servers is None else {"dhcpOptions": {"dnsServers": servers}}
    return graph(f"{NETWORK}/virtualNetworks/{name}", **options)


def zone(name: str = "privatelink.azurecr.io", group: str = GROUP) -> Json:
    return graph(f"{group}/providers/Microsoft.Network/privateDnsZones/{name}")


def link(to: str = "hub", state: str | None = "Completed", of: Json | None = None) -> Json:
    identifier = f"{(of or zone())['id']}/virtualNetworkLinks/{to}-link"
    target = {"id": f"{NETWORK}/virtualNetworks/{to}"}
    return graph(identifier, virtualNetwork=target, virtualNetworkLinkState=state, registrationEnabled=False)


def records(*names: str, of: Json | None = None) -> list[Json]:
    return [
        graph(f"{(of or zone())['id']}/A/{name}", ttl=10, aRecords=[{"ipv4Address": "10.10.0.4"}])
        for name in names
    ]


def replica(region: str, location: str | None = None) -> Json:
    found = {"id": f"{REGISTRY}/replications/{region}", "location": location or region, "properties": {}}
    return {**found, "source": "resourceGraph", "apiVersion": "2025-11-01"}


WHOLE = [registry(), endpoint(), network(), zone(), link(), *records(*HOME)]


def lead(*rows: Json, relation: str, **bounds: Any) -> Related:
    of = inventory(*rows, **{"collected": DNS, **bounds})
    return world(of).related(of.resources[REGISTRY.lower()], relation)


def zoneless(*rows: Json, **bounds: Any) -> Related:
    return lead(*rows, relation="endpointsWithoutZone", **bounds)


def recordless(*rows: Json, **bounds: Any) -> Related:
    return lead(*rows, relation="endpointsWithoutRecords", **bounds)


def names(related: Related) -> list[str]:
    return [target.name for target in related.targets]


def doubts(related: Related) -> list[str]:
    unseen = [] if related.unseen is None else [related.unseen]
    return [doubt.reason for doubt in (*related.uncertain, *unseen)]


# ---- names that lead to the endpoint


def test_a_linked_zone_with_every_record_leads_to_the_endpoint() -> None:
    assert zoneless(*WHOLE) == Related()
    assert recordless(*WHOLE) == Related()


@pytest.mark.parametrize("servers", [[], None])
def test_a_network_without_dns_servers_of_its_own_asks_azure(servers: list[str] | None) -> None:
    rows = [registry(), endpoint(), network(servers=servers), zone(), link(), *records(*HOME)]

    assert (zoneless(*rows), recordless(*rows)) == (Related(), Related())


def test_ids_and_names_compare_without_case() -> None:
    loud = zone("Privatelink.AzureCR.io")
    shouted = registry(server="CONTOSO.azurecr.io")
    rows = [
        shouted,
        endpoint(),
        network(),
        loud,
        link(of=loud),
        *records("Contoso", "contoso.EASTUS.data", of=loud),
    ]

    assert (zoneless(*rows), recordless(*rows)) == (Related(), Related())


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("contoso-h4ghdya5.azurecr.io", "privatelink.azurecr.io"),
        ("contoso-h4ghdya5.azurecr.us", "privatelink.azurecr.us"),
    ],
)
def test_the_login_server_tells_the_zone_and_the_names(server: str, name: str) -> None:
    other, host = zone(name), "contoso-h4ghdya5"
    rows = [registry(server=server), endpoint(), network(), other, link(of=other)]

    assert recordless(*rows, *records(host, f"{host}.eastus.data", of=other)) == Related()
    assert names(recordless(*rows, *records(*HOME, of=other))) == ["pe1"]
    assert names(zoneless(*rows)) == []


# ---- records


@pytest.mark.parametrize(
    "there", [[], ["contoso"], ["contoso.eastus.data"], ["contoso", "contoso.westus.data"]]
)
def test_a_record_that_is_missing_is_told(there: list[str]) -> None:
    rows = [registry(), endpoint(), network(), zone(), link(), *records(*there)]

    assert (names(recordless(*rows)), doubts(recordless(*rows))) == (["pe1"], [])
    assert zoneless(*rows) == Related()


def test_every_region_has_a_data_endpoint_of_its_own() -> None:
    rows = [*WHOLE, replica("eastus"), replica("westus", "West US")]

    assert names(recordless(*rows)) == ["pe1"]
    assert recordless(*rows, *records("contoso.westus.data")) == Related()


def test_records_of_another_zone_do_not_count() -> None:
    other = zone(group=f"{GROUP}2")
    rows = [registry(), endpoint(), network(), zone(), link(), other, *records(*HOME, of=other)]

    assert names(recordless(*rows)) == ["pe1"]


def test_records_that_were_not_collected_may_be_there() -> None:
    rows = [registry(), endpoint(), network(), zone(), link(), *records("contoso")]

    uncollected = recordless(*rows, collected=DNS - {RECORDS})
    refused = recordless(*rows, gaps=[Gap(RECORDS, SUBSCRIPTION, "refused")])
    seen = recordless(*rows, *records("contoso.eastus.data"), collected=DNS - {RECORDS})

    assert doubts(uncollected) == ["Microsoft.Network/privateDnsZones/A was not collected"]
    assert (names(refused), doubts(refused)) == ([], ["refused"])
    assert seen == Related()


def test_regions_that_were_not_seen_may_lack_a_record() -> None:
    unlisted = recordless(*WHOLE, collected=DNS - {REPLICATIONS})
    somewhere = {**replica("westus"), "location": None}
    nowhere = [{**registry(), "location": None}, *WHOLE[1:]]

    assert doubts(unlisted) == ["Microsoft.ContainerRegistry/registries/replications was not collected"]
    assert doubts(recordless(*WHOLE, somewhere)) == ["the region of westus could not be seen"]
    assert doubts(recordless(*nowhere)) == ["the region of contoso could not be seen"]
    assert zoneless(*nowhere) == Related()


def test_a_record_that_is_missing_is_told_whatever_else_could_not_be_seen() -> None:
    rows = [registry(), endpoint(), network(), zone(), link(), *records("contoso.eastus.data")]

    related = recordless(*rows, {**replica("westus"), "location": None}, collected=DNS - {REPLICATIONS})

    assert (names(related), doubts(related)) == (["pe1"], [])


# ---- the zone


@pytest.mark.parametrize(
    "links", [[], [link("spoke")], [link(state="InProgress")], [link(state="inprogress"), link("spoke")]]
)
def test_a_network_that_is_not_linked_to_the_registrys_zone_is_told(links: list[Json]) -> None:
    rows = [registry(), endpoint(), network(), network("spoke"), zone(), *links, *records("contoso")]

    assert (names(zoneless(*rows)), doubts(zoneless(*rows))) == (["pe1"], [])
    assert recordless(*rows) == Related()


def test_a_zone_knows_the_registry_whatever_the_case() -> None:
    loud = registry(server="CONTOSO.azurecr.io")
    rows = [loud, endpoint(), network(), zone(), *records("contoso")]

    assert names(zoneless(*rows)) == ["pe1"]


def test_a_zone_that_does_not_know_the_registry_says_nothing_unless_it_is_linked() -> None:
    rows = [registry(), endpoint(), network(), zone(), *records("fabrikam", "contoso.eastus.data")]

    assert doubts(zoneless(*rows)) == [MISSING]
    assert doubts(recordless(*rows)) == [MISSING]


@pytest.mark.parametrize("other", [[], [zone("privatelink.azurecr.us")], [zone("azurecr.io")]])
def test_a_zone_outside_of_the_scanned_scope_may_be_linked(other: list[Json]) -> None:
    rows = [registry(), endpoint(), network(), *other]

    assert (names(zoneless(*rows)), doubts(zoneless(*rows))) == ([], [MISSING])
    assert (names(recordless(*rows)), doubts(recordless(*rows))) == ([], [MISSING])


def test_of_several_zones_the_linked_one_counts() -> None:
    other = zone(group=f"{GROUP}2")
    rows = [registry(), endpoint(), network(), zone(), other, link("spoke"), link(of=other)]

    assert recordless(*rows, *records(*HOME, of=other)) == Related()
    assert names(recordless(*rows, *records(*HOME))) == ["pe1"]
    assert zoneless(*rows) == Related()


def test_zones_that_were_not_collected_may_be_linked() -> None:
    rows = [registry(), endpoint(), network(), zone(), *records(*HOME)]

    uncollected = zoneless(*rows, collected=DNS - {ZONES})
    elsewhere = zoneless(*rows, gaps=[Gap(ZONES, OTHER_SUBSCRIPTION, "refused")])
    linked = zoneless(*rows, link(), collected=DNS - {ZONES})
    hidden = zoneless(*rows, {**zone(group=f"{GROUP}2"), "name": None}, gaps=[
        Gap(f"{ZONES}/name", zone(group=f"{GROUP}2")["id"].lower(), "refused")])  # fmt: skip

    assert doubts(uncollected) == ["Microsoft.Network/privateDnsZones was not collected"]
    assert doubts(elsewhere) == ["refused"]
    assert linked == Related()
    assert doubts(hidden) == ["name of privatelink.azurecr.io could not be seen"]


def test_links_that_were_not_seen_may_be_there() -> None:
    rows = [registry(), endpoint(), network(), zone(), *records(*HOME)]
    anonymous, stateless = link("spoke"), link(state=None)
    anonymous["properties"]["virtualNetwork"] = None

    uncollected = zoneless(*rows, collected=DNS - {LINKS})

    assert doubts(uncollected) == ["Microsoft.Network/privateDnsZones/virtualNetworkLinks was not collected"]
    assert doubts(zoneless(*rows, anonymous)) == ["the network of the link spoke-link could not be seen"]
    assert doubts(zoneless(*rows, stateless)) == ["the state of the link hub-link could not be seen"]
    assert zoneless(*rows, anonymous, link("hub"), collected=DNS - {LINKS}) == Related()
    assert names(zoneless(*rows, link(state="InProgress"), collected=DNS - {LINKS})) == ["pe1"]


# ---- the endpoint and its network


def test_a_network_with_dns_servers_of_its_own_leaves_it_open() -> None:
    rows = [registry(), endpoint(), network(servers=["10.0.0.4"]), zone(), *records("contoso")]

    assert doubts(zoneless(*rows)) == ["the network hub asks DNS servers of its own"]
    assert doubts(recordless(*rows, link())) == ["the network hub asks DNS servers of its own"]


def test_dns_servers_that_could_not_be_seen_leave_it_open() -> None:
    gap = Gap(f"{NETWORKS}/properties.dhcpOptions.dnsServers", network()["id"].lower(), "refused")

    assert doubts(zoneless(*WHOLE, gaps=[gap])) == ["refused"]


@pytest.mark.parametrize(
    ("rows", "bounds", "reason"),
    [
        ([], {}, "the private endpoint pe1 is not in the scanned scope"),
        ([], {"collected": DNS - {ENDPOINTS}}, "Microsoft.Network/privateEndpoints was not collected"),
        ([], {"subscriptions": [OTHER_SUBSCRIPTION]}, "pe1 lies outside of the scanned subscriptions"),
        ([endpoint()], {}, "the network hub is not in the scanned scope"),
        (
            [endpoint()],
            {"collected": DNS - {NETWORKS}},
            "Microsoft.Network/virtualNetworks was not collected",
        ),
        (
            [endpoint()],
            {"subscriptions": [OTHER_SUBSCRIPTION]},
            "hub lies outside of the scanned subscriptions",
        ),
        (
            [graph(f"{NETWORK}/privateEndpoints/pe1")],
            {},
            "the subnet of the private endpoint pe1 could not be seen",
        ),
    ],
)
def test_an_endpoint_or_a_network_that_was_not_seen_leaves_it_open(
    rows: list[Json], bounds: dict[str, Any], reason: str
) -> None:
    zones = [zone(), link(), *records(*HOME)]

    assert (names(zoneless(registry(), *rows, *zones, **bounds)), doubts(
        zoneless(registry(), *rows, *zones, **bounds)
    )) == ([], [reason])  # fmt: skip
    assert doubts(recordless(registry(), *rows, *zones, **bounds)) == [reason]


@pytest.mark.parametrize("status", ["Pending", "Rejected", "Disconnected"])
def test_a_connection_that_is_not_approved_needs_no_names(status: str) -> None:
    rows = [registry(connection(status=status)), endpoint(), network()]

    assert (zoneless(*rows), recordless(*rows)) == (Related(), Related())


def test_approval_is_read_without_case_and_a_state_that_does_not_show_may_be_it() -> None:
    zones = [endpoint(), network(), zone(), *records("contoso")]

    assert names(zoneless(registry(connection(status="approved")), *zones)) == ["pe1"]
    assert doubts(zoneless(registry(connection(status=None)), *zones)) == [
        "the state of a private endpoint connection could not be seen"
    ]


def test_which_endpoints_are_passed_by_is_told_by_name() -> None:
    rows = [
        registry(connection(), connection("pe2"), connection("pe3"), connection("pe4", "Pending")),
        *(endpoint(), endpoint("pe2", "spoke"), endpoint("pe3", "far"), endpoint("pe4", "spoke")),
        *(network(), network("spoke"), network("far", ["10.0.0.4"]), zone(), link(), *records(*HOME)),
    ]

    assert (names(zoneless(*rows)), doubts(zoneless(*rows))) == (
        ["pe2"],
        ["the network far asks DNS servers of its own"],
    )


def test_connections_and_login_servers_that_were_not_seen_leave_it_open() -> None:
    old = registry(apiVersion="2019-05-01")
    del old["properties"]["privateEndpointConnections"]

    assert doubts(zoneless(old, *WHOLE[1:])) == ["read with an apiVersion older than 2019-12-01-preview"]
    assert doubts(recordless(old, *WHOLE[1:])) == ["read with an apiVersion older than 2019-12-01-preview"]
    assert doubts(zoneless(registry(server=None), *WHOLE[1:])) == [
        "the login server of contoso could not be seen"
    ]


def test_a_registry_without_private_endpoints_has_none_without_names() -> None:
    bare = registry()
    bare["properties"]["privateEndpointConnections"] = []

    assert (zoneless(bare), recordless(bare)) == (Related(), Related())
