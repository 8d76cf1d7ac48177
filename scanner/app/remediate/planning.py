"""The use case of `acr-scan remediate`: a plan for what a scan finds, of Azure or in a snapshot."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from scanner.app.options import Listener, ScanOptions
from scanner.app.scan.collect import Collected
from scanner.app.scan.policy_selection import Selection, open_pack, parameters_of
from scanner.app.scan.run import collect_and_judge
from scanner.catalog.limits import ip_rule_limit
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload, scan
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.network.service_tags import normal_cloud
from scanner.policy.load import Pack
from scanner.policy.model import Policy
from scanner.remediation.assembly import registry_plan
from scanner.remediation.planner import FailKey, Planner, Verdicts
from scanner.remediation.registry_view import PlanPreferences
from scanner.remediation.simulation import simulate
from scanner.result.finding import Finding, Verdict
from scanner.result.gate import Gate
from scanner.result.plan import Plan, RegistryPlan, Resolved, Unresolved
from scanner.result.results_format import ResultsDocument

NETWORKS = frozenset({"microsoft.network/networksecuritygroups", "microsoft.network/azurefirewalls"})
"""Types judged by what the registries around them are set to."""
_REGISTRIES = "/providers/microsoft.containerregistry/registries/"

NO_SETTING = "no step of a plan settles this; what its policy advises is below"


@dataclass(frozen=True, slots=True)
class RemediationOptions:
    """What `remediate` is asked for, besides the options of a scan."""

    prefer: str | None = None
    widen: bool = False


def remediate(
    asked: ScanOptions,
    asking: RemediationOptions,
    results: ResultsDocument | None = None,
    listener: Listener | None = None,
) -> Plan:
    """The plan for what a scan finds in a scope; with results, for their findings that it finds too."""
    # all policies are asked, so that what a step entails is seen whatever is selected
    seen = collect_and_judge(msgspec.structs.replace(asked, select=()), listener)
    if results is None:
        return plan_of(seen, asked, asking)
    told = [each for each in results.results if each.verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE}]
    plan = plan_of(seen, asked, asking, frozenset(each.fingerprint for each in told))
    judged = {each.fingerprint: each.verdict for each in seen.report.findings}
    gone = tuple(
        Unresolved(each.policy, each.name, each.resource.id.lower(), each.verdict.value, reason)
        for each in told
        if (reason := _outdated(judged.get(each.fingerprint))) is not None
    )
    doubts = (
        plan.doubts
        if results.run.complete
        else (*plan.doubts, "the scan that wrote the results was incomplete")
    )
    return replace(plan, elsewhere=(*plan.elsewhere, *gone), doubts=doubts)


def _outdated(now: Verdict | None) -> str | None:
    """Why a finding of a results file is not planned for; None if it is."""
    if now is None:
        return "it is not judged in this inventory, by the options given"
    passed = now in {Verdict.PASS, Verdict.NOT_APPLICABLE}
    return f"it is {now.value} in this inventory: nothing is to do" if passed else None


def plan_of(
    seen: Collected, asked: ScanOptions, asking: RemediationOptions, only: frozenset[str] | None = None
) -> Plan:
    """The plan for what was seen; `only` narrows it to findings of these fingerprints."""
    pack = open_pack(asked.policies, builtin=not asked.no_builtin)
    policies = Selection((), asked.exclude).of(pack.policies)
    chosen = {policy.id for policy in Selection(asked.select, asked.exclude).of(pack.policies)}
    planning = Planning(
        seen.inventory,
        TagTable(seen.tags, seen.inventory.cloud),
        pack,
        policies,
        parameters_of(asked.param, policies),
        asking,
    )
    findings = [
        each
        for each in seen.report.findings
        if each.policy.id in chosen and (only is None or each.fingerprint in only)
    ]
    plan = planning.plan(findings)
    doubts = tuple(dict.fromkeys(f"{notice.where}: {notice.reason}" for notice in seen.report.notices))
    if seen.report.nothing_scanned:
        doubts = ("nothing was scanned: no resource of any policy's type", *doubts)
    elif seen.report.run.complete:
        return plan
    return replace(plan, doubts=doubts or ("not all could be seen",))


@dataclass(frozen=True)
class Planning:
    """Plans for findings on an inventory, one registry at a time."""

    inventory: Inventory
    tags: TagTable
    pack: Pack
    policies: Sequence[Policy]
    parameters: Mapping[str, Mapping[str, object]]
    asking: RemediationOptions

    @cached_property
    def _families(self) -> Mapping[str, Mapping[str, Resource]]:
        """The resources by the registry that they are or lie below; under an empty key all others."""
        families: dict[str, dict[str, Resource]] = {}
        for key, resource in self.inventory.resources.items():
            families.setdefault(registry_of(resource), {})[key] = resource
        return families

    def _around(self, registry: str) -> Inventory:
        """The inventory without other registries, and without what lies below those."""
        known = {**self._families.get("", {}), **self._families[registry]}
        return replace(self.inventory, resources={key: known[key] for key in sorted(known)})

    def plan(self, findings: Iterable[Finding]) -> Plan:
        """One plan per registry that has a finding; findings of no registry are listed."""
        groups: dict[str, list[Finding]] = {}
        elsewhere = []
        for finding in findings:
            if finding.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
                continue
            key = registry_of(finding.resource)
            if key in self.inventory.resources:
                groups.setdefault(key, []).append(finding)
            else:
                elsewhere.append(finding)
        plans = tuple(self._registry(key, groups[key]) for key in sorted(groups))
        still = self._still(plans, [each for each in elsewhere if each.verdict is Verdict.FAIL])
        left = [each for each in elsewhere if each.verdict is not Verdict.FAIL or _key(each) in still]
        gone = [each for each in elsewhere if each not in left]
        return Plan(
            plans,
            tuple(_left(each, ()) for each in left),
            tuple(Resolved(*_key(each)) for each in gone),
            cloud=self.inventory.cloud,
        )

    def _still(self, plans: Iterable[RegistryPlan], findings: Sequence[Finding]) -> frozenset[FailKey]:
        """The findings of no registry that fail even when all plans are carried out."""
        if not findings:
            return frozenset()
        inventory = self.inventory
        for plan in plans:
            inventory = simulate(inventory, plan.target.id.lower(), [step.act for step in plan.steps])
        keys = {each.resource.key for each in findings}
        found = self._scan(inventory, lambda resource: resource.key in keys)
        return frozenset(key for key, each in found.items() if each.verdict is Verdict.FAIL)

    def _registry(self, registry: str, findings: Sequence[Finding]) -> RegistryPlan:
        around = self._around(registry)
        policies = {each.id: each for each in self.policies}
        planner = Planner(
            registry, self.tags, self.pack.terms, policies, self._wishes(findings), self._judge(registry)
        )
        wanted = [_key(each) for each in findings if each.verdict is Verdict.FAIL]
        state = planner.settle(around, wanted)
        stay = [each for each in findings if each.verdict is not Verdict.FAIL or _key(each) in state.fails]
        left = [_left(each, planner.reasons.get(_key(each), ())) for each in stay]
        plan = registry_plan(around, planner, state, left)
        known = {(each.policy, each.resource) for each in plan.settled}
        gone = [key for key in wanted if key not in state.fails and key not in known]
        return replace(plan, settled=(*plan.settled, *(Resolved(*key) for key in gone)))

    def _wishes(self, findings: Sequence[Finding]) -> PlanPreferences:
        """The budget is the house's, unless the registry exceeds it already."""
        limit = ip_rule_limit(normal_cloud(self.inventory.cloud))
        over = any(each.policy.role == "rule-budget" and each.verdict is Verdict.FAIL for each in findings)
        house = self._parameter("rule-budget", "budget")
        budget = limit if house is None or over else min(limit, house)
        house = limit if house is None else house
        widest = self._parameter("rule-width", "widest") or 0
        return PlanPreferences(self.asking.prefer, self.asking.widen, limit, budget, house, widest)

    def _parameter(self, role: str, name: str) -> int | None:
        """A number that the selected policy of a role judges by; None where none is selected."""
        for each in self.policies:
            if each.role == role and name in each.parameters:
                value = self.parameters.get(each.id, {}).get(name, each.parameters[name].default)
                return value if isinstance(value, int) else None
        return None

    def _judge(self, registry: str) -> Callable[[Inventory], Verdicts]:
        below = f"{registry}/"

        def wanted(resource: Resource) -> bool:
            return resource.key == registry or resource.key.startswith(below) or resource.type in NETWORKS

        return lambda inventory: self._scan(inventory, wanted)

    def _scan(self, inventory: Inventory, wanted: Callable[[Resource], bool]) -> Verdicts:
        """The findings on resources, by policy and resource."""
        workload = Workload.where(
            wanted,
            inventory,
            self.tags,
            self.policies,
            self.pack.terms,
            gate=Gate(),
            parameters=self.parameters,
        )
        return {_key(each): each for each in scan(workload)}


def registry_of(resource: Resource) -> str:
    """The key of the registry that a resource is, or lies below; else empty."""
    return registry_key_of(resource.key)


def registry_key_of(key: str) -> str:
    """The same for a lower-cased id."""
    head, found, tail = key.partition(_REGISTRIES)
    return f"{head}{found}{tail.partition('/')[0]}" if found else ""


def _key(finding: Finding) -> FailKey:
    return finding.policy.id, finding.resource.key


def _left(finding: Finding, reasons: Sequence[str]) -> Unresolved:
    """A finding that no step settles, with why and with its policy's advice."""
    policy = finding.policy
    return Unresolved(
        policy.id,
        policy.title,
        finding.resource.key,
        finding.verdict.value,
        _reason(finding, reasons),
        tuple(advice.text for advice in finding.remediation),
    )


def _reason(finding: Finding, reasons: Sequence[str]) -> str:
    match finding.verdict:
        case Verdict.EXEMPT:
            until = "" if finding.exemption is None else f" until {finding.exemption.expires_on}"
            return f"it is exempt{until}"
        case Verdict.UNKNOWN:
            unseen = [each.fact.sentence for each in finding.evidence if each.fact.truth is Truth.UNKNOWN]
            return "; ".join(dict.fromkeys(["it could not be judged", *unseen[:3]]))
        case _:
            plan = finding.policy.plan
            decision = () if plan is None or plan.decision is None else (plan.decision,)
            return "; ".join(dict.fromkeys(reasons or decision)) or NO_SETTING
