"""A finding as a SARIF result: its words, where GitHub puts it, and what it is known by."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.model.resource import Resource
from scanner.report.evidence import evidence_lines, not_gating
from scanner.report.gravest import WORST
from scanner.report.plain import plain
from scanner.report.sarif_rules import LEVELS, SCAN
from scanner.result.finding import Advice, Finding, Ungated, Verdict

_KINDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "open",
    Verdict.EXEMPT: "fail",
    Verdict.NOT_APPLICABLE: "notApplicable",
}


def result(finding: Finding, number: int, *, most: int | None) -> dict[str, Any]:
    """A finding; `number` is its rule's, `most` limits the leaves of a way and the commands of a remedy."""
    policy, kind = finding.policy, _KINDS[finding.verdict]
    return {
        "ruleId": plain(policy.id),
        "ruleIndex": number,
        "kind": kind,
        "level": LEVELS[policy.severity] if kind == "fail" else "none",
        "message": {"text": unlinked("\n".join(_message(finding, most)))},
        "locations": [_location(finding.resource)],
        "partialFingerprints": _fingerprints(finding.fingerprint),
        "suppressions": list(_suppressions(finding)),
        "properties": {
            "verdict": finding.verdict.value,
            "gates": finding.gates.value if finding.gates is not None else None,
            "notGating": not_gating(finding),
            "ways": finding.ways,
        },
    }


def own_result(reasons: str, number: int) -> dict[str, Any]:
    """What the scan says of itself, as an alert; `number` is its rule's."""
    return {
        "ruleId": SCAN,
        "ruleIndex": number,
        "kind": "fail",
        "level": "error",
        "message": {"text": f"The scan cannot vouch for what it does not report: {reasons}."},
        "locations": [{"physicalLocation": _place(f"azure/{SCAN}")}],
        "partialFingerprints": _fingerprints(hashlib.sha256(SCAN.encode()).hexdigest()[:32]),
        "suppressions": [],
    }


def _message(finding: Finding, most: int | None) -> Iterator[str]:
    """A sentence, which is an alert's title, then the grounds; never empty."""
    yield plain(finding.message) or plain(finding.policy.title) or finding.verdict.value
    if finding.verdict not in WORST:
        return
    yield from map(str, evidence_lines(finding, most=most))
    if finding.remediation:
        yield "What to do:"
    for advice in finding.remediation:
        yield from _advice(advice, most)


def _advice(advice: Advice, most: int | None) -> Iterator[str]:
    yield plain(f"{advice.way}: {advice.text}" if advice.way else advice.text)
    for command in advice.commands[:most]:
        yield f"    {plain(command)}"
    if most is not None and len(advice.commands) > most:
        yield f"    … and {len(advice.commands) - most} more"


def unlinked(text: str) -> str:
    """The text without `[words](target)`, which a SARIF viewer would show as a link."""
    return text.replace("](", "] (")


def _location(resource: Resource) -> dict[str, Any]:
    """Where GitHub puts an alert: a path that no repository has, and the resource for who knows better."""
    return {
        "physicalLocation": _place(_path(resource.key)),
        "logicalLocations": [
            {"name": plain(resource.name), "fullyQualifiedName": resource.id, "kind": "resource"}
        ],
    }


def _place(path: str) -> dict[str, Any]:
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    return {"artifactLocation": {"uri": path}, "region": region}


def _path(key: str) -> str:
    """A relative URI for a lower-cased id: `azure/subscriptions/…`; an alert is known by it."""
    segments = (_RESERVED.sub(_percent, segment) for segment in key.split("/") if segment)
    return "/".join(("azure", *segments))


_RESERVED = re.compile(r"[^\w.~-]|^\.\.?$", re.ASCII)
"""What a URI would obey: its own signs, and a whole segment that is a step."""


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode(errors="backslashreplace"))


def _fingerprints(fingerprint: str) -> Mapping[str, str]:
    """GitHub looks at `primaryLocationLineHash` alone; the other name is true to what it is."""
    return {"primaryLocationLineHash": fingerprint, "acrScanFinding/v1": fingerprint}


def _suppressions(finding: Finding) -> Iterator[Mapping[str, str]]:
    """What somebody has accepted; a list in every result, as the format wants it in all or in none."""
    if finding.exemption is not None or finding.baseline:
        reason = not_gating(finding) if finding.exemption is not None else Ungated.BASELINE.value
        yield {"kind": "external", "status": "accepted", "justification": reason or ""}
