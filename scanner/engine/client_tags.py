"""The registries that a network security group's rules let clients reach by service tag."""

from scanner.engine.facts import Facts
from scanner.engine.inbound import TAG, names_the_tag
from scanner.engine.nsg import Flow, decide
from scanner.engine.rules import one, said
from scanner.model.resource import Related, Resource, Unseen, Value
from scanner.model.truth import Truth

REGISTRIES = "microsoft.containerregistry/registries"
HTTPS = 443


def registries_by_tag(facts: Facts, group: Resource) -> Related:
    """The scanned registries in the region of a tag that an outbound rule allows; all, for the global tag."""
    related = facts.related(group, "rules")
    regions = frozenset(
        end.lower().removeprefix(TAG).removeprefix(".")
        for rule in related.targets
        if one(rule, "direction") == "outbound" and one(rule, "access") == "allow"
        for end in said(rule, "destinations")
        if names_the_tag([end])
    )
    found = facts.once(f"registries in {sorted(regions)}", lambda: _in(facts, regions))
    doubt = related.unseen or next(iter(related.possible), None) or facts.proven_anywhere(REGISTRIES)
    return Related(found, unseen=doubt)


def _in(facts: Facts, regions: frozenset[str]) -> tuple[Resource, ...]:
    """The registries in some regions; all where one of these is the empty text."""
    everywhere = facts.inventory.of_type(REGISTRIES)
    return tuple(each for each in everywhere if "" in regions or each.location in regions)


def registries_without_storage(facts: Facts, group: Resource) -> Related:
    """Those of them from whose region's Storage the group keeps its clients away."""
    related = facts.related(group, "registriesByTag")
    held = facts.field(group, "properties.securityRules")
    rules = held.value if isinstance(held, Value) and isinstance(held.value, list) else []
    flows = {
        at: Flow("Outbound", f"Storage.{at}", HTTPS) for at in {each.location for each in related.targets}
    }
    decisions = {at: decide(rules, flow, facts.tags) for at, flow in flows.items()}
    targets, possible = [], list(related.possible)
    for registry in related.targets:
        flow, decision = flows[registry.location], decisions[registry.location]
        if registry.location is None or decision.truth is Truth.UNKNOWN:
            possible.append(Unseen(f"{group.name} {decision.text(flow)}"))
        elif decision.truth is Truth.FALSE:
            targets.append(registry)
    return Related(tuple(targets), tuple(possible), related.unseen)
