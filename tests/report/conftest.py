"""Policies, findings and reports made by hand."""

from collections.abc import Callable, Mapping
from typing import Any

import make
import pytest
from made_findings import Told, table_of

from scanner.model.resource import Resource, Row, Source
from scanner.model.truth import Truth
from scanner.policy.model import Location, Policy, Severity, Status
from scanner.result.finding import (
    Advice,
    Evidence,
    EvidenceFact,
    Exempted,
    Explanation,
    Finding,
    Ungated,
    Verdict,
)
from scanner.result.report import Notice, Report, RowCount, Run, TagSource

SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/Shop/providers/Microsoft.ContainerRegistry/registries/contoso"
HOSTILE = (
    '"><script>alert(1)</script>]]>[bold red]x=cmd()\x1b[31m\u202e\x00\x07\u200b\ufeff\ud800\ufffeGrün\n'
)

Maker = Callable[..., Any]


def make_policy(policy_id: str = "ACR201", name: str = "task-network-path", **changes: Any) -> Policy:
    fields: Mapping[str, Any] = {
        "title": "Tasks should have a working path to a network-restricted registry",
        "resources": ("Microsoft.ContainerRegistry/registries/tasks",),
        "why": "Tasks run on shared machines.",
        "spot": Location(f"policies/tasks/{policy_id}-{name}.yaml", 1, ""),
    }
    return make.policy(policy_id, name, **{**fields, **changes})


def make_resource(
    resource_id: str = f"{REGISTRY}/tasks/nightly",
    resource_type: str = "microsoft.containerregistry/registries/tasks",
) -> Resource:
    row = Row(resource_id, resource_type, {"location": "East US"}, Source.ARM, "2025-11-01")
    return Resource(resource_id.lower(), (row,))


def make_evidence(way: str | None = None, truth: Truth = Truth.FALSE, **changes: Any) -> Evidence:
    fields: Mapping[str, Any] = {
        "field": "properties.agentPoolName",
        "operator": "exists",
        "expected": True,
        "actual": None,
        "assumed": False,
        "source": Source.ARM,
        "api_version": "2025-11-01",
        "reason": None,
        "help": None,
        "optional": False,
        "missing": None,
        "excess": None,
        "text": "is not set",
    }
    resource = changes.pop("resource", f"{REGISTRY}/tasks/nightly")
    return Evidence(EvidenceFact(truth=truth, **{**fields, **changes}), resource, way)


def make_finding(verdict: Verdict = Verdict.FAIL, **changes: Any) -> Finding:
    gates = verdict if verdict in {Verdict.FAIL, Verdict.UNKNOWN} else None
    fields: Mapping[str, Any] = {
        "policy": make_policy(),
        "resource": make_resource(),
        "message": "Task nightly has no working path to contoso, so its runs will be refused.",
        "gates": gates,
        "exemption": exemption() if verdict is Verdict.EXEMPT else None,
    }
    said = {**fields, **changes}
    account = Explanation(said.pop("message"), said.pop("evidence", ()), said.pop("remediation", ()))
    return Finding(verdict=verdict, explainer=Told(account), **said)


def exemption() -> Exempted:
    return Exempted("waiver", "moves to a pool in March", "team-build", "2026-12-31")


def make_report(
    *findings: Finding, notices: tuple[Notice, ...] = (), complete: bool = True, **changes: Any
) -> Report:
    fields: Mapping[str, Any] = {
        "tool_version": "0.1.0",
        "collected": "2026-11-02T06:00:00Z",
        "evaluated": "2026-11-02T06:00:00Z",
        "source": "snapshot",
        "scope": {"subscriptions": ["11111111-2222-3333-4444-555555555555"]},
        "rows": RowCount(60, 41, 19, 0),
        "service_tags": TagSource("Public", "346", None, "file"),
        "policies": tuple({finding.policy.id: finding.policy for finding in findings}.values()),
        "policy_digest": "sha256:00",
    }
    run = Run(complete=complete, **{**fields, **changes})
    return Report(run, registries=2, notices=notices, findings=table_of(findings))


@pytest.fixture
def a_policy() -> Maker:
    return make_policy


@pytest.fixture
def a_resource() -> Maker:
    return make_resource


@pytest.fixture
def evidence() -> Maker:
    return make_evidence


@pytest.fixture
def a_finding() -> Maker:
    return make_finding


@pytest.fixture
def a_report() -> Maker:
    return make_report


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def hostile_report() -> Report:
    """A report in which every text that comes from Azure or a file is hostile."""
    leaf = make_evidence(
        HOSTILE,
        Truth.UNKNOWN,
        resource=f"{REGISTRY}/tasks/{HOSTILE}",
        field=HOSTILE,
        text=HOSTILE,
        help=HOSTILE,
    )
    policy = make_policy(name=HOSTILE, title=HOSTILE, spot=Location(f"p/{HOSTILE}/x.yaml", 1, ""))
    texts: Mapping[str, Any] = {
        "policy": policy,
        "message": HOSTILE,
        "evidence": (leaf, make_evidence(None, text=HOSTILE)),
        "remediation": (Advice(HOSTILE, HOSTILE, (HOSTILE,)),),
    }
    named = make_resource(f"{REGISTRY}{HOSTILE}/tasks/{HOSTILE}")
    other = make_resource(f"{SUBSCRIPTION}/x/{HOSTILE}", "microsoft.network/azurefirewalls")
    exempted = Exempted("waiver", HOSTILE, HOSTILE, HOSTILE)
    return make_report(
        make_finding(Verdict.FAIL, resource=named, **texts),
        make_finding(Verdict.UNKNOWN, resource=other, **texts),
        make_finding(Verdict.EXEMPT, exemption=exempted, **texts),
        make_finding(
            Verdict.FAIL, gates=None, not_gating_because=Ungated.BASELINE, policy=policy, message=HOSTILE
        ),
        notices=(Notice("unusable-row", HOSTILE, HOSTILE, HOSTILE),),
        complete=False,
        service_tags=TagSource(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        collected=HOSTILE,
    )


@pytest.fixture
def task_report() -> Report:
    """The example of the language's page, an unknown, an exempt, a preview and a neighbour's finding."""
    return make_report(*_task_findings(), notices=_notices(), complete=False)


def _task_findings() -> tuple[Finding, ...]:
    rules = "properties.networkRuleSet.ipRules[*].value"
    prefixes = tuple(f"40.71.{number}.0/29" for number in range(13))
    ways = (
        make_evidence("agent-pool"),
        make_evidence("agent-pool", field="", operator="of", text="has no agentPool"),
        make_evidence("bypass", field="identity.type", operator="contains", text="is 'None'"),
        make_evidence("ip-rules", resource=REGISTRY, field=rules, missing=prefixes, text=_coverage(prefixes)),
    )
    bypass = make_evidence(
        "bypass",
        Truth.UNKNOWN,
        resource=REGISTRY,
        field="properties.networkRuleBypassAllowedForTasks",
        text="could not be seen (read with an apiVersion older than 2025-05-01-preview)",
        reason="read with an apiVersion older than 2025-05-01-preview",
        help="let the scan read ARM: --arm-reads auto",
    )
    remedies = (
        Advice(
            "agent-pool",
            "Preferred: no exception in the firewall. Run the task on a dedicated pool.",
            (_POOL,),
        ),
        Advice(
            "ip-rules",
            "Allow the regional tag's prefixes.",
            tuple(f"az acr x --ip {item}" for item in prefixes),
        ),
    )
    quick = make_policy(
        "ACR101", "public-access-restricted", severity=Severity.MEDIUM, title="Keep the door shut"
    )
    preview = make_policy("ACR504", "client-fqdn-data", status=Status.PREVIEW, title="Data endpoints too")
    firewall = make_resource(
        f"{SUBSCRIPTION}/resourceGroups/Hub/providers/Microsoft.Network/azureFirewalls/hub",
        "microsoft.network/azurefirewalls",
    )
    weekly = make_resource(f"{REGISTRY}/tasks/weekly")
    return (
        make_finding(Verdict.FAIL, evidence=ways, remediation=remedies),
        make_finding(
            Verdict.UNKNOWN, resource=weekly, evidence=(ways[0], bypass), message="Task weekly: not known."
        ),
        make_finding(Verdict.EXEMPT, resource=make_resource(f"{REGISTRY}/tasks/old")),
        make_finding(Verdict.FAIL, policy=quick, evidence=(make_evidence(),), message="The door is open."),
        make_finding(
            Verdict.FAIL,
            policy=preview,
            resource=firewall,
            gates=None,
            not_gating_because=Ungated.PREVIEW,
            message="F",
        ),
        make_finding(Verdict.PASS, resource=make_resource(f"{REGISTRY}/tasks/good"), ways=("bypass",)),
        make_finding(Verdict.NOT_APPLICABLE, resource=make_resource(f"{REGISTRY}/tasks/off")),
    )


def _coverage(prefixes: tuple[str, ...]) -> str:
    return f"covers 9 of 22 IPv4 prefixes of AzureContainerRegistry.eastus; missing {', '.join(prefixes)}"


def _notices() -> tuple[Notice, ...]:
    return (
        Notice(
            "unreadable-subscription", "9999", "403 AuthorizationFailed", "give the identity the Reader role"
        ),
    )


_POOL = (
    "az acr agentpool create --registry contoso --name '<pool>' --tier S1 --subnet-id '<subnet id>' --no-wait"
)
