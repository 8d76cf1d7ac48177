"""A scan with more rows than it holds says what one with all of them in memory does, to the byte."""

import gc
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from bench.estate import write
from every_format import told

from scanner.app.options import ScanOptions
from scanner.app.scan import collect
from scanner.app.scan.run import collect_and_judge
from scanner.cli import main
from scanner.engine import scan
from scanner.model.store import Store
from scanner.sources.rows.disk_store import DiskStore

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
TAGS = CONTOSO / "service-tags.json"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Registries with what lies below and around them, in no order."""
    path = tmp_path_factory.mktemp("estate") / "rows.ndjson"
    write(path, 60)
    rows = path.read_text("utf-8").splitlines(keepends=True)
    below = [line for line in rows[:200] if "/registries/" in line]
    together = [*rows, *(line.replace("/registries/", "/registries/a-") for line in below)]
    random.Random(3).shuffle(together)
    path.write_text("".join(together), "utf-8")
    return path


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch, only_own_garbage: None) -> Iterator[None]:  # noqa: ARG001 - before this one
    """All rows, a few resources at once, and a folder for them in which nothing is left."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setattr(collect, "IN_MEMORY", 0)
        monkeypatch.setattr(scan, "BATCH_SIZE", 13)
        yield
        gc.collect()
        assert list(Path(folder).iterdir()) == []


@pytest.fixture(scope="module")
def in_memory(estate: Path) -> Mapping[str, str]:
    return told(ScanOptions(estate, service_tags=TAGS))


@pytest.mark.slow
@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize("workers", [1, 2])
def test_reports_are_the_same_to_the_byte(estate: Path, workers: int, in_memory: Mapping[str, str]) -> None:
    found = told(ScanOptions(estate, service_tags=TAGS, workers=workers))
    assert [name for name in in_memory if found[name] != in_memory[name]] == []
    assert found["table"].count("FAIL") > 200


@pytest.mark.slow
@pytest.mark.usefixtures("on_disk")
def test_processes_that_start_anew_find_the_rows(estate: Path, in_memory: Mapping[str, str]) -> None:
    over = threading.Event()
    beside = threading.Thread(target=over.wait)
    beside.start()
    try:
        assert told(ScanOptions(estate, service_tags=TAGS, workers=2)) == in_memory
    finally:
        over.set()
        beside.join()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_accepted_and_narrowed_is_the_same(
    workers: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    baseline = tmp_path / "baseline.json"
    assert main(["--snapshot", str(CONTOSO), "--quiet", "--create-baseline", str(baseline)]) == 1
    asked = ScanOptions(CONTOSO, exemptions=ROOT / "samples" / "exemptions.yaml", baseline=baseline)
    name = next(
        iter(collect_and_judge(asked).inventory.of_type("microsoft.containerregistry/registries"))
    ).name
    narrow = msgspec.structs.replace(asked, registry=(name,))
    one = told(asked), told(narrow)
    assert one[0] != one[1]
    request.getfixturevalue("on_disk")
    again = [told(msgspec.structs.replace(each, workers=workers)) for each in (asked, narrow)]
    assert again == [*one]


@pytest.mark.usefixtures("on_disk")
def test_a_scan_is_on_disk_where_it_says_so_and_other_commands_never(estate: Path) -> None:
    def store(*, lean: bool) -> object:
        return collect_and_judge(ScanOptions(estate), lean=lean).inventory.resources

    assert isinstance(store(lean=True), DiskStore)
    assert not isinstance(store(lean=False), DiskStore)
    assert isinstance(store(lean=False), Store)


def test_rows_without_room_end_in_exit_3_and_a_report_that_says_so(
    estate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(collect, "IN_MEMORY", 100)
    report = tmp_path / "acr.json"
    assert main(["--snapshot", str(estate), "--quiet", "--json", str(report)]) == 3
    said = "the rows cannot be kept in a temporary folder: no such file or directory"
    assert said in capsys.readouterr().err
    assert said in report.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others count memory in other units")
def test_four_times_the_rows_take_no_more_memory(tmp_path: Path) -> None:
    """What is left is the number of each resource and the ruling of each finding: some bytes."""
    peaks = []
    for number in (1_500, 6_000):
        path = tmp_path / f"{number}.ndjson"
        write(path, number)
        scanned = ["-c", ON_DISK, "--snapshot", str(path), "--service-tags", str(TAGS)]
        ran = subprocess.run(
            [sys.executable, "-c", PEAK, *scanned, "--quiet", "--json", "/dev/null"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(ran.stdout))
    few, many = peaks
    assert many < 1.25 * few, peaks
    assert many < 128 * 1024


ON_DISK = """
import sys
from scanner.app import gathering
from scanner.cli import main
gathering.IN_MEMORY = 0
sys.exit(main(sys.argv[1:]))
"""
PEAK = """
import resource, subprocess, sys
ran = subprocess.run([sys.executable, *sys.argv[1:]])
assert ran.returncode == 1
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
