"""The benchmarks run, at a size at which their figures say nothing."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import bench
import pytest
from bench import __main__ as ours
from bench import lines, peer_page, peers
from bench.process import ROOT, Spent, spent, tree
from bench.tables import growth_table, ratios, spread

pytestmark = pytest.mark.slow
SIZE = 25
LINES = [
    "orjson.loads, line by line",
    "json.loads, line by line",
    "acr-scan reads",
    "acr-scan judges",
    "Resource Graph's pages to findings",
    "acr-scan --quiet",
    "acr-scan, table",
    *(f"acr-scan --{each}" for each in ("json", "junit", "csv", "sarif", "sarif-full", "markdown", "html")),
    "acr-scan --json --junit --csv",
    "acr-scan --json --workers 2",
]
STARTS = ["python -c pass", "acr-scan --version", "acr-scan --help"]


def named(page: str, title: str) -> list[str]:
    """The first cells of the table below a title, without its head."""
    part = page.partition(title)[2].partition("\n## ")[0]
    return [line.split(" | ")[0].removeprefix("| ") for line in part.splitlines() if line.startswith("| ")][
        2:
    ]


def test_the_table_has_every_line(tmp_path: Path) -> None:
    assert ours.main(["--sizes", f"{SIZE}", "--rounds", "1", "--into", str(tmp_path)]) == 0

    page = (tmp_path / "results.md").read_text("utf-8")
    kept = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert named(page, f"## {SIZE} registries") == LINES
    assert named(page, "## Starts") == STARTS
    (size,) = kept["sizes"]
    assert [name for name in size if isinstance(size[name], list)] == LINES
    assert all(run["cpu"] > 0 and run["peak"] > 2**20 for name in LINES for run in size[name])
    assert kept["machine"]["versions"].keys() >= {"python", "acr-scan", "orjson", "msgspec"}


def test_an_estate_is_the_same_every_time_and_in_the_order_of_its_ids(tmp_path: Path) -> None:
    one, other = tmp_path / "one.ndjson", tmp_path / "other.ndjson"
    count = bench.write(one, 60)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PYTHONHASHSEED": "7"}
    code = "import sys, bench, pathlib; bench.write(pathlib.Path(sys.argv[1]), 60)"
    subprocess.run([sys.executable, "-c", code, other], env=environment, check=True)

    assert one.read_bytes() == other.read_bytes()
    ids = [json.loads(line)["id"].lower() for line in one.read_text("utf-8").splitlines()]
    assert (len(ids), ids) == (count, sorted(set(ids)))


def test_an_estate_has_registries_what_lies_below_them_and_their_neighbours() -> None:
    kinds = Counter(row["type"].removeprefix("microsoft.") for row in bench.rows(200))

    assert kinds["containerregistry/registries"] == 200
    assert kinds.keys() == {
        "containerinstance/containergroups",
        "containerregistry/registries",
        "containerregistry/registries/agentpools",
        "containerregistry/registries/replications",
        "containerregistry/registries/tasks",
        "containerregistry/registries/webhooks",
        "machinelearningservices/workspaces",
        "network/networksecuritygroups",
        "network/privatednszones",
        "network/privatednszones/a",
        "network/privatednszones/virtualnetworklinks",
        "network/privateendpoints",
        "network/virtualnetworks",
    }


def test_a_larger_estate_starts_with_the_full_subscriptions_of_a_smaller_one() -> None:
    small = list(bench.rows(500))

    assert [row for row, _ in zip(bench.rows(501), small, strict=False)] == small


def test_children_count_in_what_a_process_costs() -> None:
    work = "sum(range(3_000_000)); held = bytearray(40_000_000); import time; time.sleep(0.2)"
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    alone = spent([sys.executable, "-c", "pass"])
    found = spent([sys.executable, "-c", below])

    assert found.cpu > alone.cpu
    assert found.wall > 0.2
    assert found.peak > alone.peak + 40_000_000


def test_a_command_that_scanned_nothing_has_no_figure(tmp_path: Path) -> None:
    missing = [sys.executable, "-m", "scanner", "--snapshot", str(tmp_path / "missing.ndjson"), "--quiet"]
    with pytest.raises(SystemExit, match="exit code 2"):
        lines.scanned("scan", missing)


def test_a_process_that_ended_has_no_memory() -> None:
    assert tree(2**30) == []


def test_ratios_compare_what_ran_in_the_same_round() -> None:
    unit = lines.Line("unit", [Spent(1, 1, 10), Spent(2, 1, 10), Spent(4, 1, 10)])
    line = lines.Line("line", [Spent(3, 1, 20), Spent(4, 1, 20), Spent(4, 1, 20)])

    assert spread(ratios(line, unit)) == "2 | 1 to 3"
    assert list(growth_table([unit], [lines.Line("unit", [Spent(8, 1, 30)])], 2.0))[-1] == (
        "| unit | 4.0 | 2.00 | 3.00 |"
    )


def test_a_peer_that_is_not_there_is_named(tmp_path: Path) -> None:
    asked = ["--registries", "25", "--rounds", "1", "--venvs", str(tmp_path), "--into", str(tmp_path)]
    assert peers.main(asked) == 0

    page = (tmp_path / "peers.md").read_text("utf-8")
    assert "no environment of it: Cloud Custodian, rego-cpp, Checkov." in page
    assert "| acr-scan | " in page


def test_verdicts_that_differ_are_told_with_what_the_row_shows() -> None:
    row = {"id": "a", "apiVersion": "2023-07-01", "sku": {"name": "Basic"}, "properties": {}}
    same = {"public access off": "fail", "admin user off": "pass", "SKU Premium": "fail"}
    found = {
        "acr-scan": {"verdicts": {"a": same | {"anonymous pull off": "unknown"}}},
        "other": {"verdicts": {"a": same | {"anonymous pull off": "pass"}}},
    }
    told = ("other", "anonymous pull off", "anonymousPullEnabled absent, 2023-07-01", "pass", "unknown")
    assert peer_page.differences(found, [row]) == {told: 1}
