"""The scan: an inventory, policies and tags in, a report out. No file is read here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scanner import __version__
from scanner.app.accept.acceptance import AcceptanceRules
from scanner.app.scan.notices import notices
from scanner.app.scan.policy_selection import digest_of
from scanner.app.scan.rendering import RendererFactories
from scanner.app.scan.resource_filter import ResourceFilter
from scanner.app.scan.workers import Workers
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload
from scanner.model.inventory import Inventory
from scanner.network.service_tags import ServiceTags
from scanner.policy.load import Pack
from scanner.policy.model import Policy, Status
from scanner.report.spool import Sections
from scanner.result.exemption import Use
from scanner.result.finding_table import FindingTable
from scanner.result.gate import Gate
from scanner.result.report import REGISTRIES, Notice, Report, RowCount, Run, TagSource


def _no_renderers(_: Run) -> RendererFactories:
    return {}


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What a scan is asked for, besides its inventory."""

    pack: Pack
    policies: Sequence[Policy]
    gate: Gate = field(default_factory=Gate)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    filter: ResourceFilter = field(default_factory=ResourceFilter)
    acceptance: AcceptanceRules = field(default_factory=AcceptanceRules)
    workers: Workers = field(default_factory=Workers)
    lean: bool = False
    """Whether rows may lack what no verdict and no report asks for."""
    renderers: Callable[[Run], RendererFactories] = _no_renderers
    """What renders the findings in the formats that are asked for."""


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """Where an inventory comes from: `source` is snapshot or azure; times are RFC 3339 or None."""

    source: str
    collected: str | None
    evaluated: str | None
    scope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """A report, what came of each exemption, and by format the texts of the findings."""

    report: Report
    uses: Sequence[Use] = ()
    texts: Mapping[str, Sections] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judging:
    """One inventory with its tags, to be judged as a scan is asked to."""

    inventory: Inventory
    tags: ServiceTags | None
    request: ScanRequest
    metadata: RunMetadata
    notices: Sequence[Notice] = ()
    """What the inventory does not show."""

    def report(self) -> Report:
        """The report without what is accepted; nothing is rendered."""
        workload = self._workload()
        return self._report(workload, self.request.workers.judge(workload))

    def result(self) -> ScanResult:
        """The report with what is accepted; each finding is rendered as soon as it is judged."""
        request, workload = self.request, self._workload()
        run, acceptance = request.acceptance.start(self._run(workload))
        factories = request.renderers(run)
        table, texts = request.workers.judge_and_render(workload, factories, acceptance)
        report = replace(self._report(workload, table), run=run)
        report, uses = request.acceptance.applied(report, acceptance, self.inventory)
        return ScanResult(report, uses, texts)

    def finished(self, report: Report) -> ScanResult:
        """A report that was made before, with what is accepted, and rendered."""
        request = self.request
        run, acceptance = request.acceptance.start(report.run)
        report, uses = request.acceptance.applied(replace(report, run=run), acceptance, self.inventory)
        return ScanResult(report, uses, request.workers.render(report.findings, request.renderers(run)))

    def _report(self, workload: Workload, findings: FindingTable) -> Report:
        registries = len(self.request.filter.of(self.inventory, (REGISTRIES,)))
        found = notices(self.inventory, self.tags, nothing=not workload.resources)
        return Report(self._run(workload), registries, (*found, *self.notices), findings)

    def _run(self, workload: Workload) -> Run:
        request, metadata, tags = self.request, self.metadata, self.tags
        return Run(
            tool_version=__version__,
            collected=metadata.collected,
            evaluated=metadata.evaluated,
            source=metadata.source,
            scope=metadata.scope,
            complete=self.inventory.complete,
            rows=_rows(workload),
            service_tags=None if tags is None else _tag_source(tags),
            policies=tuple(request.policies),
            policy_digest=digest_of(request.pack, request.policies),
            parameters=request.parameters,
        )

    def _workload(self) -> Workload:
        """All that is judged, and by what."""
        request = self.request
        policies = [policy for policy in request.policies if policy.status is not Status.DEPRECATED]
        types = {kind for policy in policies for kind in policy.types}
        return Workload(
            self.inventory,
            request.filter.of(self.inventory, types),
            TagTable(self.tags, self.inventory.cloud),
            tuple(request.policies),
            request.pack.terms,
            request.gate,
            request.parameters,
        )


def _rows(workload: Workload) -> RowCount:
    """Rows in = judged + context + unusable."""
    judged = workload.resources.rows
    usable, unusable = workload.inventory.rows, len(workload.inventory.unusable)
    return RowCount(usable + unusable, judged, usable - judged, unusable)


def _tag_source(tags: ServiceTags) -> TagSource:
    return TagSource(tags.cloud, tags.change_number, tags.published, tags.source)
