"""What serves a registry's image layers: data endpoints of its own, or storage accounts of its regions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text
from scanner.model.resource import Resource, Unseen, Value, parent_key
from scanner.model.truth import Truth, any_of, truth_of

REGISTRIES = "microsoft.containerregistry/registries"
REPLICATIONS = f"{REGISTRIES}/replications"


@dataclass(frozen=True, slots=True)
class Host:
    """A login server in its parts: `contoso` and `azurecr.io`."""

    label: str
    domain: str

    def data(self, region: str) -> str:
        """The data endpoint of a region."""
        return f"{self.label}.{region}.data.{self.domain}"

    def regional(self, region: str) -> str:
        """The regional endpoint of a region."""
        return f"{self.label}.{region}.geo.{self.domain}"


def host_of(facts: RelationQueries, registry: Resource) -> Host | None:
    """The login server of a registry; None where it does not show."""
    server = facts.field(registry, "properties.loginServer")
    if not isinstance(server, Value):
        return None
    label, _, domain = str(server.value).partition(".")
    return Host(label, domain)


def regions_of(facts: RelationQueries, registry: Resource) -> tuple[Sequence[str], bool]:
    """The home region of a registry and those of its replicas, and whether these are all."""
    replicas = facts.related(registry, "replications")
    regions = {registry.location, *(replica.location for replica in replicas.targets)}
    return sorted(filter(None, regions)), replicas.unseen is None and None not in regions


def replica_regions(facts: RelationQueries) -> Mapping[str, Iterable[str | None]]:
    """The regions of replicas by the lower-cased id of their registry, for all registries at once."""
    found: dict[str, dict[str | None, None]] = {}
    for replica in facts.inventory.of_type(REPLICATIONS):
        found.setdefault(parent_key(replica.key), {})[replica.location] = None
    return found


def dedicated(facts: RelationQueries, registry: Resource) -> Truth:
    """Whether a registry has data endpoints of its own: an approved private endpoint brings them."""
    enabled = facts.field(registry, "properties.dataEndpointEnabled")
    connections = facts.field(registry, "properties.privateEndpointConnections")
    approved = any(
        text(at(each, "properties", "privateLinkServiceConnectionState"), "status") == "approved"
        for each in objects(connections)
    )
    return any_of(
        [
            Truth.UNKNOWN
            if isinstance(enabled, Unseen)
            else truth_of(isinstance(enabled, Value) and enabled.value is True),
            truth_of(approved) if not isinstance(connections, Unseen) else Truth.UNKNOWN,
        ]
    )
