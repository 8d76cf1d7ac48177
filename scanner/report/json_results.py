"""The results file: the contract for machines (`scanner/result/results.schema.json`)."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from json.encoder import encode_basestring
from typing import Any

import msgspec

from scanner.model.resource import Resource
from scanner.report.plain import plain_json
from scanner.report.texts import Tell, Texts, texts_of
from scanner.result.finding import Evidence, Exempted, Finding, Ground, Verdict
from scanner.result.report import Report, Run

FORMAT = 1


def render(report: Report, *, all_results: bool) -> str:
    """The report as JSON; what is not applicable is listed with `all_results`, and counted anyway."""
    return "".join(pieces(report, all_results=all_results))


def pieces(report: Report, *, all_results: bool, texts: Texts | None = None) -> Iterator[str]:
    """The same text, a result at a time, or what else `texts` gives."""
    # who judges as the texts are made counts after it: so they come before the head
    made = (texts or texts_of(report))(partial(_teller, all_results=all_results))
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
    for _, text in made:
        if text:
            yield text.removeprefix(",") if empty else text
            empty = False
    yield "]\n}\n" if empty else "\n ]\n}\n"


def _teller(*, all_results: bool) -> Tell:
    """What writes a result, with the comma that parts it from the one before."""
    written = _Written()

    def tell(finding: Finding) -> str:
        shown = all_results or finding.verdict is not Verdict.NOT_APPLICABLE
        return f",\n  {written.result(finding)}" if shown else ""

    return tell


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


_REMEMBERED = 30_000
"""How many grounds, and how many resources, are kept as text: most are those of many findings."""


@dataclass(slots=True)
class _Written:
    """Results as text, at the depth at which they stand; what many have in common is written once."""

    grounds: dict[Ground, str] = field(default_factory=dict)
    heads: dict[tuple[str, Verdict, Verdict | None], str] = field(default_factory=dict)
    resources: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By its key a resource's id, and all of it."""

    def result(self, finding: Finding) -> str:
        """A finding as a member of `results`."""
        account = finding.account()
        resource_id, resource = self._resource(finding.resource)
        evidence = ",\n    ".join(
            [
                self._evidence(
                    each, resource_id if each.resource == finding.resource.id else _text(each.resource)
                )
                for each in account.evidence
            ]
        )
        remedies = [
            {"way": advice.way, "text": advice.text, "commands": advice.commands}
            for advice in account.remediation
        ]
        ways, exemption = finding.ways, finding.exemption
        accepted = "null" if exemption is None else _formatted(_exemption(exemption), 3)
        return (
            f"{self._head(finding)}{resource}\n"
            f'   "way": {_text(ways[0]) if ways else "null"},\n'
            f'   "ways": {_formatted(ways, 3) if ways else "[]"},\n'
            f'   "message": {_text(account.message)},\n'
            f'   "evidence": {_listed(evidence)},\n'
            f'   "remediation": {_formatted(remedies, 3) if remedies else "[]"},\n'
            f'   "exemption": {accepted},\n'
            f'   "baseline": {"true" if finding.baseline else "false"},\n'
            f'   "fingerprint": "{finding.fingerprint}"\n  }}'
        )

    def _head(self, finding: Finding) -> str:
        """All that comes before the resource."""
        policy, gates = finding.policy, finding.gates
        place = policy.id, finding.verdict, gates
        head = self.heads.get(place)
        if head is None:
            said = {
                "policy": policy.id,
                "name": policy.name,
                "severity": policy.severity.value,
                "status": policy.status.value,
                "verdict": finding.verdict.value,
                "gates": gates.value if gates is not None else None,
            }
            head = self.heads[place] = _formatted(said, 2).removesuffix("\n  }") + ",\n"
        return head

    def _resource(self, resource: Resource) -> tuple[str, str]:
        """A resource's id, and all of it."""
        written = self.resources.get(resource.key)
        if written is None:
            if len(self.resources) >= _REMEMBERED:
                self.resources.clear()
            written = self.resources[resource.key] = _text(resource.id), _resource(resource)
        return written

    def _evidence(self, evidence: Evidence, resource_id: str) -> str:
        """A ground between the way and the resource that it is told of, which differ, and the rest."""
        ground = self.grounds.get(evidence.ground)
        if ground is None:
            if len(self.grounds) >= _REMEMBERED:
                self.grounds.clear()
            ground = self.grounds[evidence.ground] = _formatted(_ground(evidence.ground), 4)[1:]
        way = "null" if evidence.way is None else _text(evidence.way)
        return f'{{\n     "way": {way},\n     "resource": {resource_id},{ground}'


def _listed(members: str) -> str:
    return f"[\n    {members}\n   ]" if members else "[]"


def _resource(resource: Resource) -> str:
    location, group, subscription = resource.location, resource.resource_group, resource.subscription
    return (
        f'   "resource": {{\n    "id": {_text(resource.id)},\n    "name": {_text(resource.name)},\n'
        f'    "type": {_text(resource.type)},\n'
        f'    "location": {"null" if location is None else _text(location)},\n'
        f'    "resourceGroup": {"null" if group is None else _text(group)},\n'
        f'    "subscriptionId": {_text(subscription) if subscription else "null"}\n   }},'
    )


def _ground(ground: Ground) -> dict[str, Any]:
    return {
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


def _exemption(exemption: Exempted) -> dict[str, Any]:
    return {
        "category": exemption.category,
        "reason": exemption.reason,
        "owner": exemption.owner,
        "expiresOn": exemption.expires_on,
    }


def _text(text: str) -> str:
    return plain_json(encode_basestring(text))


def _encoded(document: Any) -> str:
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
