"""The registries that a firewall's rules let clients reach by name, and the names of their layers."""

from collections.abc import Iterator, Sequence

from scanner.catalog.limits import BLOBS
from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.relations.layer_storage import REGISTRIES, Host, dedicated, host_of, regions_of
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.relations.service_rules import SERVICE
from scanner.engine.traffic.firewall_names import Allowed, allowed_by
from scanner.engine.traffic.host_names import covered
from scanner.engine.traffic.prefixes import listed
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth, all_of


def registries_by_name(facts: RelationQueries, firewall: Resource) -> Related:
    """The scanned registries whose login server, or an endpoint of a region, a rule allows by name."""
    allowed = allowed_by(facts, firewall)
    targets, uncertain = [], []
    for registry in facts.inventory.of_type(REGISTRIES):
        host = host_of(facts, registry)
        if host is None:
            uncertain.append(Unseen(f"the login server of {registry.name} could not be seen"))
        elif _reached(facts, registry, host, allowed.names) is not None:
            targets.append(registry)
    return Related(tuple(targets), tuple(uncertain), allowed.doubt or facts.proven_anywhere(REGISTRIES))


def _reached(
    facts: RelationQueries, registry: Resource, host: Host, names: Sequence[str]
) -> Sequence[str] | None:
    """The regions from which clients get layers by the names that they reach; None where they reach none."""
    regions, _ = regions_of(facts, registry)
    if covered(names, f"{host.label}.{host.domain}"):
        return regions
    return [region for region in regions if covered(names, host.regional(region))] or None


def registries_without_data(facts: RelationQueries, firewall: Resource) -> Related:
    """Those of them whose layers the firewall keeps back, and the names that no rule allows."""
    allowed = allowed_by(facts, firewall)
    related = facts.related(firewall, "registriesByName")
    outcomes = [_kept_back(facts, registry, allowed) for registry in related.targets]
    problems = [each for each in outcomes if isinstance(each, Resource)]
    doubts = [each for each in outcomes if isinstance(each, Unseen)]
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


def _kept_back(facts: RelationQueries, registry: Resource, allowed: Allowed) -> Resource | Unseen | None:
    """What is wrong with a registry that the firewall allows, or may be."""
    host = host_of(facts, registry)
    if host is None:
        raise AssertionError("a registry that is reached by name shows its login server")
    by_kind = {
        Truth.TRUE: list(_data_names(facts, registry, host, allowed)),
        Truth.FALSE: [_blobs(facts, registry, host, allowed)],
    }
    has_own = dedicated(facts, registry)
    kinds = [by_kind[has_own]] if has_own is not Truth.UNKNOWN else list(by_kind.values())
    states = [all_of([truth for _, truth in names]) for names in kinds]
    if all(state is Truth.TRUE for state in states):
        return None
    if all(state is Truth.FALSE for state in states):
        missing = [name for names in kinds for name, truth in names if truth is Truth.FALSE]
        # A slip such as *.blob.windows.net is easily read over.
        alike = [name for name in allowed.names if has_own is not Truth.TRUE and "blob" in name.split(".")]
        but = (
            f"; {listed(alike)} {'is another name' if len(alike) == 1 else 'are other names'}"
            if alike
            else ""
        )
        what = f"no rule allows {listed(missing)}, where its layers come from{but}"
        return problem(registry.id, what, registry.rows[0])
    return allowed.doubt or Unseen(
        f"the names that serve the layers of {registry.name} could not all be seen"
    )


def _data_names(
    facts: RelationQueries, registry: Resource, host: Host, allowed: Allowed
) -> Iterator[tuple[str, Truth]]:
    """The data endpoints of the regions that clients reach, and whether each is allowed."""
    _, whole = regions_of(facts, registry)
    for region in _reached(facts, registry, host, allowed.names) or ():
        yield host.data(region), allowed.name(host.data(region), f"{SERVICE}.{region}")
    if not whole:
        yield "the data endpoint of another region", Truth.UNKNOWN


def _blobs(facts: RelationQueries, registry: Resource, host: Host, allowed: Allowed) -> tuple[str, Truth]:
    """The storage accounts of these regions, which no name tells apart, and whether all are allowed."""
    name = BLOBS.get(facts.inventory.cloud)
    if name is None:
        return "the storage accounts of its cloud", Truth.UNKNOWN
    if covered(allowed.names, name):
        return name, Truth.TRUE
    _, whole = regions_of(facts, registry)
    tags = [f"Storage.{region}" for region in _reached(facts, registry, host, allowed.names) or ()]
    return name, all_of([allowed.name(name, tag) for tag in (tags if whole else [*tags, "Storage"])])
