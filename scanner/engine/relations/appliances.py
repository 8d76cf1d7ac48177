"""The Azure Firewall that a route leads to, by its private address."""

from collections.abc import Iterator, Sequence

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.engine.relations.peerings import peered, peerings
from scanner.engine.relations.routes import Route
from scanner.engine.traffic.rule_values import texts
from scanner.model.resource import Resource, Unseen, Value, parent_key
from scanner.model.store import ResourceIndex
from scanner.network import ipv4

FIREWALLS = "microsoft.network/azurefirewalls"


def firewall_at(facts: RelationQueries, network: Resource, route: Route) -> Resource | Unseen:
    """The firewall with the address that a route leads to, in a network or one peered with it."""
    where = f"the route {route.name} sends traffic to a {route.hop}"
    if route.address is None:
        return Unseen(f"{where}, whose address does not show")
    index_by: ResourceIndex = facts.once("firewalls by address", lambda: _by_address(facts))
    found = [each for each in index_by(route.address) if _is_near(facts, network, each, route.address)]
    match found:
        case [firewall]:
            return firewall
        case []:
            return Unseen(f"{where} at {route.address}, which is no firewall of the scanned scope")
        case _:
            return Unseen(f"{where} at {route.address}, which several firewalls have")


def _by_address(facts: RelationQueries) -> ResourceIndex:
    """The firewalls by private address."""
    return facts.inventory.index_by(
        (address, firewall)
        for firewall in facts.inventory.of_type(FIREWALLS)
        for address in dict.fromkeys(_addresses(firewall))
    )


def _addresses(firewall: Resource) -> Iterator[str]:
    properties = at(firewall.rows[0].body, "properties")
    for configuration in objects(Value(properties.get("ipConfigurations"))):
        yield from texts(at(configuration, "properties"), "privateIPAddress")
    yield from texts(at(properties, "hubIPAddresses"), "privateIPAddress")


def _is_near(facts: RelationQueries, network: Resource, firewall: Resource, address: str) -> bool:
    """Whether a firewall with an address is one that a network reaches: others may have the same address."""
    homes = {
        parent_key(text(at(each, "properties", "subnet"), "id"))
        for each in objects(Value(at(firewall.rows[0].body, "properties").get("ipConfigurations")))
        if text(at(each, "properties", "subnet"), "id")
    }
    if homes:
        return any(
            home == network.key or peered(facts, network.key, home) or peered(facts, home, network.key)
            for home in homes
        )
    spaces = [at(network.rows[0].body, "properties", "addressSpace")]
    for peering in peerings(facts, network.key):
        spaces += [at(peering, "remoteAddressSpace"), at(peering, "remoteVirtualNetworkAddressSpace")]
    return _holds([prefix for space in spaces for prefix in texts(space, "addressPrefixes")], address)


def _holds(prefixes: Sequence[str], address: str) -> bool:
    wanted = ipv4.parse(address)
    space = ipv4.union(each for prefix in prefixes if (each := ipv4.parse(prefix)) is not None)
    return wanted is not None and ipv4.contains(space, wanted)
