"""Where a network security group filters traffic: the subnets and the interfaces that it guards."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.model.resource import Resource, Unseen, Value, parent_key

NETWORKS = "microsoft.network/virtualnetworks"


@dataclass(frozen=True, slots=True)
class Place:
    """A subnet, or an interface in a subnet that may not be known."""

    subnet: str | None
    """The id, as Azure spelt it."""
    interface: str | None = None

    @property
    def network(self) -> str | None:
        """The id of the network."""
        return None if self.subnet is None else parent_key(self.subnet)

    @property
    def doubt(self) -> Unseen | None:
        """Why its network is not known, where it is not."""
        if self.subnet is not None:
            return None
        name = str(self.interface).rsplit("/", 1)[-1]
        return Unseen(f"the network of the interface {name} could not be seen")


def places(facts: RelationQueries, group: Resource) -> tuple[list[Place], list[Unseen]]:
    """The places of a group, and why there may be others."""
    subnets = facts.field(group, "properties.subnets")
    interfaces = facts.field(group, "properties.networkInterfaces")
    found = [Place(str(subnet.get("id"))) for subnet in objects(subnets)]
    ids = [str(interface.get("id")) for interface in objects(interfaces)]
    if ids:
        known: Mapping[str, str] = facts.once("subnets of interfaces", lambda: dict(_subnets(facts)))
        found += [Place(known.get(each.lower()), each) for each in ids]
    return found, [each for each in (subnets, interfaces) if isinstance(each, Unseen)]


def _subnets(facts: RelationQueries) -> Iterator[tuple[str, str]]:
    """The subnet of each interface in the collected networks, which list the IP configurations in them."""
    for network in facts.inventory.of_type(NETWORKS):
        for subnet in objects(facts.field(network, "properties.subnets")):
            for configuration in objects(Value(at(subnet, "properties").get("ipConfigurations"))):
                yield parent_key(text(configuration, "id")), str(subnet.get("id"))
