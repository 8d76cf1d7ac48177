"""Judging on a Dask cluster: what one process finds, to the byte; and what is said where it cannot be."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from every_format import told
from fake_azure.certificate import make_certificate

from scanner.app.options import ScanOptions
from scanner.app.scan import dask_cluster
from scanner.app.scan.dask_cluster import judge_on_dask
from scanner.app.scan.policy_selection import open_pack
from scanner.app.scan.snapshot_source import SnapshotSource
from scanner.cli import main
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.scan import Workload
from scanner.errors import ScanError
from scanner.result.gate import Gate

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"


class Cluster:
    """A Dask scheduler on loopback, and workers that are processes of this machine."""

    def __init__(self, folder: Path, protocol: str = "tcp", **environment: str) -> None:
        self._folder, self._protocol, self._environment = folder, protocol, environment
        self._scheduler = self._start("scheduler", "dask_scheduler", "--port", "0", "--protocol", protocol)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.address = self._address(folder / "scheduler.log")

    def work(self, **environment: str) -> None:
        """Start a worker, and wait until the scheduler knows it."""
        name = f"worker{len(self.workers)}"
        options = (self.address, "--nthreads", "1", "--no-nanny")
        self.workers.append(self._start(name, "dask_worker", *options, **environment))
        self._logged(self._folder / f"{name}.log", "Registered to")

    def end(self) -> None:
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()

    def _start(self, name: str, module: str, *options: str, **environment: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        with (self._folder / f"{name}.log").open("wb") as out:
            return subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--no-dashboard"],
                stderr=out,
                stdout=out,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
                | self._environment
                | environment,
                cwd=self._folder,
            )

    def _address(self, log: Path) -> str:
        start = f"{self._protocol}://127.0.0.1:"
        found = re.search(rf"{start}\d+", self._logged(log, start))
        assert found is not None
        return found.group(0)

    def _logged(self, log: Path, words: str) -> str:
        for _ in range(600):
            if words in (text := log.read_text("utf-8")):
                return text
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.end()


def test_a_cluster_finds_what_one_process_does_though_a_worker_is_killed(cluster: Cluster) -> None:
    cluster.work()
    cluster.work()
    alone = told(ScanOptions(CONTOSO))
    assert told(ScanOptions(CONTOSO, dask=cluster.address)) == alone
    cluster.workers[0].kill()
    assert told(ScanOptions(CONTOSO, dask=cluster.address)) == alone
    exemptions = ROOT / "samples" / "exemptions.yaml"
    one = ScanOptions(CONTOSO, registry=("contosoprod",), exemptions=exemptions)
    assert told(msgspec.structs.replace(one, dask=cluster.address)) == told(one)


def test_a_cluster_speaks_tls_as_the_page_of_the_samples_says(
    tmp_path: Path,
) -> None:
    _, authority = make_certificate(tmp_path)
    page = (ROOT / "samples" / "dask" / "README.md").read_text("utf-8")
    names = [
        name.replace("${who}", who)
        for name in re.findall(r"export (DASK_[A-Z_]+(?:\$\{who\}[A-Z_]+)?)=", page)
        for who in ("SCHEDULER", "WORKER", "CLIENT")
    ]
    files = {"FILE": authority, "CERT": tmp_path / "server.pem", "KEY": tmp_path / "server.pem"}
    environment = {name: str(files.get(name.rpartition("_")[2], True)) for name in names}
    assert len(environment) == 8
    cluster = Cluster(tmp_path, "tls", **environment)
    try:
        cluster.work()
        command = [
            sys.executable,
            "-m",
            "scanner",
            "--snapshot",
            str(CONTOSO),
            "--fail-on",
            "never",
            "--quiet",
        ]
        alone = [*command, "--json", str(tmp_path / "alone.json")]
        there = [*command, "--json", str(tmp_path / "there.json"), "--dask", cluster.address]
        for each in (alone, there):
            done = subprocess.run(
                each, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")
    finally:
        cluster.end()
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "alone.json").read_bytes()


def on(cluster: Cluster, path: Path) -> None:
    """Judge the sample company with workers that read another path."""
    source = SnapshotSource(CONTOSO, assume_complete=False, cloud="Public")
    snapshot, pack = source.read(), open_pack([])
    types = {kind for policy in pack.policies for kind in policy.types}
    workload = Workload(
        snapshot.inventory,
        snapshot.inventory.of_types(types),
        TagTable(snapshot.service_tags, "Public"),
        pack.policies,
        pack.terms,
        Gate(),
        {},
    )
    elsewhere = SnapshotSource(path, assume_complete=False, cloud="Public")
    with ExitStack() as opened:
        judge_on_dask(cluster.address, workload, elsewhere, {}, None, opened)


def test_a_worker_that_finds_no_snapshot_or_another_one_is_reported(cluster: Cluster, tmp_path: Path) -> None:
    cluster.work()
    with pytest.raises(ScanError, match=r"^a worker cannot read the snapshot: /.*gone.ndjson: ") as caught:
        on(cluster, tmp_path / "gone.ndjson")
    assert caught.value.exit_code == 3
    other = tmp_path / "other.ndjson"
    other.write_text((CONTOSO / "resources.ndjson").read_text("utf-8").splitlines(keepends=True)[0], "utf-8")
    with pytest.raises(ScanError, match="a worker reads another snapshot there"):
        on(cluster, other)


def test_a_worker_with_another_acr_scan_is_refused(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old" / "acr_scan-0.0.1.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: acr-scan\nVersion: 0.0.1\n", "utf-8")
    cluster.work(PYTHONPATH=f"{old.parent}{os.pathsep}{ROOT}")

    assert main(["--snapshot", str(CONTOSO), "--dask", cluster.address, "--quiet"]) == 3
    assert re.search(r"the worker tcp://\S+ has acr-scan 0\.0\.1, and this is ", capsys.readouterr().err)


def test_a_scheduler_without_workers_is_reported(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "START", 0.1)
    with pytest.raises(ScanError, match="the Dask scheduler has no workers"):
        on(cluster, CONTOSO)


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_a_scheduler_that_does_not_answer_is_reported(
    protocol: str, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"{protocol}://127.0.0.1:9"
    assert main(["--snapshot", str(CONTOSO), "--dask", address, "--quiet"]) == 3
    assert f"no Dask scheduler answers at {address}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (ScanOptions(None, ("x",), dask="tcp://h:1"), "--dask judges snapshots"),
        (ScanOptions(CONTOSO, workers=2, dask="tcp://h:1"), "--dask and --workers contradict each other"),
    ],
)
def test_options_that_do_not_go_with_a_cluster_are_refused(options: ScanOptions, said: str) -> None:
    with pytest.raises(ScanError, match=f"^{said}"):
        options.check()
