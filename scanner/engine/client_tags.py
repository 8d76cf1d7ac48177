"""The registries that a network security group's rules let clients reach by service tag."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from scanner.engine.facts import Facts
from scanner.engine.nsg import Flow, decide
from scanner.engine.rules import TAG, names_the_tag, one, said
from scanner.model.resource import Related, Resource, Unseen, Value
from scanner.model.truth import Truth

REGISTRIES = "microsoft.containerregistry/registries"
HTTPS = 443


@dataclass(frozen=True, slots=True)
class _Reached:
    """Registries in the order of their ids, and by region; a region of None is not known."""

    registries: Sequence[Resource]
    by_region: Mapping[str | None, Sequence[Resource]]


def registries_by_tag(facts: Facts, group: Resource) -> Related:
    """The scanned registries in the region of a tag that an outbound rule allows; all, for the global tag."""
    related = facts.related(group, "rules")
    doubt = related.unseen or next(iter(related.possible), None) or facts.proven_anywhere(REGISTRIES)
    return Related(_reached(facts, related).registries, unseen=doubt)


def _reached(facts: Facts, rules: Related) -> _Reached:
    """Those whom a group's rules let clients reach; most groups of a scan allow the same regions."""
    regions = frozenset(
        end.lower().removeprefix(TAG).removeprefix(".")
        for rule in rules.targets
        if one(rule, "direction") == "outbound" and one(rule, "access") == "allow"
        for end in said(rule, "destinations")
        if names_the_tag([end])
    )
    found: _Reached = facts.once(f"registries in {sorted(regions)}", lambda: _in(facts, regions))
    return found


def _in(facts: Facts, regions: frozenset[str]) -> _Reached:
    """The registries in some regions; all where one of these is the empty text."""
    inventory, there = facts.inventory, dict[str | None, None]()

    def found() -> Iterator[Resource]:
        for registry in inventory.of_type(REGISTRIES):
            region = registry.location
            if "" in regions or region in regions:
                there[region] = None
                yield registry

    registries = inventory.these(found())
    by_region = inventory.filed((repr(registry.location), registry) for registry in registries)
    return _Reached(registries, {region: by_region(repr(region)) for region in there})


def registries_without_storage(facts: Facts, group: Resource) -> Related:
    """Those of them from whose region's Storage the group keeps its clients away."""
    related = facts.related(group, "registriesByTag")
    held = facts.field(group, "properties.securityRules")
    rules = held.value if isinstance(held, Value) and isinstance(held.value, list) else []
    targets: list[Resource] = []
    doubted: list[tuple[str, Unseen]] = []
    for region, registries in _reached(facts, facts.related(group, "rules")).by_region.items():
        flow = Flow("Outbound", f"Storage.{region}", HTTPS)
        decision = decide(rules, flow, facts.tags)
        if region is None or decision.truth is Truth.UNKNOWN:
            unseen = Unseen(f"{group.name} {decision.text(flow)}")
            doubted += [(registry.key, unseen) for registry in registries]
        elif decision.truth is Truth.FALSE:
            targets += registries
    targets.sort(key=attrgetter("key"))
    doubts = [unseen for _, unseen in sorted(doubted, key=itemgetter(0))]
    return Related(tuple(targets), (*related.possible, *doubts), related.unseen)
