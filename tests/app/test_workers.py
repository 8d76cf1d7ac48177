"""Judging on several processes and on Dask: what one process finds, to the byte, and never less."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from every_format import told

from scanner.app.options import ScanOptions
from scanner.app.scan import process_pool
from scanner.app.scan.policy_selection import open_pack
from scanner.app.scan.run import collect_and_judge
from scanner.app.scan.shares import result_of, table_of
from scanner.app.scan.workers import Workers
from scanner.cli import main
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload, scan
from scanner.errors import ScanError
from scanner.model.store import ResourceList
from scanner.report import csv_findings, json_results, junit
from scanner.report.renderer import BatchRenderer, PolicySections, RendererFactory
from scanner.report.sarif import document
from scanner.result.finding import Finding
from scanner.result.gate import Gate
from scanner.sources.files.snapshot import read_snapshot

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"


def workload() -> Workload:
    """All of the sample company."""
    snapshot, pack = read_snapshot(CONTOSO), open_pack([])
    resources = ResourceList([*snapshot.inventory.resources.values()])
    tags = TagTable(snapshot.service_tags, "Public")
    return Workload(snapshot.inventory, resources, tags, pack.policies, pack.terms, Gate(), {})


@pytest.mark.parametrize("number", [1, 3, 100])
def test_shares_hold_every_resource_once_and_find_what_the_whole_does(number: int) -> None:
    one = workload()
    shares = [*one.shares(number)]
    assert [each.key for share in shares for each in share.resources] == [each.key for each in one.resources]
    found = table_of(one, [result_of(scan(share), {}) for share in shares])
    assert [state(each) for each in found] == [state(each) for each in scan(one)]


def state(finding: Finding) -> tuple[Any, ...]:
    said = finding.verdict, finding.ways, finding.gates, finding.not_gating_because
    return (
        finding.policy.id,
        finding.resource.key,
        *said,
        finding.message,
        [each.fact.text for each in finding.evidence],
    )


def test_two_processes_find_what_one_does_to_the_byte() -> None:
    assert told(ScanOptions(CONTOSO, workers=2)) == told(ScanOptions(CONTOSO))


def test_where_other_threads_run_processes_start_anew_and_find_the_same() -> None:
    one, over = told(ScanOptions(CONTOSO)), threading.Event()
    beside = threading.Thread(target=over.wait)
    beside.start()
    try:
        assert told(ScanOptions(CONTOSO, workers=2)) == one
    finally:
        over.set()
        beside.join()


def test_processes_write_what_is_accepted_as_one_does(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    assert main(["--snapshot", str(CONTOSO), "--quiet", "--create-baseline", str(baseline)]) == 1
    one = ScanOptions(CONTOSO, exemptions=ROOT / "samples" / "exemptions.yaml", baseline=baseline)
    text = told(one)
    assert told(msgspec.structs.replace(one, workers=3)) == text
    found = json.loads(text["json"])["results"]
    assert "exempt" in {each["verdict"] for each in found if each["exemption"]}
    assert sum(each["baseline"] for each in found) > 10, "nearly all that fails is in it"


@dataclass(frozen=True)
class Deadly:
    """Kills the first worker that makes a renderer, as a machine short of memory does."""

    flag: Path
    parent: int = field(default_factory=os.getpid)

    def __call__(self) -> BatchRenderer:
        if os.getpid() != self.parent:
            with suppress(FileExistsError):
                self.flag.touch(exist_ok=False)
                os.kill(os.getpid(), signal.SIGKILL)
        return junit.renderer()


def texts_of(workers: Workers, renderer: RendererFactory) -> dict[str, bytes]:
    """The texts of the sample company, by policy."""
    try:
        table, texts = workers.judge_and_render(workload(), {"junit": renderer}, None)
        assert [state(each) for each in table] == [state(each) for each in scan(workload())]
        return {name: b"".join(texts["junit"].read(name)) for name in texts["junit"].names()}
    finally:
        workers.end()


def test_a_worker_that_is_killed_costs_time_and_no_finding(tmp_path: Path) -> None:
    flag = tmp_path / "killed"
    assert texts_of(Workers(2), Deadly(flag)) == texts_of(Workers(), junit.renderer)
    assert flag.exists()
    assert not multiprocessing.active_children()


def test_work_that_kills_every_worker_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process_pool, "TRIES", 1)
    with pytest.raises(ScanError, match=r"parts were not judged: their workers died"):
        texts_of(Workers(2), Deadly(tmp_path / "killed"))


def test_what_is_rendered_while_it_is_judged_is_what_a_report_renders_afterwards() -> None:
    report, while_judged = collect_and_judge(ScanOptions(CONTOSO)).report, told(ScanOptions(CONTOSO))
    afterwards = {
        "json": json_results.render(report, all_results=True),
        "junit": junit.render(report),
        "csv": csv_findings.render(report, all_results=True),
        "sarif_full": document.render_full(report),
    }
    assert [name for name in afterwards if afterwards[name] != while_judged[name]] == []


SCAN = """
import multiprocessing, pathlib, sys, threading, time
from scanner.app.options import ScanOptions
from scanner.app.scan.run import collect_and_judge
from scanner.app.scan.workers import Workers

def renderer(run):
    return {"slow": lambda: time.sleep(60)}

def say():
    while len(multiprocessing.active_children()) < 3:
        time.sleep(0.05)
    print(*(each.pid for each in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    threading.Thread(target=say, daemon=True).start()
    multiprocessing.set_start_method("fork")
    threading.active_count = lambda: 1
    options = ScanOptions(pathlib.Path(sys.argv[1]), workers=3)
    collect_and_judge(options, renderers=renderer, workers=Workers(3))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_workers_go_when_their_parent_is_killed() -> None:
    command = [sys.executable, "-c", SCAN, str(CONTOSO)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as parent:
        assert parent.stdout is not None
        workers = parent.stdout.readline().split()
        assert len(workers) == 3
        parent.kill()
    for _ in range(100):
        if not any(map(lives, workers)):
            return
        time.sleep(0.1)
    raise AssertionError(f"still there: {[each for each in workers if lives(each)]}")


def lives(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_error_in_a_worker_is_raised_by_its_parent() -> None:
    with pytest.raises(ZeroDivisionError):
        texts_of(Workers(2), stumbling)


def test_an_error_that_cannot_travel_is_raised_in_words() -> None:
    with pytest.raises(RuntimeError, match=r"^Odd in a worker: it holds a lock$"):
        texts_of(Workers(2), stubborn)


def stubborn() -> BatchRenderer:
    class Odd(Exception):
        pass

    def text(_: Finding) -> str:
        raise Odd("it holds a lock")

    return PolicySections(text)


def stumbling() -> BatchRenderer:
    return PolicySections(lambda finding: str(len(finding.resource.key) // 0))


def test_narrowing_holds_for_workers_too() -> None:
    one = ScanOptions(CONTOSO, registry=("contosoprod",))
    assert told(msgspec.structs.replace(one, workers=2)) == told(one)
