"""The results file: the contract for machines (`scanner/result/results_format.py`)."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from scanner.model.resource import Resource
from scanner.report.memo import ResourceMemo
from scanner.report.renderer import Batch, BatchRenderer, Piece, joined, render_all, text_of
from scanner.report.spool import Sections
from scanner.result import results_format as records
from scanner.result.exemption import Category
from scanner.result.finding import Advice, Evidence, Exempted, Finding, Verdict
from scanner.result.report import Report, Run, TagSource
from scanner.text.printable import printable_json

_GATES: Mapping[Verdict | None, Literal["fail", "unknown"] | None] = {
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "unknown",
    None: None,
}


def render(report: Report, *, all_results: bool) -> str:
    """The report as JSON; what is not applicable is listed with `all_results`, and counted anyway."""
    return text_of(pieces(report, render_all(report.findings, renderer(all_results=all_results))))


def pieces(report: Report, sections: Sections) -> Iterator[Piece]:
    """The same, with results that are rendered already."""
    head = records.ResultsDocument(
        format=records.FORMAT,
        tool=records.ToolRecord(name="acr-scan", version=report.run.tool_version),
        run=_run(report.run),
        summary=_summary(report),
        notices=tuple(
            records.NoticeRecord(kind=each.kind, where=each.where, reason=each.reason, help=each.help)
            for each in report.notices
        ),
        results=(),
    )
    yield _formatted(head).removesuffix("]\n}")
    empty = True
    for piece in joined(sections):
        yield piece[1:] if empty else piece  # without the comma
        empty = False
    yield "]\n}\n" if empty else "\n ]\n}\n"


def renderer(*, all_results: bool) -> BatchRenderer:
    """Renders results, each after a comma."""
    return _ResultRenderer(all_results)


class _ResultRenderer:
    """Renders the results of a policy in one go, into a section of its own."""

    def __init__(self, all_results: bool) -> None:
        self._all_results = all_results
        self._resource = ResourceMemo(_resource)

    def render(self, batch: Batch) -> Iterator[tuple[str, str]]:
        """A text for each policy."""
        for policy, findings in batch:
            shown = [
                self._result(finding)
                for finding in findings
                if self._all_results or finding.verdict is not Verdict.NOT_APPLICABLE
            ]
            if shown:
                # In the document everything lies one space deeper; the array's brackets are there.
                array = _formatted(shown).replace("\n", "\n ")
                yield policy.id, f",{array[1:-3]}"

    def _result(self, finding: Finding) -> records.ResultRecord:
        policy, explanation = finding.policy, finding.explain()
        return records.ResultRecord(
            policy=policy.id,
            name=policy.name,
            severity=policy.severity,
            status=policy.status,
            verdict=finding.verdict,
            gates=_GATES[finding.gates],
            resource=self._resource(finding.resource),
            way=finding.ways[0] if finding.ways else None,
            ways=finding.ways,
            message=explanation.message,
            evidence=tuple(map(_evidence, explanation.evidence)),
            remediation=tuple(map(_advice, explanation.remediation)),
            exemption=None if finding.exemption is None else _exemption(finding.exemption),
            baseline=finding.in_baseline,
            fingerprint=finding.fingerprint,
        )


def _evidence(evidence: Evidence) -> records.EvidenceRecord:
    fact = evidence.fact
    return records.EvidenceRecord(
        way=evidence.way,
        resource=evidence.resource,
        field=fact.field,
        operator=fact.operator,
        expected=_json_value(fact.expected),
        actual=_json_value(fact.actual),
        truth=fact.truth,
        assumed=fact.assumed,
        source=fact.source,
        api_version=fact.api_version,
        reason=fact.reason,
        help=fact.help,
        missing=fact.missing,
        excess=fact.excess,
        text=fact.text,
    )


def _resource(resource: Resource) -> records.ResourceRecord:
    return records.ResourceRecord(
        id=resource.id,
        name=resource.name,
        type=resource.type,
        location=resource.location,
        resource_group=resource.resource_group,
        subscription_id=resource.subscription or None,
    )


def _advice(advice: Advice) -> records.AdviceRecord:
    return records.AdviceRecord(way=advice.way, text=advice.text, commands=advice.commands)


def _exemption(exemption: Exempted) -> records.ExemptionRecord:
    return records.ExemptionRecord(
        category=Category(exemption.category),
        reason=exemption.reason,
        owner=exemption.owner,
        expires_on=exemption.expires_on,
    )


def _run(run: Run) -> records.RunRecord:
    return records.RunRecord(
        collected=run.collected,
        evaluated=run.evaluated,
        source=run.source,
        scope=_json_value(run.scope),
        complete=run.complete,
        rows=records.RowsRecord(
            read=run.rows.read,
            judged=run.rows.judged,
            context=run.rows.context,
            unusable=run.rows.unusable,
        ),
        service_tags=None if run.service_tags is None else _service_tags(run.service_tags),
        policies=records.PoliciesRecord(
            count=len(run.policies), digest=run.policy_digest, parameters=_json_value(run.parameters)
        ),
    )


def _service_tags(tags: TagSource) -> records.ServiceTagsRecord:
    return records.ServiceTagsRecord(
        cloud=tags.cloud, change_number=tags.change_number, published=tags.published, source=tags.source
    )


def _summary(report: Report) -> records.SummaryRecord:
    verdicts, gating = report.verdicts, report.gating
    return records.SummaryRecord(
        registries=report.registries,
        pass_=verdicts[Verdict.PASS],
        fail=verdicts[Verdict.FAIL],
        unknown=verdicts[Verdict.UNKNOWN],
        exempt=verdicts[Verdict.EXEMPT],
        not_applicable=verdicts[Verdict.NOT_APPLICABLE],
        gating=records.GatingRecord(fail=gating[Verdict.FAIL], unknown=gating[Verdict.UNKNOWN]),
    )


def _json_value(value: Any) -> Any:
    """What a row holds, or a policy asks for, as JSON has it: null for NaN, an array in order for a set."""
    match value:
        case None | str() | bool():
            return value
        case float():
            return value if math.isfinite(value) else None
        case int():
            return value if abs(value) <= _LARGEST else msgspec.Raw(str(value).encode())
        case Mapping():
            return {str(key): _json_value(member) for key, member in value.items()}
        case list() | tuple():
            return [_json_value(member) for member in value]
        case set() | frozenset():
            return sorted((_json_value(member) for member in value), key=str)
        case _:
            return str(value)


_LARGEST = 2**63 - 1
"""The largest number that the encoder takes."""


def _formatted(document: Any) -> str:
    """Indented JSON without a character that a terminal would obey; no line break is part of a text."""
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:  # half of a surrogate pair, which UTF-8 cannot say
        data = msgspec.json.encode(_without_halves(msgspec.to_builtins(document)))
    return msgspec.json.format(printable_json(data.decode()), indent=1)


def _without_halves(value: Any) -> Any:
    """The value with U+FFFD for each half of a surrogate pair."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_without_halves(key): _without_halves(member) for key, member in value.items()}
        case list() | tuple():
            return [_without_halves(member) for member in value]
        case _:
            return value
