"""The results file: the contract for machines (`scanner/result/results.schema.json`)."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

import msgspec

from scanner.model.resource import Resource
from scanner.report.memo import Memo, ResourceMemo
from scanner.report.renderer import BatchRenderer, Piece, PolicySections, joined, render_all, text_of
from scanner.report.spool import Sections
from scanner.result.finding import Advice, EvidenceFact, Exempted, Finding, Verdict
from scanner.result.report import Report, Run
from scanner.text.printable import printable_json

FORMAT = 1


def render(report: Report, *, all_results: bool) -> str:
    """The report as JSON; what is not applicable is listed with `all_results`, and counted anyway."""
    return text_of(pieces(report, render_all(report.findings, renderer(all_results=all_results))))


def pieces(report: Report, sections: Sections) -> Iterator[Piece]:
    """The same, with results that are rendered already."""
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
    empty = True
    for piece in joined(sections):
        yield piece[1:] if empty else piece  # without the comma
        empty = False
    yield "]\n}\n" if empty else "\n ]\n}\n"


def renderer(*, all_results: bool) -> BatchRenderer:
    """Renders results, each after a comma."""
    written = _Written()

    def text(finding: Finding) -> str:
        shown = all_results or finding.verdict is not Verdict.NOT_APPLICABLE
        return f",\n  {written.result(finding)}" if shown else ""

    return PolicySections(text)


def _formatted(document: Any, depth: int = 0) -> str:
    """Indented JSON at a depth; a line break in it is never part of a text."""
    return msgspec.json.format(_encoded(document), indent=1).replace("\n", f"\n{' ' * depth}")


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


class _Written:
    """Results as text, at the depth at which they stand; what many have in common is written once."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str, Verdict, Verdict | None], str] = {}
        self._resource = ResourceMemo(_resource)
        self._ways: Memo[tuple[str, ...], str] = Memo(_ways)
        self._grounds = Memo(_ground)
        self._texts = Memo(_text_or_null)

    def result(self, finding: Finding) -> str:
        """A finding as a member of `results`."""
        account, texts, grounds = finding.explain(), self._texts, self._grounds
        evidence = [
            f'{{\n     "way": {texts[one.way]},\n     "resource": {texts[one.resource]},{grounds[one.fact]}'
            for one in account.evidence
        ]
        exemption = finding.exemption
        accepted = "null" if exemption is None else _formatted(_exemption(exemption), 3)
        return (
            f"{self._head(finding)}{self._resource(finding.resource)}{self._ways[finding.ways]}"
            f'   "message": {_text(account.message)},\n'
            f'   "evidence": {_listed(evidence, 3)},\n'
            f'   "remediation": {_listed(map(_advice, account.remediation), 3)},\n'
            f'   "exemption": {accepted},\n'
            f'   "baseline": {"true" if finding.in_baseline else "false"},\n'
            f'   "fingerprint": "{finding.fingerprint}"\n  }}'
        )

    def _head(self, finding: Finding) -> str:
        """All that comes before the resource."""
        policy, gates = finding.policy, finding.gates
        place = policy.id, finding.verdict, gates
        head = self._heads.get(place)
        if head is None:
            said = {
                "policy": policy.id,
                "name": policy.name,
                "severity": policy.severity.value,
                "status": policy.status.value,
                "verdict": finding.verdict.value,
                "gates": gates.value if gates is not None else None,
            }
            head = self._heads[place] = _formatted(said, 2).removesuffix("\n  }") + ",\n"
        return head


def _listed(members: Iterable[str], depth: int) -> str:
    """JSON texts as an array at a depth."""
    start = f"\n{' ' * depth}"
    text = f",{start} ".join(members)
    return f"[{start} {text}{start}]" if text else "[]"


def _ways(ways: tuple[str, ...]) -> str:
    """The first way that holds, and all of them."""
    first = _text(ways[0]) if ways else "null"
    return f'   "way": {first},\n   "ways": {_listed(map(_text, ways), 3)},\n'


def _resource(resource: Resource) -> str:
    location, group, subscription = resource.location, resource.resource_group, resource.subscription
    return (
        f'   "resource": {{\n    "id": {_text(resource.id)},\n    "name": {_text(resource.name)},\n'
        f'    "type": {_text(resource.type)},\n'
        f'    "location": {_text_or_null(location)},\n'
        f'    "resourceGroup": {_text_or_null(group)},\n'
        f'    "subscriptionId": {_text(subscription) if subscription else "null"}\n   }},\n'
    )


def _ground(ground: EvidenceFact) -> str:
    """All of a ground's evidence that is not the way's, nor the resource's."""
    source, missing, excess = ground.source, ground.missing, ground.excess
    return (
        f'\n     "field": {_text(ground.field)},\n     "operator": {_text(ground.operator)},\n'
        f'     "expected": {_value(ground.expected)},\n     "actual": {_value(ground.actual)},\n'
        f'     "truth": "{ground.truth.value}",\n     "assumed": {"true" if ground.assumed else "false"},\n'
        f'     "source": {_text_or_null(None if source is None else source.value)},\n'
        f'     "apiVersion": {_text_or_null(ground.api_version)},\n'
        f'     "reason": {_text_or_null(ground.reason)},\n     "help": {_text_or_null(ground.help)},\n'
        f'     "missing": {"null" if missing is None else _listed(map(_text, missing), 5)},\n'
        f'     "excess": {"null" if excess is None else _listed(map(_text, excess), 5)},\n'
        f'     "text": {_text(ground.text)}\n    }}'
    )


def _value(value: Any) -> str:
    """What a row holds, or a policy asks for: mostly a text, but it may be anything."""
    return _text(value) if isinstance(value, str) else _formatted(value, 5)


def _advice(advice: Advice) -> str:
    commands = _listed(map(_text, advice.commands), 5)
    return (
        f'{{\n     "way": {_text_or_null(advice.way)},\n     "text": {_text(advice.text)},\n'
        f'     "commands": {commands}\n    }}'
    )


def _exemption(exemption: Exempted) -> dict[str, Any]:
    return {
        "category": exemption.category,
        "reason": exemption.reason,
        "owner": exemption.owner,
        "expiresOn": exemption.expires_on,
    }


def _text_or_null(text: str | None) -> str:
    return "null" if text is None else _text(text)


def _text(text: str) -> str:
    return printable_json(encode_basestring(text))


def _encoded(document: Any) -> str:
    """Compact JSON without a character that a terminal would obey, and without NaN."""
    try:
        text = _ENCODER.encode(document)
    except ValueError:
        text = _ENCODER.encode(_finite(document))
    return printable_json(text)


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
