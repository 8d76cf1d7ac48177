"""Judging with reports: each finding is explained once, and rendered in every format, when it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scanner.engine.exemptions import Acceptance
from scanner.engine.scan import PolicyBatch, Workload, batches
from scanner.model.resource import Resource
from scanner.report.renderer import Batch, BatchRenderer, RendererFactory
from scanner.report.spool import Spool
from scanner.result.finding import Explanation, Finding
from scanner.result.finding_table import FindingTable

RendererFactories = Mapping[str, RendererFactory]
"""By format what makes its renderer."""


@dataclass(slots=True)
class Explained:
    """The explanation of one finding, which several formats ask for."""

    explanation: Explanation

    def explain(self, _: Resource) -> Explanation:
        """Why the finding is so."""
        return self.explanation


@dataclass(slots=True)
class _ExplainedOnce:
    """Explains a finding when the first format asks."""

    finding: Finding
    _explanation: Explanation | None = None

    def explain(self, _: Resource) -> Explanation:
        """Why the finding is so."""
        if self._explanation is None:
            self._explanation = self.finding.explain()
        return self._explanation


@dataclass(frozen=True, slots=True)
class Rendering:
    """The renderers of a scan's formats, and where their texts go."""

    spools: Mapping[str, Spool]
    _renderers: Mapping[str, BatchRenderer] = field(default_factory=dict)

    @classmethod
    def start(cls, factories: RendererFactories, spools: Mapping[str, Spool]) -> "Rendering":
        """Make the renderers of this process."""
        return cls(spools, {name: make() for name, make in factories.items()})

    def add(self, batch: Batch) -> None:
        """Render a batch in every format. ScanError where there is no room."""
        for name, renderer in self._renderers.items():
            spool = self.spools[name]
            for section, text in renderer.render(batch):
                spool.append(section, text)


def judge_and_render(workload: Workload, rendering: Rendering, acceptance: Acceptance | None) -> FindingTable:
    """The findings as they were judged; they are rendered with what is accepted of them."""
    judge = workload.judge()
    table = workload.table(judge)
    for batch in batches(workload, judge, table):
        rendering.add([(each.policy.policy, _judged(each, acceptance)) for each in batch])
    table.check()
    return table


def render(table: FindingTable, rendering: Rendering) -> None:
    """Render findings that were judged before."""
    for batch in table.by_batch():
        rendering.add([(results.policy, [*map(_shared, findings)]) for results, findings in batch])


def _judged(batch: PolicyBatch, acceptance: Acceptance | None) -> Sequence[Finding]:
    """The findings of a policy on a batch, explained; all that is not applicable is explained on demand."""
    results, compiled, resources = batch
    findings = []
    for resource in resources:
        ruling, explanation = compiled.judged(resource)
        results.rulings.append(ruling)
        shown = ruling
        if acceptance is not None:
            shown = acceptance.accepted(compiled.policy, resource, ruling)
        explainer = compiled if explanation is None else Explained(explanation)
        findings.append(Finding(compiled.policy, resource, explainer, *shown))
    return findings


def _shared(finding: Finding) -> Finding:
    explainer = _ExplainedOnce(finding)
    return Finding(finding.policy, finding.resource, explainer, *finding.ruling)
