"""Rules that let clients reach Microsoft's own registry, and not what serves its layers."""

from collections.abc import Iterator

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.client_rules import gets_out
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.traffic.firewall_names import Allowed, allowed_by, allows_https
from scanner.engine.traffic.host_names import covered
from scanner.engine.traffic.network_rules import SECURITY_GROUPS
from scanner.engine.traffic.nsg import HTTPS, Decision
from scanner.engine.traffic.rule_values import scalar_of, values_of
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth

REGISTRY, DATA = "mcr.microsoft.com", "*.data.mcr.microsoft.com"
TAG, FRONT_DOOR = "microsoftcontainerregistry", "AzureFrontDoor.FirstParty"
KUBERNETES = "azurekubernetesservice"
"""The FQDN tag that holds all names which AKS needs, those of Microsoft's registry among them."""

Outcome = Resource | Unseen | None


def rules_for_mcr(facts: RelationQueries, firewall: Resource) -> Related:
    """The rules of a firewall that allow Microsoft's registry by name."""
    related = facts.related(firewall, "rules")
    found = [
        rule
        for rule in related.targets
        if scalar_of(rule, "access") == "allow" and covered(values_of(rule, "fqdns"), REGISTRY)
    ]
    return Related(tuple(found), related.uncertain, related.unseen)


def mcr_rules_without_data(facts: RelationQueries, firewall: Resource) -> Related:
    """Those of them while no rule allows its data endpoints."""
    related = facts.related(firewall, "rulesForMcr")
    if not related.targets:
        return related_problems((), related.uncertain, related.unseen)
    lets_data = _lets_data(facts, firewall, allowed_by(facts, firewall))
    if lets_data is Truth.UNKNOWN:
        doubt = Unseen(f"whether {firewall.name} allows {DATA} could not be seen")
        return related_problems((), (*related.uncertain, doubt), related.unseen)
    what = f"allows {REGISTRY}, and no rule allows {DATA}, where the layers come from"
    problems = [problem(rule.id, what, rule.rows[0]) for rule in related.targets if lets_data is Truth.FALSE]
    return related_problems(problems, related.uncertain, related.unseen)


def mcr_tag_rules_alone(facts: RelationQueries, owner: Resource) -> Related:
    """The rules that allow the tag MicrosoftContainerRegistry while AzureFrontDoor.FirstParty is kept back.

    None in a cloud whose service tags have no AzureFrontDoor.FirstParty.
    """
    related = facts.related(owner, "rules")
    if _is_unlisted(facts.tags):
        return related_problems((), related.uncertain, related.unseen)
    outcomes = list(_outcomes(facts, owner, related))
    problems = [each for each in outcomes if isinstance(each, Resource)]
    doubts = [each for each in outcomes if isinstance(each, Unseen)]
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


def _outcomes(facts: RelationQueries, owner: Resource, rules: Related) -> Iterator[Outcome]:
    for rule in rules.targets:
        tags = [end for end in values_of(rule, "destinations") if end.lower().partition(".")[0] == TAG]
        if not tags or scalar_of(rule, "access") != "allow" or scalar_of(rule, "direction") == "inbound":
            continue
        if owner.type == SECURITY_GROUPS:
            outcome = gets_out(facts, owner, rule, FRONT_DOOR)
            by = f"which serves it, is kept back on port {HTTPS}"
            yield (
                _named(rule, tags[0], f"{by} by {outcome.rule}") if isinstance(outcome, Decision) else outcome
            )
        elif allows_https(rule):
            yield _by_firewall(facts, owner, rule, tags[0])


def _by_firewall(facts: RelationQueries, firewall: Resource, rule: Resource, tag: str) -> Outcome:
    allowed = allowed_by(facts, firewall)
    lets_data = _lets_data(facts, firewall, allowed)
    if lets_data is Truth.FALSE:
        return _named(rule, tag, "which serves it, is allowed by no rule")
    reason = f"whether {firewall.name} allows {FRONT_DOOR} could not be seen"
    return None if lets_data is Truth.TRUE else Unseen(reason)


def _named(rule: Resource, tag: str, what: str) -> Resource:
    return problem(rule.id, f"allows {tag}, and {FRONT_DOOR}, {what}", rule.rows[0])


def _lets_data(facts: RelationQueries, firewall: Resource, allowed: Allowed) -> Truth:
    """Whether a firewall lets the layers of Microsoft's registry through."""
    rules = facts.related(firewall, "rules").targets
    tags = {
        tag.lower()
        for rule in rules
        if scalar_of(rule, "access") == "allow"
        for tag in values_of(rule, "fqdnTags")
    }
    if KUBERNETES in tags or covered(allowed.names, DATA):
        return Truth.TRUE
    if _is_unlisted(facts.tags):
        return Truth.FALSE if allowed.doubt is None else Truth.UNKNOWN
    return allowed.name(DATA, FRONT_DOOR)


def _is_unlisted(table: TagTable) -> bool:
    """Whether the service tags are at hand, and AzureFrontDoor.FirstParty is none of them."""
    tags = table.usable()
    return not isinstance(tags, Unseen) and tags.find(FRONT_DOOR) is None
