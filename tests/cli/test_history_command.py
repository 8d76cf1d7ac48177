"""`--history URL` and `acr-scan history …` as a user meets them: offline scans of estates that change."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.app.options import ScanOptions
from scanner.app.scan.run import collect_and_judge
from scanner.cli import history_option, main

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
SHOP, HR = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
TYPE = "Microsoft.ContainerRegistry/registries"

Scan = Callable[..., tuple[int, str, str]]


def registry(name: str, *, admin: bool, subscription: str = SHOP) -> dict[str, Any]:
    """A registry that fails ACR901 if `admin`."""
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/rg/providers/{TYPE}/{name}",
        "name": name,
        "type": TYPE.lower(),
        "location": "eastus",
        "source": "arm",
        "apiVersion": "2025-11-01",
        "sku": {"name": "Premium"},
        "properties": {"provisioningState": "Succeeded", "adminUserEnabled": admin},
    }


def snapshot(folder: Path, day: int, *rows: dict[str, Any], **manifest: Any) -> Path:
    """A snapshot of one subscription on a day of November."""
    folder.mkdir(exist_ok=True)
    words = {
        "format": 1,
        "collected": f"2026-11-{day:02}T05:00:00Z",
        "scope": {"subscriptions": [SHOP]},
        "queries": [{"table": "resources", "types": [TYPE], "rows": len(rows), "totalRecords": len(rows)}],
        **manifest,
    }
    (folder / "manifest.json").write_text(json.dumps(words), "utf-8")
    ordered = sorted(rows, key=lambda row: str(row["id"]).lower())
    (folder / "resources.ndjson").write_text("".join(json.dumps(row) + "\n" for row in ordered), "utf-8")
    return folder


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'audit.db'}"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Scan:
    """Runs a command in process: exit code, output, errors."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*map(str, arguments)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def scan(call: Scan, url: str, tmp_path: Path) -> Scan:
    """Scans an estate by ACR901 and keeps the run."""

    def run(day: int, *rows: dict[str, Any], options: tuple[str | Path, ...] = (), **manifest: Any) -> Any:
        folder = snapshot(tmp_path / f"day{day}", day, *rows, **manifest)
        return call("--snapshot", folder, "--select", "ACR901", "--history", url, *options)

    return run


def moved(call: Scan, url: str, *which: str) -> dict[str, list[tuple[str, str]]]:
    """The registries and states of each group of a diff."""
    code, out, _ = call("history", "diff", *which, "--history", url, "--json", "-")
    assert code == 0
    document = json.loads(out)
    return {
        group: [(each["resource"].rsplit("/", 1)[-1], each["state"]) for each in document[group]]
        for group in ("new", "reopened", "fixed", "stillOpen")
        if document[group]
    }


def test_a_scan_is_kept_and_told_and_gates_as_it_would(scan: Scan, url: str, call: Scan) -> None:
    code, out, err = scan(1, registry("a", admin=True), registry("b", admin=False))

    assert code == 1
    assert "FAILED" in out
    assert err.splitlines()[-2:] == [f"{url}: schema created", f"{url}: kept as run 1"]
    code, out, err = call("history", "list", "--history", url)
    assert (code, err) == (0, "")
    assert "2026-11-01T05:00:00Z" in out
    assert "subscriptions 11111111…;" in out
    assert "select acr901" in out


def test_the_same_scan_is_kept_once(scan: Scan, url: str, call: Scan) -> None:
    scan(1, registry("a", admin=True))
    code, _, err = scan(1, registry("a", admin=True), options=("--fail-on", "never", "--quiet"))
    assert (code, err) == (0, "")
    _, _, err = scan(1, registry("a", admin=True), options=("--fail-on", "never"))

    assert err.splitlines()[-1] == f"{url}: has this scan as run 1"
    assert len(json.loads(call("history", "list", "--history", url, "--json", "-")[1])["runs"]) == 1


def test_an_audit_shows_movement(scan: Scan, url: str, call: Scan) -> None:
    scan(1, registry("a", admin=True), registry("b", admin=True), registry("c", admin=True))
    scan(3, registry("a", admin=False), registry("b", admin=True), registry("d", admin=True))
    assert moved(call, url) == {
        "new": [("d", "fail")],
        "fixed": [("a", "pass"), ("c", "gone")],
        "stillOpen": [("b", "fail")],
    }

    scan(9, registry("a", admin=True), registry("b", admin=True), registry("d", admin=True))
    assert moved(call, url) == {
        "reopened": [("a", "fail")],
        "stillOpen": [("b", "fail"), ("d", "fail")],
    }
    assert moved(call, url, "1", "2") == moved(call, url, "2", "1")
    assert moved(call, url, "1") == {
        "new": [("d", "fail")],
        "reopened": [("a", "fail")],
        "fixed": [("c", "gone")],
        "stillOpen": [("b", "fail")],
    }
    code, out, _ = call("history", "diff", "--history", url, "1")
    assert code == 0
    assert "Reopened (1)" in out
    assert "1 new, 1 reopened, 1 fixed, 1 still open; mean time to fix 2 d" in out
    assert [line.split() for line in out.splitlines() if " b " in line] == [
        ["ACR901", "admin-user-off", "medium", "b", "2026-11-01", "8", "d"]
    ]


def test_an_incomplete_run_fixes_nothing_that_it_did_not_see(scan: Scan, url: str, call: Scan) -> None:
    gap = {"what": TYPE, "where": SHOP, "reason": "403", "help": None}
    scan(1, registry("a", admin=True), registry("b", admin=True))
    code, _, _ = scan(2, registry("b", admin=False), unseen=[gap])

    assert code == 3
    assert moved(call, url) == {"fixed": [("b", "pass")], "stillOpen": [("a", "unseen")]}
    assert "later run is incomplete" in call("history", "diff", "--history", url)[1]


def test_another_subscription_fixes_nothing(scan: Scan, url: str, call: Scan) -> None:
    scan(1, registry("a", admin=True))
    scan(2, registry("z", admin=True, subscription=HR), scope={"subscriptions": [HR]})

    assert moved(call, url) == {"new": [("z", "fail")]}
    assert moved(call, url, "1") == {"stillOpen": [("a", "fail")]}
    code, _, err = call("history", "diff", "1", "2", "--history", url)
    assert code == 2
    assert "runs 1 and 2 are of different scopes" in err


def test_narrowed_scans_have_a_history_of_their_own(scan: Scan, url: str, call: Scan) -> None:
    scan(1, registry("a", admin=True), registry("b", admin=True))
    scan(2, registry("a", admin=True), registry("b", admin=True), options=("--registry", "a"))

    assert moved(call, url) == {"new": [("a", "fail")]}
    assert moved(call, url, "1") == {"stillOpen": [("a", "fail"), ("b", "fail")]}


def test_a_type_that_was_not_collected_is_not_gone(scan: Scan, url: str, call: Scan) -> None:
    scan(1, registry("a", admin=True), registry("b", admin=True))
    nothing = [{"table": "resources", "types": ["Microsoft.Network/networkSecurityGroups"], "rows": 0}]
    scan(2, queries=nothing)

    assert moved(call, url) == {"stillOpen": [("a", "unseen"), ("b", "unseen")]}


def test_a_bare_file_proves_that_something_is_gone_only_if_the_user_says_so(
    url: str, call: Scan, tmp_path: Path
) -> None:
    for day, names, more in ((1, "ab", ()), (2, "a", ()), (3, "a", ("--assume-complete",))):
        rows = tmp_path / f"rows{day}.json"
        rows.write_text(json.dumps([registry(name, admin=True) for name in names]), "utf-8")
        as_of = ("--as-of", f"2026-11-{day:02}")
        call("--snapshot", rows, "--select", "ACR901", "--history", url, *as_of, *more)

    assert moved(call, url, "1", "2") == {"stillOpen": [("a", "fail"), ("b", "unseen")]}
    assert moved(call, url, "2", "3") == {"fixed": [("b", "gone")], "stillOpen": [("a", "fail")]}


def test_the_trend_counts_as_the_results_files_do(scan: Scan, url: str, call: Scan, tmp_path: Path) -> None:
    summaries = []
    for day, admins in enumerate((True, True, False), 1):
        results = tmp_path / "results.json"
        rows = [registry("a", admin=admins), registry("b", admin=day == 2), registry("c", admin=False)]
        scan(day, *rows, options=("--json", results))
        summaries.append(json.loads(results.read_text("utf-8"))["summary"])

    code, out, _ = call("history", "trend", "--history", url, "--json", "-")

    document = json.loads(out)
    assert code == 0
    names = {"passed": "pass", "failed": "fail", "unknown": "unknown", "exempt": "exempt"}
    assert [{theirs: point[ours] for ours, theirs in names.items()} for point in document["points"]] == [
        {name: summary[name] for name in names.values()} for summary in summaries
    ]
    assert [point["failed"] for point in document["points"]] == [1, 2, 0]
    assert (document["open"], document["fixed"], document["reopened"]) == (0, 2, 0)
    assert document["meanSecondsToFix"] == 1.5 * 86400
    text = call("history", "trend", "1", "--history", url)[1]
    assert "open 0, fixed 2; mean time to fix 36 h" in text
    assert [line.count("█") for line in text.splitlines() if "2026-11-0" in line] == [15, 30, 0]


def test_the_whole_sample_is_counted_right(call: Scan, url: str, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    code, _, _ = call("--snapshot", CONTOSO, "--history", url, "--json", results, "--quiet")
    [run] = json.loads(call("history", "list", "--history", url, "--json", "-")[1])["runs"]

    document = json.loads(results.read_text("utf-8"))
    summary = document["summary"]
    names = {"passed": "pass", "failed": "fail", "unknown": "unknown", "exempt": "exempt"}
    assert {theirs: run[ours] for ours, theirs in names.items()} == {
        name: summary[name] for name in names.values()
    }
    assert (run["notApplicable"], run["gating"]) == (summary["notApplicable"], summary["gating"])
    assert (run["registries"], run["exitCode"]) == (summary["registries"], code)
    assert run["policies"] == document["run"]["policies"]
    assert run["serviceTags"] == document["run"]["serviceTags"]["changeNumber"]


def test_the_html_report_draws_the_trend(scan: Scan, url: str, call: Scan, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    scan(1, registry("a", admin=True), options=("--html", page))
    first = page.read_text("utf-8")
    scan(2, registry("a", admin=False), options=("--html", page))
    second = page.read_text("utf-8")

    assert ("Trend over" in first, "Trend over 2 runs" in second) == (False, True)
    assert len(json.loads(call("history", "list", "--history", url, "--json", "-")[1])["runs"]) == 2


def test_a_diff_can_be_written_beside_the_table(scan: Scan, url: str, call: Scan, tmp_path: Path) -> None:
    scan(1, registry("a", admin=True))
    path = tmp_path / "diff.json"
    _, out, _ = call("history", "diff", "--history", url, "--json", path)

    assert "New (1)" in out
    assert "from nothing to run 1 of 2026-11-01T05:00:00Z" in out
    assert json.loads(path.read_text("utf-8"))["from"] is None


def test_a_history_that_cannot_be_is_told_before_anything_is_scanned(call: Scan, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no database", "utf-8")
    results = tmp_path / "results.json"
    code, out, err = call("--snapshot", CONTOSO, "--history", f"sqlite:///{notes}", "--json", results)

    assert (code, out) == (2, "")
    assert err == f"acr-scan: sqlite:///{notes}: is no SQLite database; nothing was changed in it\n"
    assert not results.exists()
    assert notes.read_text("utf-8") == "no database"


@pytest.mark.slow
def test_a_history_that_fails_after_the_scan_is_exit_2_and_takes_no_report_with_it(
    url: str, tmp_path: Path
) -> None:
    """The disk is full when the run is to be stored: a page more than nothing is too much for it."""
    results = tmp_path / "results.json"
    script = (
        "import sqlite3, sys, scanner.history.database as d\n"
        "from scanner.cli import main\n"
        "real = sqlite3.connect\n"
        "def small(*a, **k):\n"
        "    c = real(*a, **k); c.execute('pragma max_page_count = 4'); return c\n"
        "d.sqlite3.connect = small\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--snapshot", CONTOSO, "--history", url, "--json", results],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"acr-scan: {url}: cannot be written: database or disk is full" in done.stderr
    assert "FAILED" in done.stdout
    assert json.loads(results.read_text("utf-8"))["summary"]["fail"] > 0


def test_a_trend_that_cannot_be_read_takes_no_report_with_it() -> None:
    """The server was there before the scan, and is not there any more when the page is drawn."""
    asked = ScanOptions(snapshot=CONTOSO)
    lost = "postgresql://me@127.0.0.1:1/audit"

    assert history_option.trend(lost, asked, collect_and_judge(asked)) == ()
    assert history_option.trend(None, asked, collect_and_judge(asked)) == ()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("history", "list"), "'--history'"),
        (("history", "diff", "7", "--history", "URL"), "there is no run 7"),
        (("history", "trend", "7", "--history", "URL"), "there is no run 7"),
        (("history", "diff", "0", "--history", "URL"), "'[RUN'"),
        (("history", "diff", "--history", "sqlite:///no-such.db"), "there is no history yet"),
        (("history", "list", "--history", "URL", "--json", "/no/such/place.json"), "there is no folder"),
    ],
)
def test_a_wrong_question_is_exit_2(
    arguments: tuple[str, ...], complaint: str, scan: Scan, url: str, call: Scan
) -> None:
    scan(1, registry("a", admin=True))
    code, out, err = call(*(word.replace("URL", url) for word in arguments))

    assert (code, out) == (2, "")
    assert complaint in err


def test_a_missing_extra_is_exit_2_with_the_command_that_installs_it(tmp_path: Path) -> None:
    shadow = tmp_path / "shadow" / "sqlalchemy"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'sqlalchemy'\", name='sqlalchemy')\n", "utf-8"
    )
    path = os.pathsep.join([str(tmp_path / "shadow"), str(ROOT)])
    for command in (
        ["--snapshot", CONTOSO, "--history", "sqlite:///audit.db"],
        ["history", "list", "--history", "sqlite:///audit.db"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "scanner", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert done.returncode == 2
        assert "sqlalchemy, which is not installed" in done.stderr
        assert "pip install 'acr-scan[history]'" in done.stderr
        assert done.stdout == ""


def test_a_password_is_never_printed(call: Scan) -> None:
    for command in (("--snapshot", CONTOSO, "--verbose"), ("history", "list")):
        code, out, err = call(*command, "--history", "postgresql://me:hunter2@127.0.0.1:1/audit")

        assert code == 2
        assert "postgresql://me:***@127.0.0.1:1/audit: cannot be read" in err
        assert "hunter2" not in out + err


@pytest.mark.slow
def test_scans_at_once_are_all_kept(url: str, call: Scan, tmp_path: Path) -> None:
    """Whole programs, as a schedule might start them, the first of them making the database."""
    folders = [
        snapshot(tmp_path / f"day{day}", day, registry("a", admin=True), registry("b", admin=day % 2 == 0))
        for day in range(1, 7)
    ]
    command = [sys.executable, "-m", "scanner", "--select", "ACR901", "--quiet", "--history", url]
    running = [subprocess.Popen([*command, "--snapshot", folder], cwd=ROOT) for folder in folders]
    assert [each.wait(120) for each in running] == [1] * 6

    document = json.loads(call("history", "trend", "--history", url, "--json", "-")[1])
    assert [point["failed"] for point in document["points"]] == [1, 2, 1, 2, 1, 2]
    first = str(document["points"][0]["run"])
    assert moved(call, url, first) == {"reopened": [("b", "fail")], "stillOpen": [("a", "fail")]}


def test_asking_for_help_loads_no_database() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scanner", "history", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "list" in done.stdout
    assert "sqlalchemy" not in done.stderr
    assert "alembic" not in done.stderr


def test_a_scan_without_a_history_loads_no_database(tmp_path: Path) -> None:
    target = tmp_path / "snapshot"
    shutil.copytree(CONTOSO, target)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "scanner", "--snapshot", target, "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "sqlalchemy" not in done.stderr
