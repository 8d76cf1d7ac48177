"""Who judges: this process, several processes of this machine, or the workers of a Dask cluster."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from scanner.app.scan.rendering import RendererFactories, Rendering, judge_and_render, render
from scanner.app.scan.snapshot_source import SnapshotSource
from scanner.engine.exemptions import Acceptance
from scanner.engine.scan import Workload, scan
from scanner.report.spool import Sections, Spool
from scanner.result.finding_table import FindingTable


@dataclass(slots=True)
class Workers:
    """`--workers` and `--dask`; the texts that they write stay until `end`."""

    number: int = 1
    dask: str | None = None
    """The address of a Dask scheduler."""
    source: SnapshotSource | None = None
    """What workers of other machines read."""
    _open: ExitStack = field(default_factory=ExitStack, init=False)
    """The files and folders of texts."""

    def judge(self, workload: Workload) -> FindingTable:
        """The findings, the same and in the same order whoever makes them."""
        return self.judge_and_render(workload, {}, None)[0]

    def judge_and_render(
        self, workload: Workload, factories: RendererFactories, acceptance: Acceptance | None
    ) -> tuple[FindingTable, Mapping[str, Sections]]:
        """The findings as they were judged, and by format their texts, with what is accepted of them.

        ScanError where workers or the disk cannot do it.
        """
        if self.dask is not None and self.source is not None and workload.resources:
            from scanner.app.scan.dask_cluster import judge_on_dask

            return judge_on_dask(self.dask, workload, self.source, factories, acceptance, self._open)
        if self.number > 1 and workload.resources:
            from scanner.app.scan.process_pool import judge_on_processes

            return judge_on_processes(workload, factories, acceptance, self.number, self._open)
        if not factories:
            return scan(workload), {}
        spools = self._spools(factories)
        return judge_and_render(workload, Rendering.start(factories, spools), acceptance), spools

    def render(self, table: FindingTable, factories: RendererFactories) -> Mapping[str, Sections]:
        """By format the texts of findings that were judged, and accepted, before."""
        spools = self._spools(factories)
        if factories:
            render(table, Rendering.start(factories, spools))
        return spools

    def end(self) -> None:
        """Remove the texts."""
        self._open.close()

    def _spools(self, factories: RendererFactories) -> Mapping[str, Spool]:
        spools = {name: Spool.start() for name in factories}
        for spool in spools.values():
            self._open.callback(spool.close)
        return spools
