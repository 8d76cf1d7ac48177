"""`acr-scan remediate`: what it prints, where, and with which exit code."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the sample."""
    path = tmp_path_factory.mktemp("results") / "results.json"
    main(["--snapshot", str(CONTOSO), "--json", str(path), "--quiet"])
    return path


def run(*arguments: str) -> int:
    return main(["remediate", *arguments])


def rewritten(path: Path, folder: Path, **changes: Any) -> Path:
    document = json.loads(path.read_text("utf-8"))
    document.update(changes)
    to = folder / "changed.json"
    to.write_text(json.dumps(document), "utf-8")
    return to


@pytest.mark.slow
def test_it_prints_a_script_for_a_snapshot(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("--snapshot", str(CONTOSO)) == 0

    out, err = capsys.readouterr()
    assert out.startswith("#!/usr/bin/env bash\n# A plan by acr-scan: ")
    assert "az acr network-rule add --name contosolegacy --ip-address 52.168.114.0/23" in out
    assert err == ""
    (tmp_path / "plan.sh").write_text(out)
    subprocess.run(["bash", "-n", str(tmp_path / "plan.sh")], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["az", "bicep", "terraform"])
def test_a_plan_is_the_same_each_time_and_goes_into_a_file(format_: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"

    for path in (one, two):
        assert run("--snapshot", str(CONTOSO), "--format", format_, "--output", str(path)) == 0

    assert one.read_bytes() == two.read_bytes() != b""


def test_one_registry_and_one_policy_are_planned_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--snapshot", str(CONTOSO), "--registry", "contosolegacy", "--select", "ACR206") == 0

    out = capsys.readouterr().out
    assert "network-rule add --name contosolegacy --ip-address 52.168.114.0/23" in out
    assert "contosoprod" not in out
    assert "ACR107" not in [line.rpartition(" on ")[0] for line in out.splitlines()]
    # the rules would let a task in that the policy on shared paths then takes up, so that is settled as well
    assert "# settles: ACR209 on weekly-scan, by agent-pool" in out


def test_results_alone_plan_what_their_evidence_shows(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--results", str(results)) == 0

    out = capsys.readouterr().out
    assert "Made from a results file alone" in out
    assert "az acr network-rule add --name contosolegacy --ip-address 52.168.114.0/23" in out
    assert "# settles: ACR206 on contosolegacy" in out
    assert "left: ACR201 on forgot-credential (fail): a results file does not show what this takes" in out
    assert "az acr update --name contosopublic --admin-enabled false" in out


def test_results_alone_plan_ip_rules_for_a_task_only_where_they_were_asked_for(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--results", str(results))
    before = capsys.readouterr().out
    run("--results", str(results), "--prefer", "ip-rules")
    after = capsys.readouterr().out

    assert "settles: ACR201 on weekly-scan" not in before
    assert "settles: ACR201 on weekly-scan, by ip-rules" in after
    assert "left: ACR201 on nightly-purge" in after  # public access is Disabled there


@pytest.mark.slow
def test_every_finding_of_a_results_file_is_planned_or_listed(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        (each["policy"], each["resource"]["name"])
        for each in json.loads(results.read_text("utf-8"))["results"]
        if each["verdict"] not in {"pass", "notApplicable"}
    ]

    for arguments in (["--results", str(results)], ["--results", str(results), "--snapshot", str(CONTOSO)]):
        run(*arguments)
        text = capsys.readouterr().out
        lost = [
            (policy, name)
            for policy, name in found
            if f": {policy} on {name.lower()}" not in text.lower().replace(policy.lower(), policy)
        ]
        assert lost == []


def test_results_with_a_snapshot_are_narrowed_to_what_still_fails(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(results.read_text("utf-8"))
    kept = [each for each in document["results"] if each["policy"] == "ACR901"]
    for each in kept:  # as if all of them had failed
        each["verdict"] = "fail"
    path = rewritten(results, tmp_path, results=kept)

    assert run("--results", str(path), "--snapshot", str(CONTOSO)) == 0

    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("az ")] == [
        next(line for line in out.splitlines() if "--name contosopublic --admin-enabled false" in line)
    ]
    assert "left: ACR901 on contosoprod (fail): it is pass in this inventory: nothing is to do" in out


def test_too_many_missing_rules_are_left_with_the_numbers(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(results.read_text("utf-8"))
    stale = [each for each in document["results"] if each["policy"] == "ACR206" and each["verdict"] == "fail"]
    for each in stale:
        for leaf in each["evidence"]:
            leaf["actual"] = [f"9.9.9.{number}" for number in range(200)]
    path = rewritten(results, tmp_path, results=stale)

    run("--results", str(path))

    out = capsys.readouterr().out
    assert "201 IP rules would be too many: 200 are allowed" in out
    assert "There is no step to take" in out


def test_foreign_rules_go_by_the_evidence_of_a_results_file(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(results.read_text("utf-8"))
    result = next(
        each for each in document["results"] if each["policy"] == "ACR206" and each["verdict"] == "fail"
    )
    leaf = {
        **result["evidence"][0],
        "operator": "insideServiceTag",
        "actual": ["9.9.9.9", "192.0.2.7/27", None],
        "missing": None,
        "excess": ["192.0.2.0/27"],
    }
    path = rewritten(results, tmp_path, results=[{**result, "policy": "ACR207", "evidence": [leaf]}])

    assert run("--results", str(path)) == 0

    out = capsys.readouterr().out
    assert "network-rule remove --name contosolegacy --ip-address 192.0.2.7/27" in out
    assert "# IP rules: 3 → 2 of 200" in out


@pytest.mark.slow
def test_an_incomplete_inventory_is_said_on_top_and_is_exit_3(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(results.read_text("utf-8"))
    path = rewritten(results, tmp_path, run={**document["run"], "complete": False})
    cut = tmp_path / "rows.ndjson"
    rows = (CONTOSO / "resources.ndjson").read_text("utf-8").splitlines()
    cut.write_text("\n".join([*rows, '{"id": 7}']), "utf-8")

    assert run("--results", str(path)) == 3
    assert "INCOMPLETE" in capsys.readouterr().out.splitlines()[1]
    assert run("--results", str(path), "--snapshot", str(CONTOSO)) == 3
    assert run("--snapshot", str(cut)) == 3
    assert "INCOMPLETE" in capsys.readouterr().out.splitlines()[1]


def test_a_scope_without_a_registry_is_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    group = "/subscriptions/s/resourceGroups/g"
    row = {"id": group, "type": "microsoft.resources/subscriptions/resourcegroups", "name": "g"}
    (tmp_path / "rows.json").write_text(json.dumps({"data": [row]}), "utf-8")

    assert run("--snapshot", str(tmp_path / "rows.json")) == 3
    assert "nothing was scanned" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "an object with no keys, not results of a scan"),
        ("[]", "this is an array, not results of a scan"),
        ('{"format": true, "results": []}', "`format`: expected 1, got True"),
        ('{"format": 2, "results": []}', "written by a newer acr-scan (format 2)"),
        ('{"format": 1, "results": [{}]}', "`results[0]`: "),
        ('{"format": 1, "results": [{"policy": 7}]}', "`results[0].policy`: "),
        ("{", "is no JSON"),
    ],
)
def test_a_file_that_is_no_results_file_is_exit_2(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)

    assert run("--results", str(path)) == 2

    err = capsys.readouterr().err
    assert str(path) in err
    assert said in err or said == "is no JSON"


def test_wrong_usage_is_exit_2(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert run("--results", str(tmp_path / "none.json")) == 2
    assert run("--snapshot", str(CONTOSO), "--registry", "contosoprd") == 2
    assert run("--snapshot", str(CONTOSO), "--output", str(tmp_path / "no" / "plan")) == 2
    assert run("--snapshot", str(CONTOSO), "--prefer", "agent") == 2
    capsys.readouterr()
    assert run("--results", str(results), "--format", "bicep") == 2
    assert "a results file does not hold" in capsys.readouterr().err


def test_nothing_to_do_is_said_and_is_exit_0(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = rewritten(results, tmp_path, results=[])

    assert run("--results", str(path)) == 0
    assert "# Nothing is to do." in capsys.readouterr().out
