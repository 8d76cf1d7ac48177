"""Judging on several processes and on Dask: what one process finds, to the byte, and never less."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from every_format import told, written

from scanner.app import cluster, crew
from scanner.app.asked import Asked
from scanner.app.desk import Makes
from scanner.app.formats import Material
from scanner.app.packs import open_pack
from scanner.app.scanning import gathered
from scanner.app.workers import Workers
from scanner.cli import main
from scanner.engine.gate import Gate
from scanner.engine.parts import Part, family, findings_of, in_turn, joined, judge_part, parted, shares
from scanner.engine.tags import TagTable
from scanner.errors import ScanError
from scanner.model.store import Listed
from scanner.report import junit
from scanner.report.texts import Tell, Texts
from scanner.result.finding import Finding, Verdict
from scanner.sources.snapshot import read_snapshot

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"


def whole() -> Part:
    """All of the sample company."""
    snapshot, pack = read_snapshot(CONTOSO), open_pack([])
    resources = Listed([*snapshot.inventory.resources.values()])
    tags = TagTable(snapshot.service_tags, "Public")
    return Part(snapshot.inventory, resources, tags, pack.policies, pack.terms, Gate(), {})


def test_parts_hold_whole_registries_and_judge_every_resource_once() -> None:
    one = whole()
    parts = list(parted(one, 5))
    assert len(parts) == 5, "four parts of three registries, and one of what is no registry's"
    judged = [each.key for part in parts for each in part.resources]
    assert sorted(judged) == [each.key for each in one.resources]
    for part in parts:
        families = {family(each.key) for each in part.resources}
        here = {key for key in one.inventory.resources if family(key) in families}
        assert here <= part.inventory.resources.keys()


@pytest.mark.parametrize("number", [1, 3, 100])
def test_parts_find_what_the_whole_does(number: int) -> None:
    one = whole()
    alone = [state(each) for each in findings_of(one)]
    parts = list(parted(one, number))
    for some in (parts, parts[::-1]):  # a part whose worker died comes late
        found = joined(one, ((part, judge_part(part)) for part in some))
        assert [state(each) for each in found] == alone
    found = in_turn(one, ((share, judge_part(share)) for share in shares(one, number)))
    assert [state(each) for each in found] == alone


def test_a_role_on_one_registry_counts_for_the_task_of_another(tmp_path: Path) -> None:
    """The identity of a task of `b` may push to `a`, which nothing that lies below `b` says."""
    group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers"
    registries = f"{group}/Microsoft.ContainerRegistry/registries"
    roles = f"{group.partition('/resourceGroups')[0]}/providers/Microsoft.Authorization"
    principal = "11111111-2222-3333-4444-555555555555"
    registry = {"publicNetworkAccess": "Disabled", "networkRuleBypassAllowedForTasks": True}
    login = {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"b.azurecr.io": {"identity": "[system]"}},
    }
    actions = [f"Microsoft.ContainerRegistry/registries/{each}" for each in ("pull/read", "push/write")]
    rows: list[dict[str, Any]] = [
        {
            "id": f"{registries}/{name}",
            "sku": {"name": "Premium"},
            "properties": registry | {"loginServer": f"{name}.azurecr.io"},
        }
        for name in "ab"
    ]
    rows += [
        {
            "id": f"{registries}/b/tasks/t",
            "identity": {"type": "SystemAssigned", "principalId": principal},
            "properties": {"status": "Enabled", "credentials": login},
        },
        {
            "id": f"{roles}/roleDefinitions/push",
            "properties": {"permissions": [{"actions": actions, "notActions": []}]},
        },
    ]
    rows += [
        {
            "id": f"{registries}/{name}/providers/Microsoft.Authorization/roleAssignments/on-{name}",
            "properties": {
                "principalId": principal,
                "roleDefinitionId": f"{roles}/roleDefinitions/push",
                "scope": f"{registries}/{name}",
            },
        }
        for name in "ab"
    ]
    path = tmp_path / "rows.ndjson"
    seen = {"source": "arm", "apiVersion": "2025-03-01-preview"}
    path.write_text("".join(f"{json.dumps(each | seen)}\n" for each in rows), "utf-8")
    inventory, pack = read_snapshot(path, assume_complete=True).inventory, open_pack([])
    policies = tuple(policy for policy in pack.policies if policy.id == "ACR210")
    task = Listed([each for key, each in inventory.resources.items() if key.endswith("/tasks/t")])
    one = Part(inventory, task, TagTable(None, "Public"), policies, pack.terms, Gate(), {})
    [alone] = findings_of(one)
    assert alone.verdict is Verdict.FAIL, alone.message
    [found] = joined(one, ((part, judge_part(part)) for part in parted(one, 2)))
    assert state(found) == state(alone)


def state(finding: Finding) -> tuple[Any, ...]:
    said = finding.verdict, finding.ways, finding.gates, finding.ungated
    return (
        finding.policy.id,
        finding.resource.key,
        *said,
        finding.message,
        [each.ground.text for each in finding.evidence],
    )


def test_two_processes_find_what_one_does_to_the_byte() -> None:
    assert told(Asked(CONTOSO, workers=2)) == told(Asked(CONTOSO))


def test_where_other_threads_run_processes_start_anew_and_find_the_same() -> None:
    one, over = told(Asked(CONTOSO)), threading.Event()
    beside = threading.Thread(target=over.wait)
    beside.start()
    try:
        assert told(Asked(CONTOSO, workers=2)) == one
    finally:
        over.set()
        beside.join()


def test_processes_write_what_is_accepted_as_one_does(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    assert main(["--snapshot", str(CONTOSO), "--quiet", "--create-baseline", str(baseline)]) == 1
    one = Asked(CONTOSO, exemptions=ROOT / "samples" / "exemptions.yaml", baseline=baseline)
    text = told(one)
    assert told(msgspec.structs.replace(one, workers=3)) == text
    found = json.loads(text["json"])["results"]
    assert "exempt" in {each["verdict"] for each in found if each["exemption"]}
    assert sum(each["baseline"] for each in found) > 10, "nearly all that fails is in it"


def test_a_worker_that_is_killed_before_it_writes_is_replaced() -> None:
    makes: Makes = {"junit": junit.teller}
    alone, workers = Workers(), Workers(2)
    one = alone.finish(alone.judge(whole()), makes)
    found = workers.judge(whole())
    assert len([*found]) == len(found), "all is judged"
    os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    try:
        assert "".join(by_policy(workers.finish(found, makes))) == "".join(by_policy(one))
    finally:
        workers.end()
        alone.end()
    assert not multiprocessing.active_children()


def by_policy(texts: Mapping[str, Texts]) -> Iterator[str]:
    return (f"{policy}: {text}" for policy, text in joined_texts(texts["junit"]))


def joined_texts(texts: Texts) -> Iterator[tuple[str, str]]:
    """The texts of each policy as one, in however many pieces they came."""
    return ((policy, "".join(text for _, text in of)) for policy, of in groupby(texts, key=itemgetter(0)))


def test_what_is_written_while_it_is_judged_is_what_a_report_says_of_itself() -> None:
    asked = Asked(CONTOSO)
    found, alone = told(asked), written(Material(gathered(asked).report, all_results=True))
    assert [name for name in ("json", "junit", "csv", "sarif_full") if found[name] != alone[name]] == []


SCAN = """
import multiprocessing, pathlib, sys, time
from scanner.app.asked import Asked
from scanner.app.scanning import gathered
seen = gathered(Asked(pathlib.Path(sys.argv[1]), workers=3))
print(*(each.pid for each in multiprocessing.active_children()), flush=True)
time.sleep(60)
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


def test_what_a_worker_stumbles_over_is_told_by_its_parent() -> None:
    workers = Workers(2)
    found = workers.judge(whole())
    try:
        with pytest.raises(ZeroDivisionError):
            workers.finish(found, {"odd": stumbling})
    finally:
        workers.end()


def test_what_cannot_travel_from_a_worker_is_told_in_words() -> None:
    workers = Workers(2)
    found = workers.judge(whole())
    try:
        with pytest.raises(RuntimeError, match=r"^Odd in a worker: it holds a lock$"):
            workers.finish(found, {"odd": stubborn})
    finally:
        workers.end()


def stubborn() -> Tell:
    class Odd(Exception):  # noqa: N818 - a class that no other process knows
        pass

    def tell(_: Finding) -> str:
        raise Odd("it holds a lock")

    return tell


def stumbling() -> Tell:
    return lambda finding: str(len(finding.resource.key) // 0)


def test_narrowing_holds_for_workers_too() -> None:
    one = Asked(CONTOSO, registry=("contosoprod",))
    assert told(msgspec.structs.replace(one, workers=2)) == told(one)


def test_a_worker_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the worker has acr-scan .*, and 0\.0\.0-other is asked for"):
        judge_part(replace(whole(), version="0.0.0-other"))


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_a_scheduler_that_does_not_answer_is_told(protocol: str) -> None:
    with pytest.raises(ScanError, match=rf"no Dask scheduler answers at {protocol}://127\.0\.0\.1:9: .+"):
        Workers(dask=f"{protocol}://127.0.0.1:9").judge(whole())


@dataclass(frozen=True, eq=False)
class Deadly:
    """A version that kills the first worker that compares it, as a machine short of memory does."""

    flag: Path
    parent: int = field(default_factory=os.getpid)

    def __ne__(self, other: object) -> bool:
        if os.getpid() != self.parent:
            try:
                self.flag.touch(exist_ok=False)
            except FileExistsError:
                return False
            os.kill(os.getpid(), signal.SIGKILL)
        return False


def test_a_worker_that_is_killed_costs_time_and_no_finding(tmp_path: Path) -> None:
    one, flag = whole(), tmp_path / "killed"
    deadly: Any = Deadly(flag)
    found = [*Workers(2).judge(replace(one, version=deadly))]
    assert flag.exists()
    assert [state(each) for each in found] == [state(each) for each in findings_of(one)]


def test_work_that_kills_every_worker_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(crew, "TRIES", 1)
    deadly: Any = Deadly(tmp_path / "killed")
    with pytest.raises(ScanError, match=r"parts were not judged: their workers died"):
        list(Workers(2).judge(replace(whole(), version=deadly)))


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """A Dask scheduler on loopback and its two workers, each a process."""
    pytest.importorskip("distributed")
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    log = tmp_path / "scheduler.log"
    started = []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with log.open("wb") as out:
        started.append(
            subprocess.Popen([*command, *options], stderr=out, stdout=out, env=environment, cwd=tmp_path)
        )
    try:
        address = _address(log)
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1"]
        for number in range(2):
            with (tmp_path / f"worker{number}.log").open("wb") as out:
                options = ["--no-dashboard", "--no-nanny", "--host", "127.0.0.1"]
                started.append(
                    subprocess.Popen(
                        [*command, *options], stderr=out, stdout=out, env=environment, cwd=tmp_path
                    )
                )
        yield address, started
    finally:
        for process in started:
            process.kill()
            process.wait()


def _address(log: Path) -> str:
    for _ in range(300):
        if found := re.search(r"tcp://127\.0\.0\.1:\d+", log.read_text("utf-8")):
            return found.group(0)
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


def test_dask_finds_what_one_process_does_though_a_worker_is_killed(
    scheduler: tuple[str, list["subprocess.Popen[bytes]"]],
) -> None:
    address, processes = scheduler
    one = told(Asked(CONTOSO))
    assert told(Asked(CONTOSO, dask=address)) == one
    processes[-1].kill()
    assert told(Asked(CONTOSO, dask=address)) == one


def test_a_scheduler_without_workers_is_told(
    scheduler: tuple[str, list["subprocess.Popen[bytes]"]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    address, processes = scheduler
    for process in processes[1:]:
        process.kill()
        process.wait()
    with pytest.raises(ScanError, match="the Dask scheduler has no workers"):
        Workers(dask=address).judge(whole())
