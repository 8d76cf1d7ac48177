"""A plan from a results file alone: what its evidence settles, untried since no inventory is at hand."""

from collections.abc import Mapping, Sequence

from scanner.app.remediate.planning import registry_key_of
from scanner.catalog.limits import ip_rule_limit
from scanner.model.resource import segment_after
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.rule_plan import ordered
from scanner.network.service_tags import normal_cloud
from scanner.policy.load import Pack
from scanner.policy.model import Policy
from scanner.remediation.proposals import notes_of, setting_acts
from scanner.result.finding import Verdict
from scanner.result.plan import (
    Act,
    AddRule,
    Plan,
    RegistryPlan,
    RemoveRule,
    Resolved,
    RuleCount,
    Step,
    Target,
    Unresolved,
)
from scanner.result.results_format import EvidenceRecord, ResultRecord, ResultsDocument

UNTRIED = (
    "Made from a results file alone: that no step makes another finding was not tried. "
    "Pass --snapshot or a scope as well."
)
_NEEDS = "a results file does not show what this takes; pass --snapshot or a scope as well"
COVERS, INSIDE = "coversServiceTag", "insideServiceTag"
STALE, FOREIGN, TASK = "tag-coverage", "tag-elsewhere", "task-path"
"""The roles of the policies whose evidence shows which rules are missing, or too many."""


def plan_of_results(results: ResultsDocument, prefer: str | None, pack: Pack) -> Plan:
    """One plan per registry that the file has a finding of, by what the policies of a pack say of plans."""
    policies = {policy.id: policy for policy in pack.policies}
    cloud = "" if results.run.service_tags is None else results.run.service_tags.cloud
    limit = ip_rule_limit(normal_cloud(cloud))
    groups: dict[str, list[ResultRecord]] = {}
    for result in sorted(results.results, key=lambda each: (each.policy, each.resource.id.lower())):
        if result.verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
            groups.setdefault(registry_key_of(result.resource.id.lower()), []).append(result)
    elsewhere = tuple(_left(each, _NEEDS) for each in groups.pop("", []))
    plans = tuple(_registry(groups[key], limit, prefer, policies) for key in sorted(groups))
    doubts = () if results.run.complete else ("the scan that wrote the results could not see everything",)
    return Plan(plans, elsewhere, (), doubts, normal_cloud(cloud) or "Public", UNTRIED)


def _registry(
    results: Sequence[ResultRecord], limit: int, prefer: str | None, policies: Mapping[str, Policy]
) -> RegistryPlan:
    steps: list[Step] = []
    settled, left = [], []
    current = next((rules for each in results if (rules := _current(each)) is not None), None)
    after: Sequence[str] | None = current
    ruled: set[str] = set()
    for result in results:
        policy = policies.get(result.policy)
        found = _settings(policy) if policy is not None and result.verdict is Verdict.FAIL else None
        if found is not None:
            steps += found
            settled.append(Resolved(result.policy, result.resource.id.lower()))
            continue
        role = None if policy is None else policy.role
        fails = result.verdict is Verdict.FAIL
        changed = _rules(result, role, after, prefer) if fails and after is not None else None
        if changed is None or current is None or ordered(current, changed, limit) is None:
            left.append(_left(result, _reason(result, policy, changed, limit)))
            continue
        after = changed
        ruled.add(result.policy)
        way = "ip-rules" if role == TASK else None
        settled.append(Resolved(result.policy, result.resource.id.lower(), way))
    changes = ordered(current, after, limit) if current is not None and after is not None else ()
    acts: list[Act] = [AddRule(each.rule) if each.added else RemoveRule(each.rule) for each in changes or ()]
    count = None if current is None or after is None else RuleCount(len(current), len(after), limit)
    return RegistryPlan(
        _target(results[0]),
        (*(Step(act, tuple(sorted(ruled))) for act in acts), *steps),
        tuple(settled),
        tuple(left),
        count,
        tuple(after) if acts and after is not None else None,
    )


def _settings(policy: Policy) -> list[Step] | None:
    """The steps of a policy that settings alone settle; None for any other."""
    if policy.plan is None or not policy.plan.sets:
        return None
    return [Step(act, (policy.id,), notes_of(policy.plan)) for act in setting_acts(policy.plan)]


def _rules(
    result: ResultRecord, role: str | None, rules: Sequence[str], prefer: str | None
) -> Sequence[str] | None:
    """The IP rules with what a finding misses, or without what is too many; None where no rule settles it."""
    wanted = {STALE} if prefer != "ip-rules" else {STALE, TASK}
    leaf = _leaf(result, COVERS)
    if role in wanted and leaf is not None and leaf.missing and _alone(result, leaf):
        return [*rules, *(each for each in leaf.missing if each not in rules)]
    leaf = _leaf(result, INSIDE)
    if role == FOREIGN and leaf is not None and leaf.excess:
        space = ipv4.union(found for each in leaf.excess if (found := ipv4.parse(each)))
        return [
            rule for rule in rules if (found := ipv4.parse(rule)) is None or not ipv4.contains(space, found)
        ]
    return None


def _alone(result: ResultRecord, leaf: EvidenceRecord) -> bool:
    """Whether nothing else keeps a leaf's way from holding, such as public access that is Disabled."""
    return all(each is leaf or each.truth is Truth.TRUE for each in result.evidence if each.way == leaf.way)


def _leaf(result: ResultRecord, operator: str) -> EvidenceRecord | None:
    return next((each for each in result.evidence if each.operator == operator), None)


def _current(result: ResultRecord) -> list[str] | None:
    """The IP rules as a leaf shows them."""
    for operator in (COVERS, INSIDE):
        leaf = _leaf(result, operator)
        if leaf is not None and isinstance(leaf.actual, list):
            return [each if isinstance(each, str) else "" for each in leaf.actual]
    return None


def _reason(result: ResultRecord, policy: Policy | None, changed: Sequence[str] | None, limit: int) -> str:
    if changed is not None:
        return f"{len(changed)} IP rules would be too many: {limit} are allowed; {_NEEDS}"
    if result.verdict is Verdict.EXEMPT:
        return "it is exempt"
    if result.verdict is Verdict.UNKNOWN:
        return "it could not be judged"
    plan = None if policy is None else policy.plan
    return _NEEDS if plan is None or plan.decision is None else plan.decision


def _left(result: ResultRecord, reason: str) -> Unresolved:
    advice = tuple(each.text for each in result.remediation)
    key = result.resource.id.lower()
    return Unresolved(result.policy, result.name, key, result.verdict.value, reason, advice)


def _target(result: ResultRecord) -> Target:
    """The registry of a result, so far as its id tells."""
    parts = result.resource.id.split("/")
    identifier = "/".join(parts[: registry_key_of(result.resource.id.lower()).count("/") + 1])
    return Target(
        identifier,
        segment_after(identifier, "registries"),
        result.resource.location,
        segment_after(identifier, "resourceGroups"),
        segment_after(identifier, "subscriptions"),
        None,
    )
