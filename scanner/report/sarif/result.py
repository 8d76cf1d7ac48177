"""A finding as a SARIF result: its words, where GitHub puts it, and what it is known by."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from scanner.model.resource import Resource
from scanner.report.evidence import EvidenceRenderer, line, why_not_gating
from scanner.report.memo import Memo, ResourceMemo
from scanner.report.sarif.rules import LEVELS, SCAN
from scanner.report.top_findings import REPORTED_VERDICTS
from scanner.result.finding import Advice, Finding, Ungated, Verdict
from scanner.text.printable import printable, printable_json

_KINDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "open",
    Verdict.EXEMPT: "fail",
    Verdict.NOT_APPLICABLE: "notApplicable",
}


class ResultRenderer:
    """Findings as SARIF results, in compact JSON; what many have in common is written once.

    `numbers` has that of each rule; `most` limits the leaves of a way and the commands of a remedy.
    """

    def __init__(self, numbers: Mapping[str, int], most: int | None) -> None:
        self._numbers = numbers
        self._most = most
        self._wording = EvidenceRenderer(most)
        self._heads: dict[tuple[str, str], str] = {}
        self._tails: dict[tuple[Verdict, Verdict | None, str | None, tuple[str, ...]], str] = {}
        self._segments = Memo(_segment)
        self._locations = ResourceMemo(self._located)

    def result(self, finding: Finding) -> str:
        """A finding."""
        text, fingerprint = unlinked("\n".join(self._message(finding))), finding.fingerprint
        return (
            f"{self._head(finding)}{encode_basestring(text)}}},{self._locations(finding.resource)},"
            f'"partialFingerprints":{_FINGERPRINTS % (fingerprint, fingerprint)},'
            f'"suppressions":[{_suppression(finding)}],{self._tail(finding)}'
        )

    def _head(self, finding: Finding) -> str:
        """All that comes before the text of the message."""
        policy, kind = finding.policy, _KINDS[finding.verdict]
        head = self._heads.get((policy.id, kind))
        if head is None:
            said = {
                "ruleId": printable(policy.id),
                "ruleIndex": self._numbers[policy.id],
                "kind": kind,
                "level": LEVELS[policy.severity] if kind == "fail" else "none",
            }
            head = self._heads[policy.id, kind] = f'{as_json(said)[:-1]},"message":{{"text":'
        return head

    def _tail(self, finding: Finding) -> str:
        """The properties, which come last."""
        key = finding.verdict, finding.gates, why_not_gating(finding), finding.ways
        tail = self._tails.get(key)
        if tail is None:
            verdict, gates, reason, ways = key
            said = {
                "verdict": verdict.value,
                "gates": gates.value if gates is not None else None,
                "notGating": reason,
                "ways": ways,
            }
            tail = self._tails[key] = f'"properties":{as_json(said)}}}'
        return tail

    def _message(self, finding: Finding) -> Sequence[str]:
        """A sentence, which is an alert's title, then the grounds; never empty."""
        account, most = finding.explain(), self._most
        lines = [printable(account.message) or printable(finding.policy.title) or finding.verdict.value]
        if finding.verdict not in REPORTED_VERDICTS:
            return lines
        lines += self._wording.lines(finding, account.evidence, line)
        if account.remediation:
            lines.append("What to do:")
        for advice in account.remediation:
            lines += _advice(advice, most)
        return lines

    def _located(self, resource: Resource) -> str:
        """Where GitHub puts an alert: a path that no repository has, and the resource for who knows more."""
        segments = self._segments
        path = "/".join(["azure", *[segments[segment] for segment in resource.key.split("/") if segment]])
        name, identifier = (
            encode_basestring(printable(resource.name)),
            printable_json(encode_basestring(resource.id)),
        )
        return _LOCATIONS % (path, name, identifier)


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


def _advice(advice: Advice, most: int | None) -> Iterator[str]:
    yield printable(f"{advice.way}: {advice.text}" if advice.way else advice.text)
    for command in advice.commands[:most]:
        yield f"    {printable(command)}"
    if most is not None and len(advice.commands) > most:
        yield f"    … and {len(advice.commands) - most} more"


def unlinked(text: str) -> str:
    """The text without `[words](target)`, which a SARIF viewer would show as a link."""
    return text.replace("](", "] (")


def _place(path: str) -> dict[str, Any]:
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    return {"artifactLocation": {"uri": path}, "region": region}


def _segment(segment: str) -> str:
    """A segment of a lower-cased id in a relative URI: `azure/subscriptions/…`; an alert is known by it."""
    return _RESERVED.sub(_percent, segment)


_RESERVED = re.compile(r"[^\w.~-]|^\.\.?$", re.ASCII)
"""What a URI would obey: its own signs, and a whole segment that is a step."""


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode(errors="backslashreplace"))


def _fingerprints(fingerprint: str) -> Mapping[str, str]:
    """GitHub looks at `primaryLocationLineHash` alone; the other name is true to what it is."""
    return {"primaryLocationLineHash": fingerprint, "acrScanFinding/v1": fingerprint}


def _suppression(finding: Finding) -> str:
    """What somebody has accepted; its list is in every result, as the format wants it in all or in none."""
    if finding.exemption is None and not finding.in_baseline:
        return ""
    reason = why_not_gating(finding) if finding.exemption is not None else Ungated.BASELINE.value
    return as_json({"kind": "external", "status": "accepted", "justification": reason or ""})


def as_json(value: Any) -> str:
    """Compact JSON without a character that a terminal would obey."""
    return printable_json(_ENCODER.encode(value))


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LOCATIONS = (
    f'"locations":[{{"physicalLocation":{as_json(_place("%s"))},'
    '"logicalLocations":[{"name":%s,"fullyQualifiedName":%s,"kind":"resource"}]}]'
)
_FINGERPRINTS = as_json(_fingerprints("%s"))
