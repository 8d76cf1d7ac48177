"""The findings and access tables as JSON inside of the page: each text once, and no `<` anywhere.

    {"findings": [[policy, resource, verdict, gates, reason, message, evidence, advice, baseline]],
     "access":   [[registry, id, location, [[kind, who, reaches, by, [evidence], id]]]],
     "policies": [[id, name, title, severity, preview, why, page, [[title, url]]]],
     "resources": [[registry, place, id, type, location]],
     "texts": [text]}

A finding names its policy and resource by position; verdict, severity and truth are positions in their enums;
every text is a position in `texts`, -1 for none. Evidence is `[depth, mark, text]`, a mark a truth or -1;
advice is `[way, text, [command]]`.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy, Status
from scanner.report.evidence import EvidenceRenderer, why_not_gating
from scanner.report.html.wording import place, registry_of
from scanner.result.access import Access
from scanner.result.finding import Explanation, Finding, Verdict
from scanner.result.report import Report
from scanner.text.printable import printable

VERDICTS = {verdict: position for position, verdict in enumerate(Verdict)}
TRUTHS = {truth: position for position, truth in enumerate(Truth)}
_BATCH = 500


class _Texts:
    """Texts, made visible, by position."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}

    def __call__(self, text: str | None) -> int:
        return -1 if text is None else self.of(printable(text))

    def of(self, visible: str) -> int:
        """The position of a text that is visible already."""
        return self.positions.setdefault(visible, len(self.positions))

    def line(self, depth: int, mark: Truth | None, visible: str) -> tuple[int, int, int]:
        """A line of evidence."""
        return depth, -1 if mark is None else TRUTHS[mark], self.of(visible)


class _Resources:
    """Resources by position."""

    def __init__(self, texts: _Texts) -> None:
        self.texts = texts
        self.positions: dict[str, int] = {}
        self.rows: list[Sequence[int]] = []

    def __call__(self, resource: Resource) -> int:
        known = self.positions.get(resource.key)
        if known is not None:
            return known
        said = (registry_of(resource), place(resource), resource.id, resource.type, resource.location)
        self.rows.append([self.texts(text) for text in said])
        return self.positions.setdefault(resource.key, len(self.positions))


def payload(report: Report, verdicts: Container[Verdict], access: Iterable[Access]) -> Iterator[str]:
    """The pieces of the JSON text, in order, with the findings of some verdicts."""
    texts = _Texts()
    resources = _Resources(texts)
    policies = {policy.id: policy for policy in report.run.policies}
    policies |= {policy: tally.policy for policy, tally in report.tallies.items()}
    numbers = {policy_id: position for position, policy_id in enumerate(policies)}
    yield '{"findings":'
    wording = EvidenceRenderer()
    yield from _array(
        _finding(each, each.explain(), numbers[each.policy.id], resources, wording)
        for each in report.findings.by_resource(verdicts)
    )
    yield ',"access":'
    yield from _array(_access(each, texts) for each in access)
    yield ',"policies":'
    yield from _array(_policy(policy, texts) for policy in policies.values())
    yield ',"resources":'
    yield from _array(resources.rows)
    yield ',"texts":'
    yield from _array(texts.positions)
    yield "}"


def _finding(
    finding: Finding, account: Explanation, policy: int, resources: _Resources, wording: EvidenceRenderer
) -> Sequence[Any]:
    texts = resources.texts
    return (
        policy,
        resources(finding.resource),
        VERDICTS[finding.verdict],
        int(finding.gates is not None),
        texts(_reason(finding)),
        texts(account.message),
        wording.lines(finding, account.evidence, texts.line),
        [
            (texts(advice.way), texts(advice.text), [texts(command) for command in advice.commands])
            for advice in account.remediation
        ],
        int(finding.in_baseline),
    )


def _reason(finding: Finding) -> str | None:
    """Why it does not gate; of an exemption also whose it is."""
    reason, exemption = why_not_gating(finding), finding.exemption
    return reason if exemption is None else f"{reason} ({exemption.category}, owner {exemption.owner})"


def _policy(policy: Policy, texts: _Texts) -> Sequence[Any]:
    said = (policy.id, policy.name, policy.title)
    return (
        *map(texts, said),
        policy.severity.rank,
        int(policy.status is Status.PREVIEW),
        texts(" ".join(policy.why.split())),
        texts(policy.page),
        [(texts(reference.title), texts(reference.url)) for reference in policy.references],
    )


def _access(access: Access, texts: _Texts) -> Sequence[Any]:
    registry = access.registry
    entries = [
        (
            texts(entry.kind),
            texts(entry.who),
            -1 if entry.reaches is None else TRUTHS[entry.reaches],
            texts(entry.by),
            [texts(line) for line in entry.evidence],
            texts(entry.resource),
        )
        for entry in access.entries
    ]
    return texts(registry.name), texts(registry.id), texts(registry.location), entries


def _array(members: Iterable[Any]) -> Iterator[str]:
    """A JSON array in pieces of many members; `<` is written so that no markup can begin."""
    batch: list[Any] = []
    opening = "["
    for member in members:
        batch.append(member)
        if len(batch) == _BATCH:
            yield opening + _encoded(batch)
            opening = ","
            batch = []
    yield (opening if batch or opening == "[" else "") + _encoded(batch) + "]"


def _encoded(members: list[Any]) -> str:
    return msgspec.json.encode(members).decode()[1:-1].replace("<", r"\u003c")
