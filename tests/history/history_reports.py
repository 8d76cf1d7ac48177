"""Reports of runs as tests of the history write them: `report(3, "fp-f")` is five resources on day 3."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import make
from made_findings import Told, table_of

from scanner.history.record import Record
from scanner.model.resource import Resource, Row, Source
from scanner.policy.model import Policy, Severity
from scanner.result.finding import Explanation, Finding, Verdict
from scanner.result.report import Report, RowCount, Run, TagSource

FIRST = datetime(2026, 11, 1, 6, tzinfo=UTC)
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
SCOPE = {"cloud": "Public", "subscriptions": [SUBSCRIPTION]}
VERDICTS = {
    "p": Verdict.PASS,
    "f": Verdict.FAIL,
    "u": Verdict.UNKNOWN,
    "e": Verdict.EXEMPT,
    "n": Verdict.NOT_APPLICABLE,
}


def policy(policy_id: str = "ACR901", **changes: Any) -> Policy:
    fields = {"title": "No admin user", "severity": Severity.MEDIUM, **changes}
    return make.policy(policy_id, fields.pop("name", "admin-user-off"), **fields)


def resource_id(name: str, subscription: str = SUBSCRIPTION) -> str:
    group = f"/subscriptions/{subscription}/resourceGroups/Shop"
    return f"{group}/providers/Microsoft.ContainerRegistry/registries/{name}"


def finding(
    name: str, letter: str, judged_by: Policy | None = None, subscription: str = SUBSCRIPTION
) -> Finding:
    identifier = resource_id(name, subscription)
    row = Row(identifier, "microsoft.containerregistry/registries", {}, Source.ARM, "2025-11-01")
    verdict = VERDICTS[letter]
    gates = verdict if verdict in {Verdict.FAIL, Verdict.UNKNOWN} else None
    return Finding(
        judged_by or policy(),
        Resource(identifier.lower(), (row,)),
        Told(Explanation("Said.")),
        verdict,
        gates=gates,
    )


def findings(letters: str, judged_by: Policy | None = None) -> list[Finding]:
    """Registries r0, r1, … and a verdict each; `.` is one that the run did not judge."""
    return [
        finding(f"r{number}", letter, judged_by) for number, letter in enumerate(letters) if letter != "."
    ]


def report(
    day: int | None, found: str | Sequence[Finding], *, complete: bool = True, **changes: Any
) -> Report:
    there = findings(found) if isinstance(found, str) else found
    collected = None if day is None else (FIRST + timedelta(days=day)).isoformat().replace("+00:00", "Z")
    fields: Mapping[str, Any] = {
        "tool_version": "0.1.0",
        "collected": collected,
        "evaluated": collected,
        "source": "azure",
        "scope": {"subscriptions": [SUBSCRIPTION]},
        "rows": RowCount(len(there), len(there), 0, 0),
        "service_tags": TagSource("Public", "346", None, "file"),
        "policies": tuple({each.policy.id: each.policy for each in there}.values()) or (policy(),),
        "policy_digest": "sha256:00",
    }
    run = Run(complete=complete, **{**fields, **changes})
    return Report(run, registries=len(there), notices=(), findings=table_of(there))


def record(day: int | None, found: str | Sequence[Finding], **changes: Any) -> Record:
    scope = changes.pop("words", SCOPE)
    return Record(report(day, found, **changes), scope, FIRST + timedelta(days=100))


def vanished(_: str) -> bool:
    """What is not there is gone."""
    return True


def unsure(_: str) -> bool:
    """Nothing proves that what is not there is gone."""
    return False
