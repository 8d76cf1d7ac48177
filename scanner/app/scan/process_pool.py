"""`--workers`: processes of this machine, each of which judges a share of the resources, and renders it.

Where it can, a worker starts as a fork, which has the inventory already. One that dies is replaced, and its
share is judged again.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from scanner.app.scan.rendering import RendererFactories, Rendering, judge_and_render
from scanner.app.scan.shares import ShareResult, result_of, table_of
from scanner.engine.exemptions import Acceptance
from scanner.engine.scan import Workload
from scanner.errors import ScanError, os_reason
from scanner.report.spool import JoinedSections, Sections, Spool, disk_errors
from scanner.result.finding_table import FindingTable

TRIES = 3
"""How often a share is given to a worker: what kills three kills them all."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: a share of the resources, and the formats to render it in."""

    share: Workload
    factories: RendererFactories
    acceptance: Acceptance | None
    folder: Path

    def run(self) -> ShareResult:
        """Judge and render. ScanError where there is no room."""
        spools = {name: Spool.start(self.folder / name) for name in self.factories}
        rendering = Rendering.start(self.factories, spools)
        table = judge_and_render(self.share, rendering, self.acceptance)
        with disk_errors():
            for spool in spools.values():
                spool.file.flush()
        return result_of(table, {name: spool.places for name, spool in spools.items()})


def judge_on_processes(
    workload: Workload,
    factories: RendererFactories,
    acceptance: Acceptance | None,
    number: int,
    opened: ExitStack,
) -> tuple[FindingTable, Mapping[str, Sections]]:
    """The findings that one process would make, in the same order, and by format their texts.

    The texts are in files of a temporary folder; `opened` closes and removes them.
    """
    with disk_errors():
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="acr-scan-")))
        jobs = []
        for position, share in enumerate(workload.shares(number)):
            jobs.append(Job(share, factories, acceptance, folder / str(position)))
            jobs[-1].folder.mkdir()
    results = _run(jobs)
    texts = {}
    with disk_errors():
        for name in factories:
            parts = []
            for job, result in zip(jobs, results, strict=True):
                file = opened.enter_context((job.folder / name).open("rb"))
                parts.append(Spool(file, dict(result.places[name])))
            texts[name] = JoinedSections(parts)
    return table_of(workload, results), texts


def _run(jobs: Sequence[Job]) -> Sequence[ShareResult]:
    """The result of every job. ScanError where one kills whoever works on it."""
    results: dict[int, ShareResult | Exception] = {}
    for _ in range(TRIES):
        waiting = {number: _Worker.start(job) for number, job in enumerate(jobs) if number not in results}
        try:
            for number, worker in waiting.items():
                with suppress(EOFError, OSError):  # the worker died
                    results[number] = worker.line.recv()
        finally:
            for worker in waiting.values():
                worker.end()
    for result in results.values():
        if isinstance(result, Exception):
            raise result
    if len(results) < len(jobs):
        missing = len(jobs) - len(results)
        raise ScanError(
            f"{missing} of {len(jobs)} parts were not judged: their workers died {TRIES} times",
            help="use fewer workers; each needs memory for its part of the inventory",
        )
    return [result for _, result in sorted(results.items()) if isinstance(result, ShareResult)]


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    line: Connection

    @classmethod
    def start(cls, job: Job) -> "_Worker":
        """A fork where no thread may hold a lock that it needs; else a process that is sent all it needs."""
        alone = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork") if alone else multiprocessing.get_context("spawn")
        try:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(theirs, job), daemon=True)
            process.start()
        except OSError as error:
            raise ScanError(
                f"a worker cannot be started: {os_reason(error)}", help="use fewer --workers"
            ) from error
        theirs.close()
        return cls(process, ours)

    def end(self) -> None:
        self.line.close()
        self.process.terminate()
        self.process.join()


def _work(line: Connection, job: Job) -> None:
    """A worker's life: one job, whose result or error it sends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # the inventory stays: to search it for garbage would copy its pages into this process
    threading.Thread(target=_end_with_parent, daemon=True).start()
    result: ShareResult | Exception
    try:
        result = job.run()
    except Exception as error:  # noqa: BLE001 - the parent raises it
        result = error
    try:
        line.send(result)
    except (AttributeError, TypeError, pickle.PicklingError):  # an error that cannot travel
        line.send(RuntimeError(f"{type(result).__name__} in a worker: {result}"))


def _end_with_parent() -> None:
    """End this process when its parent is gone, even by `kill -9`: nobody would take its result."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
