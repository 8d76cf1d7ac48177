"""An agent pool's subnet, and what its virtual network's row shows around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.engine.traffic.rule_values import texts
from scanner.model.resource import Absent, Related, Resource, Unseen, Value, parent_key

NETWORKS = "microsoft.network/virtualnetworks"
SECURITY_GROUPS = "microsoft.network/networksecuritygroups"
ROUTE_TABLES = "microsoft.network/routetables"


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet, as the row of its network shows it."""

    network: Resource
    held: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The lower-cased id."""
        return text(self.held, "id")

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Its address prefixes; those of its network where it shows none."""
        own = texts(at(self.held, "properties"), "addressPrefix", "addressPrefixes")
        space = at(self.network.rows[0].body, "properties", "addressSpace")
        return tuple(own or texts(space, "addressPrefixes"))

    def has_service_endpoint(self, services: Sequence[str], region: str | None) -> bool:
        """Whether one for such a service in a region (or all) leads its traffic there."""
        wanted = {each.lower() for each in services}
        for endpoint in objects(Value(at(self.held, "properties").get("serviceEndpoints"))):
            places = {each.lower() for each in texts(endpoint, "locations")}
            ready = text(endpoint, "provisioningState") in {"", "succeeded"}
            anywhere = "*" in places or text(endpoint, "service").endswith(".global")
            if text(endpoint, "service") in wanted and ready and (anywhere or region in places):
                return True
        return False

    def beside(self, facts: RelationQueries, name: str, resource_type: str) -> Resource | Unseen | None:
        """What it names, such as its network security group; None where it names none."""
        identifier = at(self.held, "properties", name).get("id")
        if identifier is None:
            return None
        missing = Unseen(f"{str(identifier).rsplit('/', 1)[-1]} is not in the scanned scope")
        return facts.by_id(identifier, resource_type) or missing


def subnet_of(facts: RelationQueries, pool: Resource) -> Subnet | Unseen | None:
    """The subnet of a pool; None where it has none."""
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
    held = next((each for each in objects(subnets) if text(each, "id") == key), None)
    if held is None:
        return Unseen(f"{network.name} shows no subnet {key.rsplit('/', 1)[-1]}")
    return Subnet(network, held)


def network_security_group(facts: RelationQueries, pool: Resource) -> Related:
    """The network security group of a pool's subnet."""
    subnet = subnet_of(facts, pool)
    if isinstance(subnet, Unseen):
        return Related(unseen=subnet)
    group = None if subnet is None else subnet.beside(facts, "networkSecurityGroup", SECURITY_GROUPS)
    if isinstance(group, Unseen):
        return Related(unseen=group)
    return Related() if group is None else Related((group,))
