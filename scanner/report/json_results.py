"""The results file: the contract for machines (`scanner/result/results.schema.json`)."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from scanner.model.resource import Resource
from scanner.report.plain import plain_json
from scanner.result.finding import Evidence, Exempted, Finding, Verdict
from scanner.result.report import Report, Run

FORMAT = 1


def render(report: Report, *, all_results: bool) -> str:
    """The report as JSON; what is not applicable is listed with `all_results`, and counted anyway."""
    return "".join(pieces(report, all_results=all_results))


def pieces(report: Report, *, all_results: bool) -> Iterator[str]:
    """The same text, a result at a time."""
    head = {
        "format": FORMAT,
        "tool": {"name": "acr-scan", "version": report.run.tool_version},
        "run": _run(report.run),
        "summary": _summary(report),
        "notices": [
            {"kind": notice.kind, "where": notice.where, "reason": notice.reason, "help": notice.help}
            for notice in report.notices
        ],
    }
    yield f'{_formatted(head)[:-2]},\n "results": ['
    before = "\n  "
    for finding in report.findings:
        if all_results or finding.verdict is not Verdict.NOT_APPLICABLE:
            yield before + _formatted(_result(finding)).replace("\n", "\n  ")
            before = ",\n  "
    yield "]\n}\n" if before == "\n  " else "\n ]\n}\n"


def _formatted(document: dict[str, Any]) -> str:
    """Indented JSON; a line break in it is never part of a text."""
    return msgspec.json.format(_encoded(document), indent=1)


def _run(run: Run) -> dict[str, Any]:
    tags = run.service_tags
    return {
        "collected": run.collected,
        "evaluated": run.evaluated,
        "source": run.source,
        "scope": run.scope,
        "complete": run.complete,
        "rows": {
            "read": run.rows.read,
            "judged": run.rows.judged,
            "context": run.rows.context,
            "unusable": run.rows.unusable,
        },
        "serviceTags": tags
        and {
            "cloud": tags.cloud,
            "changeNumber": tags.change_number,
            "published": tags.published,
            "source": tags.source,
        },
        "policies": {"count": len(run.policies), "digest": run.policy_digest, "parameters": run.parameters},
    }


def _summary(report: Report) -> dict[str, Any]:
    return {
        "registries": report.registries,
        **{verdict.value: report.verdicts[verdict] for verdict in Verdict},
        "gating": {verdict.value: report.gating[verdict] for verdict in (Verdict.FAIL, Verdict.UNKNOWN)},
    }


def _result(finding: Finding) -> dict[str, Any]:
    policy = finding.policy
    return {
        "policy": policy.id,
        "name": policy.name,
        "severity": policy.severity.value,
        "status": policy.status.value,
        "verdict": finding.verdict.value,
        "gates": finding.gates.value if finding.gates is not None else None,
        "resource": _resource(finding.resource),
        "way": finding.ways[0] if finding.ways else None,
        "ways": finding.ways,
        "message": finding.message,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "remediation": [
            {"way": advice.way, "text": advice.text, "commands": advice.commands}
            for advice in finding.remediation
        ],
        "exemption": _exemption(finding.exemption),
        "baseline": finding.baseline,
        "fingerprint": finding.fingerprint,
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {
        "id": resource.id,
        "name": resource.name,
        "type": resource.type.lower(),
        "location": resource.location,
        "resourceGroup": resource.resource_group,
        "subscriptionId": resource.subscription or None,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    ground = evidence.ground
    return {
        "way": evidence.way,
        "resource": evidence.resource,
        "field": ground.field,
        "operator": ground.operator,
        "expected": ground.expected,
        "actual": ground.actual,
        "truth": ground.truth.value,
        "assumed": ground.assumed,
        "source": ground.source.value if ground.source is not None else None,
        "apiVersion": ground.api_version,
        "reason": ground.reason,
        "help": ground.help,
        "missing": ground.missing,
        "excess": ground.excess,
        "text": ground.text,
    }


def _exemption(exemption: Exempted | None) -> dict[str, Any] | None:
    if exemption is None:
        return None
    return {
        "category": exemption.category,
        "reason": exemption.reason,
        "owner": exemption.owner,
        "expiresOn": exemption.expires_on,
    }


def _encoded(document: dict[str, Any]) -> str:
    """Compact JSON without a character that a terminal would obey, and without NaN."""
    try:
        text = _ENCODER.encode(document)
    except ValueError:
        text = _ENCODER.encode(_finite(document))
    return plain_json(text)


def _as_json(value: Any) -> Any:
    """What JSON has for a value that it does not know: read-only mappings and sets among them."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


def _finite(value: Any) -> Any:
    """The value with null for each number that JSON cannot write."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {key: _finite(member) for key, member in value.items()}
        case list() | tuple():
            return [_finite(member) for member in value]
        case _:
            return value


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_as_json)
