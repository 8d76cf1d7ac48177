"""The registries that a firewall's application rules let clients reach by name."""

from collections.abc import Iterable, Sequence

from scanner.engine.fields.relation_queries import Facts, at, objects, text
from scanner.engine.relations.client_tags import REGISTRIES
from scanner.engine.traffic.rule_values import one, said
from scanner.model.resource import Related, Resource, Unseen, Value
from scanner.model.truth import Truth, any_of, truth_of

BLOBS = "*.blob.core.windows.net"


def covers_name(pattern: str, name: str) -> bool:
    """Whether a target name of a rule holds a name; a leading `*` spans any number of labels."""
    pattern, name = pattern.lower(), name.lower()
    return name.endswith(pattern[1:]) if pattern.startswith("*") else name == pattern


def registries_by_name(facts: Facts, firewall: Resource) -> Related:
    """The scanned registries whose login server an application rule allows."""
    patterns, doubt = _allowed(facts, firewall)
    targets, possible = [], []
    for registry in facts.inventory.of_type(REGISTRIES):
        server = facts.field(registry, "properties.loginServer")
        if not isinstance(server, Value):
            possible.append(Unseen(f"the login server of {registry.name} could not be seen"))
        elif _covered(patterns, [str(server.value)]):
            targets.append(registry)
    return Related(tuple(targets), tuple(possible), doubt or facts.proven_anywhere(REGISTRIES))


def registries_without_data(facts: Facts, firewall: Resource) -> Related:
    """Those of them whose layers the firewall keeps back, since no rule allows the names that serve them."""
    patterns, doubt = _allowed(facts, firewall)
    related = facts.related(firewall, "registriesByName")
    targets, possible = [], list(related.possible)
    for registry in related.targets:
        lacking = _lacking(facts, registry, patterns)
        if lacking is Truth.TRUE and doubt is None:
            targets.append(registry)
        elif lacking is not Truth.FALSE:
            possible.append(doubt or Unseen(f"the data endpoints of {registry.name} could not all be seen"))
    return Related(tuple(targets), tuple(possible), related.unseen)


def _allowed(facts: Facts, firewall: Resource) -> tuple[Sequence[str], Unseen | None]:
    """The names that application rules allow, and why there may be others."""
    related = facts.related(firewall, "rules")
    rules = [
        rule
        for rule in related.targets
        if one(rule, "kind") == "application" and one(rule, "access") == "allow"
    ]
    doubt = related.unseen or next(iter(related.possible), None)
    return [name for rule in rules for name in said(rule, "fqdns")], doubt


def _covered(patterns: Iterable[str], names: Iterable[str]) -> bool:
    patterns = list(patterns)
    return all(any(covers_name(pattern, name) for pattern in patterns) for name in names)


def _lacking(facts: Facts, registry: Resource, patterns: Sequence[str]) -> Truth:
    """Whether a name that serves a registry's layers is not allowed."""
    names, whole = data_names(facts, registry)
    data = any_of([truth_of(not _covered(patterns, names)), Truth.FALSE if whole else Truth.UNKNOWN])
    blobs = truth_of(not _covered(patterns, [BLOBS]))
    match dedicated(facts, registry):
        case Truth.TRUE:
            return data
        case Truth.FALSE:
            return blobs
        case Truth.UNKNOWN:
            return data if data is blobs else Truth.UNKNOWN


def data_names(facts: Facts, registry: Resource) -> tuple[Sequence[str], bool]:
    """The data endpoints of the home region and of every replica's, and whether these are all of them."""
    server = facts.field(registry, "properties.loginServer")
    replicas = facts.related(registry, "replications")
    regions = {registry.location, *(replica.location for replica in replicas.targets)}
    label, _, rest = str(server.value if isinstance(server, Value) else "").partition(".")
    names = [f"{label}.{region}.data.{rest}" for region in sorted(filter(None, regions))]
    return names, replicas.unseen is None and None not in regions


def dedicated(facts: Facts, registry: Resource) -> Truth:
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
