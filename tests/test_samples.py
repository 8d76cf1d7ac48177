"""The made-up company: its files are fresh, and everything that can happen happens in it."""

import difflib
import importlib.util
import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import shipped_pack

from scanner.app.options import ScanOptions
from scanner.app.scan.run import run
from scanner.policy.model import AllOf, AnyOf, Condition, Not, Of, Policy, Way
from scanner.report import json_results, junit
from scanner.result.finding import Verdict
from scanner.result.report import Report

SAMPLES = Path(__file__).parents[1] / "samples"
sys.path.insert(0, str(SAMPLES))  # the script imports what stands beside it
CONTOSO = SAMPLES / "snapshots" / "contoso"
PACK = shipped_pack.pack()
ids = [policy.id for policy in PACK.policies]


def script(name: str) -> ModuleType:
    """A script of samples, which is no package."""
    spec = importlib.util.spec_from_file_location(f"samples_{name}", SAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def report() -> Report:
    return run(ScanOptions(CONTOSO))


def same(name: str, kept: str, made: str) -> None:
    difference = difflib.unified_diff(
        kept.splitlines(), made.splitlines(), f"kept/{name}", f"made/{name}", "", "", 2
    )
    told = "\n".join(list(difference)[:80])
    assert kept == made, f"{name} is stale: run make golden, and read what changed\n{told}"


def test_the_snapshot_is_what_its_script_makes(tmp_path: Path) -> None:
    contoso = script("contoso")
    contoso.write_snapshot(tmp_path / "contoso", contoso.contoso(), tool=contoso.__version__)
    made = {path.name: path.read_bytes() for path in (tmp_path / "contoso").iterdir()}
    kept = {path.name: path.read_bytes() for path in CONTOSO.iterdir()}
    assert made.keys() == kept.keys()
    for name, data in made.items():
        same(name, kept[name].decode(), data.decode())
        assert kept[name] == data


def test_the_reports_are_what_the_snapshot_gives() -> None:
    made = script("reports").reports()
    names = {path.name for path in (SAMPLES / "reports").iterdir()} - {"README.md"}
    assert names == made.keys()
    for name, text in made.items():
        kept = (SAMPLES / "reports" / name).read_bytes().decode()
        same(name, kept, text)


def test_every_verdict_occurs(report: Report) -> None:
    assert {finding.verdict for finding in report.findings} == set(Verdict) - {Verdict.EXEMPT}


@pytest.mark.parametrize("policy", PACK.policies, ids=ids)
def test_every_policy_judges_something(policy: Policy, report: Report) -> None:
    found = {finding.verdict for finding in report.findings if finding.policy.id == policy.id}
    assert found & {Verdict.PASS, Verdict.FAIL}


NEVER_FAILS = {"ACR106"}  # 186 rules on one registry are no sight that anybody wants to read
NEVER_PASSES: set[str] = set()


def test_what_passes_somewhere_fails_elsewhere(report: Report) -> None:
    passed, failed = (
        {finding.policy.id for finding in report.findings if finding.verdict is verdict}
        for verdict in (Verdict.PASS, Verdict.FAIL)
    )
    assert set(ids) - failed == NEVER_FAILS
    assert set(ids) - passed == NEVER_PASSES


@pytest.mark.parametrize("policy", PACK.policies, ids=ids)
def test_every_way_of_every_policy_is_taken(policy: Policy, report: Report) -> None:
    taken = {way for finding in report.findings if finding.policy.id == policy.id for way in finding.ways}
    assert taken == ways(policy.require)


def ways(condition: Condition) -> set[str]:
    match condition:
        case Way(_, name, part):
            return {name} | ways(part)
        case AllOf(_, parts) | AnyOf(_, parts):
            return {name for part in parts for name in ways(part)}
        case Not(_, part) | Of(_, _, part):
            return ways(part)
        case _:
            return set()


def test_judging_twice_is_equal_byte_for_byte(report: Report) -> None:
    again = run(ScanOptions(CONTOSO))
    assert json_results.render(again, all_results=True) == json_results.render(report, all_results=True)
    assert junit.render(again) == junit.render(report)


def test_a_zip_of_the_snapshot_gives_the_same_results(report: Report, tmp_path: Path) -> None:
    for top in ("", "contoso/"):
        path = tmp_path / f"{top.strip('/')}x.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(CONTOSO.iterdir()):
                archive.write(file, top + file.name)
        zipped = run(ScanOptions(path))
        assert json_results.render(zipped, all_results=True) == json_results.render(report, all_results=True)


def test_rows_in_are_judged_context_and_unusable(report: Report) -> None:
    lines = (CONTOSO / "resources.ndjson").read_text("utf-8").splitlines()
    rows = report.run.rows
    assert rows.read == len(lines) == rows.judged + rows.context + rows.unusable
    assert rows.unusable == 0


def test_the_results_hold_every_finding_once(report: Report) -> None:
    document = json.loads(json_results.render(report, all_results=True))
    assert len(document["results"]) == len(report.findings)
    assert len({each["fingerprint"] for each in document["results"]}) == len(report.findings)
    counted = sum(document["summary"][verdict.value] for verdict in Verdict)
    assert counted == len(report.findings)


def test_no_work_of_a_machine_is_in_the_samples() -> None:
    for path in SAMPLES.rglob("*"):
        if path.is_file() and path.suffix in {".json", ".ndjson", ".txt", ".xml"}:
            assert str(SAMPLES.parent) not in path.read_text("utf-8"), path
