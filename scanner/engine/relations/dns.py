"""Private DNS: whether a registry's names lead to its private endpoints, in the networks of these."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.model.resource import Related, Resource, Unseen, Value, parent_key
from scanner.model.store import ResourceIndex

ENDPOINTS = "microsoft.network/privateendpoints"
NETWORKS = "microsoft.network/virtualnetworks"
ZONES = "microsoft.network/privatednszones"
LINKS = f"{ZONES}/virtualnetworklinks"
RECORDS = f"{ZONES}/a"


def endpoints_without_zone(facts: RelationQueries, registry: Resource) -> Related:
    """Approved private endpoints in networks that are not linked to the zone of the registry's names."""
    return _those(facts, registry, lambda zone: zone is None)


def endpoints_without_records(facts: RelationQueries, registry: Resource) -> Related:
    """Approved private endpoints in networks whose linked zone lacks one of the registry's names."""
    return _those(facts, registry, lambda zone: zone is not None and lacking(facts, registry, zone))


def _those(
    facts: RelationQueries,
    registry: Resource,
    is_so: Callable[[Resource | None], bool | Sequence[str] | Unseen],
) -> Related:
    """The Approved endpoints of a registry for whose zone, if there is one, something is so."""
    endpoints = _approved(facts, registry)
    if isinstance(endpoints, Unseen):
        return Related(unseen=endpoints)
    targets, uncertain = [], []
    for endpoint in endpoints:
        zone = endpoint if isinstance(endpoint, Unseen) else zone_asked(facts, registry, endpoint)
        claim = zone if isinstance(zone, Unseen) else is_so(zone)
        if isinstance(claim, Unseen):
            uncertain.append(claim)
        elif claim and isinstance(endpoint, Resource):
            targets.append(endpoint)
    return Related(tuple(targets), tuple(uncertain))


def _approved(facts: RelationQueries, registry: Resource) -> Sequence[Resource | Unseen] | Unseen:
    """The endpoints of a registry's Approved connections; a state that does not show may be Approved."""
    connections = facts.field(registry, "properties.privateEndpointConnections")
    if isinstance(connections, Unseen):
        return connections
    found: list[Resource | Unseen] = []
    for connection in objects(connections):
        state = text(at(connection, "properties", "privateLinkServiceConnectionState"), "status")
        if state == "approved":
            found.append(endpoint_of(facts, connection))
        elif not state:
            found.append(Unseen("the state of a private endpoint connection could not be seen"))
    return found


def endpoint_of(facts: RelationQueries, connection: Mapping[str, Any]) -> Resource | Unseen:
    """The private endpoint of a connection."""
    named = at(connection, "properties", "privateEndpoint").get("id")
    return facts.by_id(named, ENDPOINTS) or _outside("private endpoint", str(named))


def zone_asked(facts: RelationQueries, registry: Resource, endpoint: Resource) -> Resource | Unseen | None:
    """The zone of a registry's names that an endpoint's network asks; None where it asks none.

    A zone in scope that is not linked counts only if it knows the registry: it may have its zone elsewhere.
    """
    network = _network(facts, endpoint)
    server = facts.field(registry, "properties.loginServer")
    if isinstance(network, Unseen):
        return network
    if not isinstance(server, Value):
        return Unseen(f"the login server of {registry.name} could not be seen")
    host, _, domain = str(server.value).lower().partition(".")
    named = facts.having(ZONES, "name", f"privatelink.{domain}")
    zones: _Zones = facts.once(f"zones of {domain}", lambda: _zones(facts, named.targets))
    zone = zones.linked.get(network.key)
    if zone is not None:
        return zone
    doubts = (*named.uncertain, *_doubts(facts, zones, network), named.unseen)
    last = None if zones.named(host) else _outside("zone", f"privatelink.{domain} of {registry.name}")
    return next((doubt for doubt in doubts if doubt is not None), last)


@dataclass(frozen=True, slots=True)
class _Zones:
    """The zones of a name: the first that is linked to each network, and their records of a name."""

    zones: Sequence[Resource]
    linked: Mapping[str, Resource]
    named: ResourceIndex
    doubtful: bool
    """Whether some link could not be seen."""


def _zones(facts: RelationQueries, zones: Sequence[Resource]) -> _Zones:
    linked: dict[str, Resource] = {}
    doubtful = False
    for zone in zones:
        links, doubt = _links_of(facts, zone)
        for network, is_linked in links.items():
            if is_linked is True:
                linked.setdefault(network, zone)
        doubtful = doubtful or doubt is not None or any(isinstance(each, Unseen) for each in links.values())
    records = (record for zone in zones for record in facts.inventory.children(zone.key, RECORDS))
    named = facts.inventory.index_by((record.name.lower(), record) for record in records)
    return _Zones(zones, linked, named, doubtful)


def _doubts(facts: RelationQueries, zones: _Zones, network: Resource) -> Iterator[Unseen]:
    """Why a zone may be linked to a network."""
    for zone in zones.zones if zones.doubtful else ():
        links, doubt = _links_of(facts, zone)
        link = links.get(network.key, doubt)
        if isinstance(link, Unseen):
            yield link


def _network(facts: RelationQueries, endpoint: Resource) -> Resource | Unseen:
    """The network of an endpoint, if it asks Azure for names, and no DNS servers of its own."""
    subnet = facts.field(endpoint, "properties.subnet.id")
    if not isinstance(subnet, Value):
        return Unseen(f"the subnet of the private endpoint {endpoint.name} could not be seen")
    named = parent_key(str(subnet.value))
    network = facts.by_id(named, NETWORKS)
    if not isinstance(network, Resource):
        return network or _outside("network", named)
    servers = facts.field(network, "properties.dhcpOptions.dnsServers")
    if isinstance(servers, Value) and servers.value:
        return Unseen(f"the network {network.name} asks DNS servers of its own")
    return servers if isinstance(servers, Unseen) else network


def _links_of(facts: RelationQueries, zone: Resource) -> tuple[Mapping[str, bool | Unseen], Unseen | None]:
    """The networks that a zone is linked to, and whether the link is complete; why there may be others."""
    links: tuple[Mapping[str, bool | Unseen], Unseen | None]
    links = facts.once(f"links of {zone.key}", lambda: _links(facts, zone))
    return links


def _links(facts: RelationQueries, zone: Resource) -> tuple[Mapping[str, bool | Unseen], Unseen | None]:
    doubt = facts.proven(zone, LINKS)
    links: dict[str, bool | Unseen] = {}
    for link in facts.inventory.children(zone.key, LINKS):
        named = facts.field(link, "properties.virtualNetwork.id")
        state = facts.field(link, "properties.virtualNetworkLinkState")
        if not isinstance(named, Value):
            doubt = Unseen(f"the network of the link {link.name} could not be seen")
            continue
        network = str(named.value).lower()
        if isinstance(links.get(network), bool):
            continue  # the first link to a network that shows its state tells
        unseen = Unseen(f"the state of the link {link.name} could not be seen")
        links[network] = str(state.value).lower() == "completed" if isinstance(state, Value) else unseen
    return links, doubt


def lacking(facts: RelationQueries, registry: Resource, zone: Resource) -> Sequence[str] | Unseen:
    """The names of the login server and of the regions' data endpoints that a zone has no record of."""
    replicas = facts.related(registry, "replications")
    names = list(_names(facts, registry, replicas.targets))
    missing = [name for name in names if isinstance(name, str) and not _has(facts, zone, name)]
    if missing:
        return facts.proven(zone, RECORDS) or missing
    unseen = next((name for name in names if isinstance(name, Unseen)), replicas.unseen)
    return () if unseen is None else unseen


def _names(
    facts: RelationQueries, registry: Resource, replicas: Sequence[Resource]
) -> Iterator[str | Unseen]:
    """The names of the login server and of the data endpoints, within the zone."""
    server = facts.field(registry, "properties.loginServer")
    host = str(server.value).lower().partition(".")[0] if isinstance(server, Value) else ""
    yield host
    for place in (registry, *replicas):
        region = place.location
        yield (
            Unseen(f"the region of {place.name} could not be seen")
            if region is None
            else f"{host}.{region}.data"
        )


def _has(facts: RelationQueries, zone: Resource, name: str) -> bool:
    """Whether a zone has an address of a name, which is in lower case."""
    record = facts.inventory.get(f"{zone.key}/a/{name}")
    return record is not None and record.type == RECORDS


def _outside(kind: str, name: str) -> Unseen:
    return Unseen(f"the {kind} {name.rpartition('/')[2]} is not in the scanned scope")
