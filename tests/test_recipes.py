"""Every recipe: its commands are the program's, its scripts run, its readers take it."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import recipe_commands as commands
import yaml
from recipe_runner import BIN, RECIPES, ROOT, run, runner, shell, stand_in, written

GATE, AUDIT, TAGS = (RECIPES / f"github-{name}.yml" for name in ("gate", "audit", "service-tags"))
PIPELINE = RECIPES / "azure-pipelines.yml"
CRONJOB = RECIPES / "kubernetes-cronjob.yaml"
JOB = RECIPES / "container-apps-job.bicep"
ALL = sorted(RECIPES.iterdir())

SCRIPTS = [
    pytest.param(script, id=f"{path.stem}-{number}")
    for path in (GATE, AUDIT, PIPELINE, TAGS)
    for number, script in enumerate(commands.scripts(commands.documents(path)))
]
IN_SCRIPTS = [line for script in SCRIPTS for line in commands.of_script(str(script.values[0]))]
REMARKS = [line for path in (*ALL, ROOT / "samples" / "README.md") for line in commands.of_remarks(path)]
LINES = [*IN_SCRIPTS, *REMARKS, *commands.of_containers(CRONJOB), commands.of_bicep(JOB)]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_command_line_is_one_that_the_program_takes(line: list[str]) -> None:
    commands.understood(line)


def test_no_command_line_is_overlooked() -> None:
    told = "".join(path.read_text("utf-8") for path in (GATE, AUDIT, TAGS, PIPELINE)).splitlines()
    started = [
        line for line in told if line.lstrip().startswith(("acr-scan ", "if [ -f audit.db ]; then acr-scan "))
    ]

    assert len(started) == len(IN_SCRIPTS) == 6
    assert len(REMARKS) == 3
    assert commands.of_bicep(JOB) == [
        "--fail-on", "high", "--no-color", "--subscription", "id", "--webhook-endpoints",
    ]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_shell_and_takes_no_text_of_the_workflow(script: str) -> None:
    # SC2153: a variable of the step's `env` resembles one of the script
    run(BIN / "shellcheck", "--shell=bash", "--exclude=SC2153", "-", text=script)

    assert "${{" not in script
    assert "$(reports)" not in script


@pytest.mark.parametrize("workflow", [GATE, AUDIT, TAGS], ids=lambda path: path.stem)
def test_a_workflow_follows_the_schema_and_opens_no_hole(workflow: Path, tmp_path: Path) -> None:
    by_tag = tmp_path / "zizmor.yml"
    by_tag.write_text('rules: {unpinned-uses: {config: {policies: {"*": ref-pin}}}}', "utf-8")

    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
    run(BIN / "zizmor", "--offline", "--no-progress", "--config", by_tag, workflow)


def test_the_pipeline_follows_the_schema(tmp_path: Path) -> None:
    strings = tmp_path / "pipeline.json"  # to Azure Pipelines, every scalar is a string
    strings.write_text(json.dumps(yaml.load(PIPELINE.read_text("utf-8"), yaml.BaseLoader)), "utf-8")  # noqa: S506
    schema = ("--builtin-schema", "vendor.azure-pipelines", "--regex-variant", "nonunicode")

    run(BIN / "check-jsonschema", *schema, strings)


def test_a_workflow_may_sign_in_and_publish_and_no_more() -> None:
    rights = [
        (document["permissions"], *(job["permissions"] for job in document["jobs"].values()))
        for path in (GATE, AUDIT)
        for document in commands.documents(path)
    ]

    assert rights == [
        ({}, {"contents": "read", "id-token": "write", "security-events": "write"}),
        ({}, {"actions": "read", "id-token": "write"}),
    ]


@pytest.mark.parametrize("recipe", ALL, ids=lambda path: path.name)
def test_a_recipe_holds_no_secret(recipe: Path) -> None:
    text = recipe.read_text("utf-8").lower()

    for word in ("secrets.", "client_secret", "password", "listkeys", "sharedkey", "connectionstring"):
        assert word not in text


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return runner(tmp_path)


def steps(path: Path) -> list[dict[str, Any]]:
    jobs = commands.documents(path)[0]["jobs"]
    (job,) = jobs if isinstance(jobs, list) else jobs.values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def step(path: Path, name: str) -> dict[str, Any]:
    return next(each for each in steps(path) if each.get("name") == name)


def test_the_gate_keeps_the_reports_and_then_fails_by_the_exit_code(place: Path) -> None:
    code = shell(step(GATE, "Scan")["run"], place, SUBSCRIPTION="Contoso Production")

    assert code == 0
    assert (place / "output").read_text("utf-8") == "code=1\n"
    assert written(place) == {"acr.xml", "acr.sarif", "acr.md", "output", "summary"}
    assert "contosobuild" in (place / "summary").read_text("utf-8")
    assert [each.get("uses", each.get("name")) for each in steps(GATE)][-3:] == [
        "actions/upload-artifact@v7", "github/codeql-action/upload-sarif@v4", "Gate",
    ]  # fmt: skip
    gate = steps(GATE)[-1]
    assert gate["env"] == {"CODE": "${{ steps.scan.outputs.code }}"}
    assert [shell(gate["run"], place, CODE=each) for each in "013"] == [0, 1, 3]


def test_a_gate_that_scans_nothing_publishes_nothing_and_fails(place: Path) -> None:
    stand_in(place / "bin" / "acr-scan", place / "nothing")

    assert shell(step(GATE, "Scan")["run"], place, SUBSCRIPTION="x") == 0
    assert (place / "output").read_text("utf-8") == "code=2\n"
    assert written(place) == {"output"}
    assert all("hashFiles" in each["if"] for each in steps(GATE)[-3:-1])


@pytest.mark.slow
def test_an_audit_adds_to_the_history_and_findings_do_not_fail_it(place: Path) -> None:
    audit = step(AUDIT, "Scan")["run"]

    assert [shell(audit, place), shell(audit, place)] == [0, 0]
    assert (place / "output").read_text("utf-8") == "code=0\ncode=0\n"
    assert written(place) == {"acr.html", "acr.csv", "acr.md", "audit.db", "output", "summary"}
    assert "has this scan as run 1" in (place / "log").read_text("utf-8")
    kept = [path for each in steps(AUDIT) for path in each.get("with", {}).get("path", "").split()]
    assert kept == ["acr.html", "acr.csv", "audit.db"]


MINE = {"head_repository_id": 1, "repository_id": 1}
ARTIFACTS = [
    {"expired": False, "created_at": "2026-01-05T04:24:00Z", "workflow_run": {"id": 11, **MINE}},
    {"expired": False, "created_at": "2026-01-12T04:24:00Z", "workflow_run": {"id": 12, **MINE}},
    {"expired": True, "created_at": "2026-01-19T04:24:00Z", "workflow_run": {"id": 13, **MINE}},
    {
        "expired": False,
        "created_at": "2026-01-20T04:24:00Z",
        "workflow_run": {"id": 14, **MINE, "head_repository_id": 2},
    },
]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("jq") is None, reason="gh has jq built in, this stand-in has not")
@pytest.mark.parametrize(
    ("artifacts", "taken"),
    [(ARTIFACTS, "run download 12 --name acr-history\n"), ([], "")],
    ids=["the newest of ours", "none"],
)
def test_an_audit_takes_up_the_last_history(
    place: Path, artifacts: Sequence[Mapping[str, object]], taken: str
) -> None:
    (place / "artifacts").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    program = place / "bin" / "gh"
    program.write_text(
        '#!/bin/sh\n[ "$1" = api ] && exec jq -r "$4" < artifacts\necho "$@" >> taken\n', "utf-8"
    )
    program.chmod(0o755)

    assert shell(step(AUDIT, "The last history")["run"], place, GH_REPO="contoso/network") == 0
    assert ((place / "taken").read_text("utf-8") if (place / "taken").exists() else "") == taken


@pytest.mark.slow
def test_the_pipeline_publishes_what_a_red_scan_has_written(place: Path) -> None:
    scan, *publishing = steps(PIPELINE)[3:]
    variables = {"REPORTS": str(place / "reports"), "SUBSCRIPTION": "x"}

    assert shell(scan["inputs"]["inlineScript"], place, **variables) == 1
    assert {path.name for path in (place / "reports").iterdir()} == {"acr.xml", "acr.html", "acr.json"}
    assert scan["env"].keys() == variables.keys()
    assert [each["condition"] for each in publishing] == ["succeededOrFailed()"] * 2
    assert publishing[0]["inputs"]["testResultsFiles"] == "acr.xml"
