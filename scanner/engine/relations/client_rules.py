"""Whether what outbound rules of a network security group name by tag really gets out."""

from collections.abc import Iterator

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.relations.admin_rules import admin_doubt, networks_of
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.traffic.address_match import ANY, NETWORK
from scanner.engine.traffic.nsg import HTTPS, Decision, Flow, decide_group, spans
from scanner.engine.traffic.rule_values import names_the_tag, scalar_of, values_of
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth
from scanner.network import ipv4


def ineffective_tag_rules(facts: RelationQueries, group: Resource) -> Related:
    """The outbound rules that allow AzureContainerRegistry while TCP 443 does not get out to it."""
    related = facts.related(group, "rules")
    outcomes = list(_outcomes(facts, group, related))
    problems = [each for each in outcomes if isinstance(each, Resource)]
    doubts = [each for each in outcomes if isinstance(each, Unseen)]
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


def _outcomes(facts: RelationQueries, group: Resource, rules: Related) -> Iterator[Resource | Unseen | None]:
    for rule in rules.targets:
        if scalar_of(rule, "direction") != "outbound" or scalar_of(rule, "access") != "allow":
            continue
        for tag in values_of(rule, "destinations"):
            if names_the_tag([tag]):
                decision = gets_out(facts, group, rule, tag)
                if not isinstance(decision, Decision):
                    yield decision
                    continue
                what = f"{_why(rule)}: {decision.rule} keeps clients from {tag} on port {HTTPS}"
                yield problem(rule.id, what, rule.rows[0])


def gets_out(facts: RelationQueries, group: Resource, rule: Resource, tag: str) -> Decision | Unseen | None:
    """The decision that keeps the clients of a rule from a tag, or why one may; None where they get out."""
    ends = [*values_of(rule, "sources"), *values_of(rule, "sourceGroups")]
    near = () if any(each.lower() in {*ANY, NETWORK} for each in ends) else tuple(ends)
    flow = Flow("Outbound", tag, HTTPS, near)
    doubt = admin_doubt(facts, networks_of(facts, group), flow)
    decision = decide_group(facts, group, flow)
    if doubt is None and decision.truth is Truth.UNKNOWN:
        return Unseen(f"{group.name} {decision.text(flow)}")
    return doubt or (decision if decision.truth is Truth.FALSE else None)


def _why(rule: Resource) -> str:
    """What is wrong with the rule itself; else that it comes too late."""
    protocols, ports = values_of(rule, "protocols"), values_of(rule, "ports")
    named = spans(ports)
    if not any(each.lower() in {"tcp", "*"} for each in protocols):
        return f"is for {', '.join(protocols)}, and registries answer on TCP"
    if named is not None and not ipv4.contains(named, (HTTPS, HTTPS)):
        return f"is for port {', '.join(ports)}, and registries answer on {HTTPS}"
    return "has no effect"
