"""The registries that rules let clients reach by service tag, and the storage of their layers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scanner.catalog.limits import BLOBS
from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.relations.admin_rules import admin_doubt, networks_of
from scanner.engine.relations.layer_storage import REGISTRIES, REPLICATIONS, dedicated, replica_regions
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.traffic.firewall_names import allowed_by, allows_https
from scanner.engine.traffic.network_rules import SECURITY_GROUPS
from scanner.engine.traffic.nsg import HTTPS, Flow, decide_group
from scanner.engine.traffic.prefixes import listed
from scanner.engine.traffic.rule_values import TAG, names_the_tag, scalar_of, values_of
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth

EVERYWHERE = ""
"""The region of the tag of all regions."""


def registries_by_tag(facts: RelationQueries, owner: Resource) -> Related:
    """The scanned registries in a region, home or replica, whose tag a rule allows; all, for the global tag.

    None for a group that lets all of the internet out, where nothing depends on the tag; and of a firewall
    none that it allows by name, which is judged by that.
    """
    related = facts.related(owner, "rules")
    doubt = related.unseen or next(iter(related.uncertain), None) or facts.proven_anywhere(REGISTRIES)
    regions = _regions(owner, related)
    if not regions:
        return Related(unseen=doubt)
    if regions != {EVERYWHERE}:
        doubt = doubt or facts.proven_anywhere(REPLICATIONS)
        doubt = doubt or facts.once("registries of unseen regions", lambda: _without_region(facts))
    found: Sequence[Resource] = facts.once(
        f"registries in {sorted(regions)}", lambda: facts.inventory.subset(_in(facts, regions))
    )
    if owner.type != SECURITY_GROUPS:
        by_name = facts.related(owner, "registriesByName")
        named = {registry.key for registry in by_name.targets}
        return Related([each for each in found if each.key not in named], unseen=doubt or by_name.unseen)
    flow = Flow("Outbound", "Internet", HTTPS)
    decision = decide_group(facts, owner, flow)
    match decision.truth:
        case Truth.TRUE:
            return Related(unseen=doubt)
        case Truth.UNKNOWN:
            return Related(unseen=doubt or Unseen(f"{owner.name} {decision.text(flow)}"))
        case Truth.FALSE:
            return Related(found, unseen=doubt)


def _regions(owner: Resource, rules: Related) -> frozenset[str]:
    """The regions of the tags that rules let clients reach."""
    return frozenset(
        end.lower().removeprefix(TAG).removeprefix(".")
        for rule in rules.targets
        if scalar_of(rule, "access") == "allow"
        and (
            scalar_of(rule, "direction") == "outbound"
            if owner.type == SECURITY_GROUPS
            else allows_https(rule)
        )
        for end in values_of(rule, "destinations")
        if names_the_tag([end])
    )


def _in(facts: RelationQueries, regions: frozenset[str]) -> Iterator[Resource]:
    """The registries with a home or a replica in some regions, or all."""
    replicas = facts.once("regions of replicas", lambda: replica_regions(facts))
    for registry in facts.inventory.of_type(REGISTRIES):
        places = {registry.location, *replicas.get(registry.key, ())}
        if EVERYWHERE in regions or places & regions:
            yield registry


def _without_region(facts: RelationQueries) -> Unseen | None:
    """Why a registry may lie in any region: that of its home or of a replica does not show."""
    replicas = facts.once("regions of replicas", lambda: replica_regions(facts))
    for registry in facts.inventory.of_type(REGISTRIES):
        if None in {registry.location, *replicas.get(registry.key, ())}:
            return Unseen(f"a region of {registry.name} does not show", row=registry.rows[0])
    return None


def registries_without_storage(facts: RelationQueries, owner: Resource) -> Related:
    """What keeps clients from the storage of a region, where layers of their registries come from."""
    related = facts.related(owner, "registriesByTag")
    problems, doubts = [], []
    if related.targets:
        wanted = _regions(owner, facts.related(owner, "rules"))
        served: Mapping[str | None, _Region] = facts.once("layers by region", lambda: _served(facts))
        for region, here in sorted(served.items(), key=lambda item: item[0] or ""):
            if region is None or (region not in wanted and EVERYWHERE not in wanted):
                continue
            outcome = _kept_back(facts, owner, region, here)
            problems += [outcome] if isinstance(outcome, Resource) else []
            doubts += [outcome] if isinstance(outcome, Unseen) else []
        if None in served:
            doubts.append(Unseen(f"the regions of {listed(served[None].all)} could not be seen"))
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


@dataclass(frozen=True, slots=True)
class _Region:
    """The names of the registries whose layers come from the storage of a region, and of those that may."""

    lacking: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        return sorted([*self.lacking, *self.unsure])


def _served(facts: RelationQueries) -> Mapping[str | None, _Region]:
    """The registries without data endpoints of their own by region, home or replica; None is not known."""
    replicas = facts.once("regions of replicas", lambda: replica_regions(facts))
    found: defaultdict[str | None, _Region] = defaultdict(_Region)
    for registry in facts.inventory.of_type(REGISTRIES):
        has_own = dedicated(facts, registry)
        for region in {registry.location: None, **dict.fromkeys(replicas.get(registry.key, ()))}:
            if has_own is Truth.FALSE:
                found[region].lacking.append(registry.name)
            elif has_own is Truth.UNKNOWN:
                found[region].unsure.append(registry.name)
    return found


def _kept_back(
    facts: RelationQueries, owner: Resource, region: str, here: _Region
) -> Resource | Unseen | None:
    """What keeps clients from a region's storage, or may; nothing where it is let out."""
    if owner.type == SECURITY_GROUPS:
        outcome = _by_group(facts, owner, region, here.lacking)
    else:
        outcome = _by_firewall(facts, owner, region, here.lacking)
    if isinstance(outcome, Resource) and not here.lacking:
        return Unseen(f"whether layers of {listed(here.unsure)} come from Storage.{region} could not be seen")
    return outcome


def _by_group(
    facts: RelationQueries, group: Resource, region: str, lacking: Sequence[str]
) -> Resource | Unseen | None:
    flow = Flow("Outbound", f"Storage.{region}", HTTPS)
    doubt = admin_doubt(facts, networks_of(facts, group), flow)
    decision = decide_group(facts, group, flow)
    match decision.truth:
        case Truth.UNKNOWN:
            return doubt or Unseen(f"{group.name} {decision.text(flow)}")
        case Truth.TRUE:
            return doubt
        case Truth.FALSE:
            what = f"keeps clients from {flow.peer} on port {HTTPS} ({decision.effect})"
            rule = f"{group.id}/securityRules/{decision.name}"
            return doubt or problem(
                rule, f"{what}, where layers of {listed(lacking)} come from", group.rows[0]
            )


def _by_firewall(
    facts: RelationQueries, firewall: Resource, region: str, lacking: Sequence[str]
) -> Resource | Unseen | None:
    allowed, blobs = allowed_by(facts, firewall), BLOBS.get(facts.inventory.cloud)
    tag = f"Storage.{region}"
    match allowed.tag(tag) if blobs is None else allowed.name(blobs, tag):
        case Truth.TRUE:
            return None
        case Truth.FALSE if blobs is not None:
            what = f"has no rule that allows {tag} or {blobs} on port {HTTPS}"
            layers = f"where layers of {listed(lacking)} come from"
            return problem(firewall.id, f"{what}, {layers}", firewall.rows[0])
        case _:
            return allowed.doubt or Unseen(f"whether {firewall.name} allows {tag} is not known")
