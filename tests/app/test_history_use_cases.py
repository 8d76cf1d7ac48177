"""What proves that a resource is gone, and the trend that a report of a scan draws."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner.app import history
from scanner.app.options import ScanOptions
from scanner.app.scan.collect import Collected
from scanner.app.scan.judging import ScanResult
from scanner.app.scan.run import collect_and_judge
from scanner.model.inventory import Gap, Inventory, Read, by_id
from scanner.model.resource import Row, Source
from scanner.result.finding import Verdict
from scanner.result.finding_table import FindingTable
from scanner.result.report import Report, RowCount, Run

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
SHOP = "11111111-1111-4111-8111-111111111111"
REGISTRIES = "microsoft.containerregistry/registries"
CONTOSO_KEY = f"/subscriptions/{SHOP}/resourcegroups/rg/providers/{REGISTRIES}/contoso"
LOST_KEY = f"/subscriptions/{SHOP}/resourcegroups/rg/providers/{REGISTRIES}/lost"


def seen(scope: Mapping[str, Any] | None = None, **changes: Any) -> Collected:
    """A run that saw the registry contoso, and that collected all registries and no agent pools."""
    row = Row(CONTOSO_KEY, REGISTRIES, {}, Source.ARM, "2025-11-01")
    fields: dict[str, Any] = {
        "collected": frozenset({REGISTRIES}),
        "subscriptions": frozenset({SHOP}),
        **changes,
    }
    inventory = Inventory(by_id([row]), **fields)
    words = {"subscriptions": [SHOP]} if scope is None else scope
    counts = RowCount(1, 1, 0, 0)
    run = Run("0.1.0", None, None, "azure", words, inventory.complete, counts, None, (), "sha256:0")
    return Collected(ScanResult(Report(run, 1, (), FindingTable())), inventory, None)


POOLS = Read(CONTOSO_KEY, "agentPools", "2019-06-01-preview", 200, 0)


@pytest.mark.parametrize(
    ("key", "run", "gone"),
    [
        (LOST_KEY, seen(), True),
        (CONTOSO_KEY, seen(), False),
        (LOST_KEY, seen(gaps=(Gap("x", "", "403"),)), False),
        (LOST_KEY, seen(collected=frozenset()), False),
        (LOST_KEY, seen({}), False),
        (LOST_KEY, seen({}, collected=None), True),
        (LOST_KEY, seen(subscriptions=frozenset()), False),
        (f"{LOST_KEY}/agentpools/a", seen(), True),
        (f"{CONTOSO_KEY}/agentpools/a", seen(), False),
        (f"{CONTOSO_KEY}/agentpools/a", seen(reads=(POOLS,)), True),
        (f"{CONTOSO_KEY}/cacherules/a", seen(reads=(POOLS,)), False),
        (f"/subscriptions/{SHOP}", seen(), False),
        ("nonsense", seen(), False),
    ],
)
def test_a_resource_is_gone_where_something_proves_it(key: str, run: Collected, gone: bool) -> None:
    assert history.gone(run, key) is gone


def test_a_trend_ends_with_the_scan_that_draws_it(tmp_path: Path) -> None:
    """Runs of later days are in the history already; the report is one of an earlier day."""
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([{"id": CONTOSO_KEY, "name": "contoso", "type": REGISTRIES}]), "utf-8")
    scans = {
        day: ScanOptions(snapshot=rows, as_of=f"2026-11-0{day}", select=("ACR901",)) for day in (1, 2, 3)
    }
    for day in (3, 1):
        history.keep(url, scans[day], collect_and_judge(scans[day]), lambda _: None)

    points = history.trend_to(url, scans[2], collect_and_judge(scans[2]))

    assert [point.collected for point in points] == ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"]


def test_the_trend_of_a_report_has_the_points_before_it_and_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.db'}"
    asked = ScanOptions(snapshot=CONTOSO)
    scan = collect_and_judge(asked)
    alone = history.trend_to(url, asked, scan)
    history.keep(url, asked, scan, lambda _: None)
    narrowed = ScanOptions(snapshot=CONTOSO, select=("tasks",))
    history.keep(url, narrowed, collect_and_judge(narrowed), lambda _: None)
    later = ScanOptions(snapshot=CONTOSO, param=("ACR104.widest=8",))
    there = collect_and_judge(later)

    points = history.trend_to(url, later, there)

    assert [point.failed for point in alone] == [scan.report.verdicts[Verdict.FAIL]]
    assert history.trend_to(url, asked, scan) == alone
    assert [point.failed for point in points] == [
        each.report.verdicts[Verdict.FAIL] for each in (scan, there)
    ]
    assert next(run.failed for run in history.runs(url)) == alone[0].failed


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///a@b:c.db", "sqlite:///a@b:c.db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("postgresql://host:5432/db", "postgresql://host:5432/db"),
        ("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("postgresql+psycopg://me:secret@host:5432/db", "postgresql+psycopg://me:***@host:5432/db"),
        ("postgresql://me:sec@ret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:sec/r?et@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:secret", "postgresql://me:***"),
        ("me:secret@host", "me:***@host"),
        ("postgresql://host/db?user=me&password=secret&x=1", "postgresql://host/db?user=me&password=***&x=1"),
        ("postgresql://host/db?SSLPASSWORD=secret", "postgresql://host/db?SSLPASSWORD=***"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert history.shown_address(url) == shown
