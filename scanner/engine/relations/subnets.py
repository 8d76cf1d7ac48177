"""What stands around an agent pool's subnet: its network security group, and routes that lead elsewhere."""

from collections.abc import Mapping
from typing import Any

from scanner.engine.fields.relation_queries import Facts, at, objects, text
from scanner.model.resource import Absent, Related, Resource, Unseen, parent_key
from scanner.network import ipv4

NETWORKS = "microsoft.network/virtualnetworks"
SECURITY_GROUPS = "microsoft.network/networksecuritygroups"
ROUTE_TABLES = "microsoft.network/routetables"

STRAIGHT = frozenset({"internet", "vnetlocal"})
"""Next hops on which nobody else decides about the traffic."""


def network_security_group(facts: Facts, pool: Resource) -> Related:
    """The network security group of a pool's subnet."""
    group = _beside(facts, pool, "networkSecurityGroup", SECURITY_GROUPS)
    if isinstance(group, Unseen):
        return Related(unseen=group)
    return Related() if group is None else Related((group,))


def detours(facts: Facts, pool: Resource) -> Related:
    """The routes that send a pool's public traffic to others: whether they pass it on is not known."""
    table = _beside(facts, pool, "routeTable", ROUTE_TABLES)
    if table is None:
        return Related()
    routes = table if isinstance(table, Unseen) else facts.field(table, "properties.routes")
    if isinstance(routes, Unseen):
        return Related(unseen=routes)
    doubts = [
        Unseen(f"the route {route.get('name')} sends traffic to a {hop}, whose rules are not judged")
        for route in objects(routes)
        if (hop := at(route, "properties").get("nextHopType")) is not None and _turns(route)
    ]
    return Related(possible=tuple(doubts))


def _turns(route: Mapping[str, Any]) -> bool:
    """Whether a route takes public addresses, or a service tag, off the straight way."""
    properties = at(route, "properties")
    prefix = ipv4.parse(text(properties, "addressPrefix"))
    private = prefix is not None and ipv4.is_private(prefix)
    return text(properties, "nextHopType") not in STRAIGHT and not private


def _beside(facts: Facts, pool: Resource, name: str, resource_type: str) -> Resource | Unseen | None:
    """What a pool's subnet names; None where it names none, or where the pool has no subnet."""
    subnet = _subnet(facts, pool)
    if subnet is None or isinstance(subnet, Unseen):
        return subnet
    identifier = at(subnet, "properties", name).get("id")
    if identifier is None:
        return None
    missing = Unseen(f"{str(identifier).rsplit('/', 1)[-1]} is not in the scanned scope")
    return facts.by_id(identifier, resource_type) or missing


def _subnet(facts: Facts, pool: Resource) -> Mapping[str, Any] | Unseen | None:
    """The subnet of a pool, as its virtual network's row shows it."""
    named = facts.field(pool, "properties.virtualNetworkSubnetResourceId")
    if isinstance(named, Absent):
        return None
    if isinstance(named, Unseen):
        return named
    key = str(named.value).lower()
    network = facts.by_id(parent_key(key), NETWORKS)
    if not isinstance(network, Resource):
        name = parent_key(key).rsplit("/", 1)[-1]
        return network or Unseen(f"the network {name} is not in the scanned scope")
    subnets = facts.field(network, "properties.subnets")
    if isinstance(subnets, Unseen):
        return subnets
    found = (each for each in objects(subnets) if text(each, "id") == key)
    return next(found, Unseen(f"{network.name} shows no subnet {key.rsplit('/', 1)[-1]}"))
