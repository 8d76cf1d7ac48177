"""Where the routes of a subnet send its traffic to public addresses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.subnets import ROUTE_TABLES, Subnet
from scanner.engine.traffic.address_match import NEAR
from scanner.model.resource import Resource, Row, Unseen
from scanner.network import ipv4
from scanner.network.ipv4 import Interval

MANAGED_ROUTES = "microsoft.network/virtualnetworks/subnets/effectiveroutingrules"
"""What Virtual Network Manager routes: it keeps the routes in the route table of the subnet."""

INTERNET, APPLIANCE, NOWHERE = "internet", "virtualappliance", "none"
_STRAIGHT = frozenset({INTERNET, "vnetlocal"})
"""Next hops on which nobody else decides about the traffic."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route of a route table."""

    id: str
    name: str
    prefix: str
    hop: str
    """The type of the next hop, as Azure spells it."""
    address: str | None
    """That of the next hop, if it is an appliance."""
    row: Row

    @property
    def is_straight(self) -> bool:
        return self.hop.lower() in _STRAIGHT

    @property
    def is_detour(self) -> bool:
        """Whether it takes public addresses, or a service tag, off the straight way."""
        interval = ipv4.parse(self.prefix)
        inside = ":" in self.prefix or (interval is not None and ipv4.is_private(interval))
        return not self.is_straight and not inside


def routes_of(facts: RelationQueries, subnet: Subnet) -> Sequence[Route] | Unseen:
    """The routes that somebody gave a subnet: those that a gateway learns do not show."""
    table = subnet.beside(facts, "routeTable", ROUTE_TABLES)
    if isinstance(table, Unseen):
        return table
    if table is None:
        places = (subnet.key, f"{subnet.key}/providers/microsoft.network")
        managed = any(facts.inventory.children(place, MANAGED_ROUTES) for place in places)
        what = f"Virtual Network Manager routes the subnet {subnet.name}, whose route table does not show"
        return Unseen(what) if managed else ()
    held = facts.field(table, "properties.routes")
    return held if isinstance(held, Unseen) else [_route(table, each) for each in objects(held)]


def _route(table: Resource, held: Mapping[str, Any]) -> Route:
    properties, name = at(held, "properties"), str(held.get("name"))
    hop, address = properties.get("nextHopType"), properties.get("nextHopIpAddress")
    return Route(
        f"{table.id}/routes/{name}",
        name,
        text(properties, "addressPrefix"),
        hop if isinstance(hop, str) else "next hop that does not show",
        address if isinstance(address, str) else None,
        table.rows[0],
    )


def routes_to(routes: Sequence[Route], tag: str, table: TagTable) -> Sequence[Route] | Unseen:
    """The routes that some address of a service tag takes; those that take Azure's own are not told.

    The longest prefix wins; of a tag in a route that is each of its prefixes.
    """
    if not any(route.is_detour for route in routes):
        return ()
    found = table.find(tag)
    if isinstance(found, Unseen):
        return _routes_by_name(routes, tag) or found
    left, taken = found.ipv4, dict[str, Route]()
    entries = []
    for route in routes:
        prefixes = list(_prefixes(route, table))
        if any(isinstance(each, Unseen) for each in prefixes):
            return next(each for each in prefixes if isinstance(each, Unseen))
        entries += [(each, route) for each in prefixes if not isinstance(each, Unseen)]
    # Of one length a prefix comes before a tag, as Azure has it: a tag has all of its prefixes at once.
    entries.sort(key=lambda entry: (entry[0][1] - entry[0][0], ipv4.parse(entry[1].prefix) is None))
    for interval, route in entries:
        if ipv4.overlaps(left, interval):
            left = ipv4.difference(left, (interval,))
            taken[route.id] = route
    return list(taken.values())


def _routes_by_name(routes: Sequence[Route], tag: str) -> Sequence[Route] | None:
    """The same without the addresses of a tag: only where no route but one may take them."""
    public = [route for route in routes if not _is_inside(route.prefix)]
    service = tag.lower().partition(".")[0]
    by_name = [route for name in (tag.lower(), service) for route in public if route.prefix == name]
    default = [route for route in public if ipv4.parse(route.prefix) == ipv4.parse("0.0.0.0/0")]
    taken = (by_name or default)[:1]
    others = [route for route in public if route not in by_name and route not in default]
    alike = all((route.hop, route.address) == (each.hop, each.address) for route in taken for each in others)
    return taken if taken and alike else None


def _prefixes(route: Route, table: TagTable) -> Iterator[Interval | Unseen]:
    """The addresses of a route, prefix by prefix; none of those inside of a network."""
    if _is_inside(route.prefix):
        return
    interval = ipv4.parse(route.prefix)
    if interval is not None:
        yield interval
        return
    tag = table.find(route.prefix)
    if isinstance(tag, Unseen):
        yield Unseen(f"where the route {route.name} leads is not known: {tag.reason}", tag.help)
        return
    for prefix in tag.prefixes:
        if (each := ipv4.parse(prefix)) is not None:
            yield each


def _is_inside(prefix: str) -> bool:
    """Whether a route's prefix is one of IPv6, or of a network's own addresses."""
    interval = ipv4.parse(prefix)
    return ":" in prefix or prefix in NEAR or (interval is not None and ipv4.is_private(interval))
