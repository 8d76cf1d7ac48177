"""Proposals that change a registry's IP rules, and those that remove virtual network rules."""

from collections.abc import Iterator, Sequence

from scanner.catalog.limits import SERVICE
from scanner.model.resource import Unseen
from scanner.network import ipv4
from scanner.network.coverage import inside
from scanner.network.rule_plan import NoRoom, covering, merging, ordered
from scanner.remediation.registry_view import NotPossible, Proposal, ProposedSteps, RegistryView, idle
from scanner.remediation.simulation import subnet_of
from scanner.result.plan import Act, AddRule, RemoveRule, RemoveSubnet

SHARED = "Tasks of every customer in the region come from these addresses, and the list changes: scan weekly."


def cover(sight: RegistryView, way: str | None = None) -> Proposal:
    """Rules for all of the home region's tag: exact, the tag's own rules merged only where room is short."""
    rules, tag = sight.rules, sight.tag
    if sight.word("properties.publicNetworkAccess") != "enabled":
        return NotPossible("public network access is not Enabled, so no IP rule has an effect", way)
    if isinstance(rules, Unseen):
        return NotPossible(f"the IP rules could not be seen ({rules.reason})", way)
    if isinstance(tag, Unseen):
        return NotPossible(tag.reason, way)
    wishes = sight.wishes
    found = covering(rules, tag, wishes.budget, widest=wishes.widest, widen=wishes.widen)
    if isinstance(found, NoRoom):
        return NotPossible(_no_room(found, len(rules), tag.name), way)
    acts = _changes(rules, found.after, wishes.limit)
    if acts is None:
        return NotPossible(f"all {len(rules)} of {wishes.limit} rules are in use, and none can go first", way)
    notes = [SHARED] if way is not None or acts else []
    if found.opened:
        notes.append(f"Widened: {found.opened:,} addresses are opened that {tag.name} does not hold.")
    return ProposedSteps(acts, way, tuple(notes), found.opened)


def _no_room(found: NoRoom, current: int, tag: str) -> str:
    """Why a tag does not fit, and what widening would cost."""
    said = f"{current} rules are there, and with all of {tag} {found.needed}, of {found.limit} allowed"
    if found.widened is None:
        return f"{said}; no widening fits either"
    price = f"{found.widened.opened:,} addresses beyond the tag"
    return f"{said}; --allow-widening makes it {len(found.widened.after)}, and opens {price}"


def without_idle(sight: RegistryView) -> Iterator[Proposal]:
    """Rules away that admit nobody; one that also holds public addresses is for the reader to narrow."""
    rules = sight.rules
    if isinstance(rules, Unseen):
        yield NotPossible(f"the IP rules could not be seen ({rules.reason})")
        return
    mixed = [rule for rule in rules if not idle(rule) and _partly_private(rule)]
    if mixed:
        yield NotPossible(
            f"{mixed[0]} also holds public addresses; narrow it to those that clients come from"
        )
        return
    if "" in rules:
        yield NotPossible("an IP rule is no text, so no command can name it")
        return
    yield ProposedSteps(tuple(RemoveRule(rule) for rule in dict.fromkeys(rules) if idle(rule)))


def _partly_private(rule: str) -> bool:
    interval = ipv4.parse(rule)
    return interval is None or not ipv4.is_public(interval)


def without_foreign(sight: RegistryView) -> Iterator[Proposal]:
    """Rules away that admit the service of other regions."""
    rules = sight.rules
    others = sight.world.tags.elsewhere(SERVICE, sight.registry.location or "")
    if isinstance(rules, Unseen) or isinstance(others, Unseen):
        yield NotPossible("the IP rules or the service tags could not be seen")
        return
    yield ProposedSteps(tuple(RemoveRule(rule) for rule in dict.fromkeys(inside(rules, others))))


def fewer(sight: RegistryView) -> Iterator[Proposal]:
    """The home tag's own rules merged without loss, and rules away that admit nobody."""
    rules, tag = sight.rules, sight.tag
    if isinstance(rules, Unseen) or isinstance(tag, Unseen):
        yield NotPossible("the IP rules or the service tags could not be seen")
        return
    useful = [rule for rule in rules if rule == "" or not idle(rule)]
    least = len(ipv4.cidrs(ipv4.union(found for rule in useful if (found := ipv4.parse(rule)))))
    for after in (merging(rules, tag), merging(useful, tag)):
        acts = _changes(rules, after, sight.wishes.limit)
        if acts and len(after) <= sight.wishes.house:
            yield ProposedSteps(acts)
    yield NotPossible(
        f"the region's own rules cannot be merged far enough; all {len(rules)} rules, clients' included, "
        f"hold the same addresses in {least} prefixes"
    )


def without_subnets(sight: RegistryView) -> Iterator[Proposal]:
    """Virtual network rules away."""
    rules = sight.subnets
    if isinstance(rules, Unseen):
        yield NotPossible(f"the virtual network rules could not be seen ({rules.reason})")
        return
    subnets = [subnet_of(rule) for rule in rules]
    named = tuple(RemoveSubnet(subnet) for subnet in dict.fromkeys(subnets) if isinstance(subnet, str))
    if len(named) < len(set(subnets)):
        yield NotPossible("a virtual network rule names no subnet")
        return
    note = (
        "Clients in these subnets are refused from then on: first see that each reaches a private endpoint."
    )
    yield ProposedSteps(named, None, (note,))


def _changes(rules: Sequence[str], after: Sequence[str], limit: int) -> tuple[Act, ...] | None:
    """The steps from one list to the other; None where no order keeps the limit."""
    changes = ordered(rules, after, limit)
    if changes is None:
        return None
    return tuple(AddRule(each.rule) if each.added else RemoveRule(each.rule) for each in changes)
