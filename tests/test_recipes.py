"""Every recipe: its commands are the program's, its scripts run, its files are what their readers take."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import kubernetes_validate
import pytest
import recipe_commands as commands
import yaml

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "samples" / "recipes"
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
BIN = Path(sys.executable).parent
GATE, AUDIT, TAGS = (RECIPES / f"github-{name}.yml" for name in ("gate", "audit", "service-tags"))
PIPELINE = RECIPES / "azure-pipelines.yml"
CRONJOB = RECIPES / "kubernetes-cronjob.yaml"
JOB, RIGHTS = RECIPES / "container-apps-job.bicep", RECIPES / "container-apps-job.rights.bicep"
DOCKERFILE = RECIPES / "Dockerfile"
ALL = sorted(RECIPES.iterdir())

SCRIPTS = [
    pytest.param(script, id=f"{path.stem}-{number}")
    for path in (GATE, AUDIT, PIPELINE, TAGS)
    for number, script in enumerate(commands.scripts(commands.documents(path)))
]
IN_SCRIPTS = [line for script in SCRIPTS for line in commands.of_script(str(script.values[0]))]
REMARKS = [line for path in (*ALL, ROOT / "docs" / "recipes.md") for line in commands.of_remarks(path)]
LINES = [*IN_SCRIPTS, *REMARKS, *commands.of_containers(CRONJOB), commands.of_bicep(JOB)]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_command_line_is_one_that_the_program_takes(line: list[str]) -> None:
    commands.understood(line)


def test_no_command_line_is_overlooked() -> None:
    told = [path.read_text("utf-8") for path in (GATE, AUDIT, TAGS, PIPELINE)]
    started = sum(line.split("acr-scan ")[0].strip() == "" for text in told for line in text.splitlines())

    assert started + 2 == len(IN_SCRIPTS) == 6  # two stand behind `then`
    assert commands.of_bicep(JOB) == [
        "--fail-on", "high", "--no-color", "--subscription", "id", "--webhook-endpoints",
    ]  # fmt: skip


def run(*command: str | Path, text: str | None = None) -> str:
    """What a checker says on both channels; AssertionError with it where it is not content."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_shell_and_takes_no_text_of_the_workflow(script: str) -> None:
    run(BIN / "shellcheck", "--shell=bash", "-", text=script)

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


@pytest.mark.parametrize("recipe", ALL, ids=lambda path: path.name)
def test_a_recipe_holds_no_secret(recipe: Path) -> None:
    text = recipe.read_text("utf-8").lower()

    for word in ("secrets.", "client_secret", "password", "listkeys", "sharedkey", "connectionstring"):
        assert word not in text


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A runner's folder with the program in bin/, which scans the sample company instead of Azure."""
    folder = tmp_path / "bin"
    folder.mkdir()
    stand_in(folder / "acr-scan", CONTOSO)
    return tmp_path


def stand_in(program: Path, snapshot: Path) -> None:
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\nfrom pathlib import Path\nfrom recipe_commands import offline\n"
        f"words = offline(sys.argv[1:], Path({str(snapshot)!r}))\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'scanner', *words])\n",
        "utf-8",
    )
    program.chmod(0o755)


def shell(script: str, place: Path, **variables: str) -> int:
    """The exit code of a step, run as GitHub does it."""
    environment = {
        **os.environ,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        **variables,
    }
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(
        command, cwd=place, env=environment, check=False, capture_output=True, text=True, timeout=120
    )
    (place / "log").write_text(done.stdout + done.stderr, "utf-8")
    return done.returncode


def steps(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(iter(commands.documents(path)[0]["jobs"].values()))["steps"]
    return found


def step(path: Path, name: str) -> dict[str, Any]:
    return next(each for each in steps(path) if each.get("name") == name)


def written(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()} - {"bin", "log"}


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


def test_an_audit_adds_to_the_history_and_findings_do_not_fail_it(place: Path) -> None:
    audit = step(AUDIT, "Scan")["run"]

    assert [shell(audit, place), shell(audit, place)] == [0, 0]
    assert (place / "output").read_text("utf-8") == "code=0\ncode=0\n"
    assert written(place) == {"acr.html", "acr.csv", "acr.md", "audit.db", "output", "summary"}
    assert "kept as run 2" in (place / "log").read_text("utf-8")
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


def test_the_pipeline_publishes_what_a_red_scan_has_written(place: Path) -> None:
    scan, *publishing = steps(PIPELINE)[3:]
    variables = {"REPORTS": str(place / "reports"), "SUBSCRIPTION": "x"}

    assert shell(scan["inputs"]["inlineScript"], place, **variables) == 1
    assert {path.name for path in (place / "reports").iterdir()} == {"acr.xml", "acr.html", "acr.json"}
    assert scan["env"].keys() == variables.keys()
    assert [each["condition"] for each in publishing] == ["succeededOrFailed()"] * 2
    assert publishing[0]["inputs"]["testResultsFiles"] == "acr.xml"


@pytest.mark.parametrize("version", ["1.31", "1.37"])
def test_the_cluster_knows_every_field(version: str) -> None:
    for manifest in commands.documents(CRONJOB):
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_pod_is_confined_and_has_the_identity() -> None:
    namespace, account, claim, cronjob = commands.documents(CRONJOB)
    job = cronjob["spec"]["jobTemplate"]["spec"]
    pod, labels = job["template"]["spec"], job["template"]["metadata"]["labels"]
    container = pod["containers"][0]

    assert labels == {"azure.workload.identity/use": "true"}
    assert "azure.workload.identity/client-id" in account["metadata"]["annotations"]
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    names = {
        each["metadata"].get("namespace", each["metadata"]["name"]) for each in (account, claim, cronjob)
    }
    assert names == {namespace["metadata"]["name"]}
    assert "system:serviceaccount:acr-scan:acr-scan" in CRONJOB.read_text("utf-8")
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
    assert container["resources"].keys() == {"requests", "limits"}
    assert job["backoffLimit"] == 0
    user = pod["securityContext"]["runAsUser"]
    assert f"\nUSER {user}:{user}\n" in DOCKERFILE.read_text("utf-8")
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
    assert {each["mountPath"] for each in container["volumeMounts"]} == {"/reports", "/tmp"}  # noqa: S108


def test_the_container_writes_to_its_volume(place: Path) -> None:
    (line,) = commands.of_containers(CRONJOB)
    words = [word.replace("/reports/", f"{place}/") for word in line]

    code = shell('acr-scan "$@"'.replace('"$@"', " ".join(words)), place)

    assert (code, written(place)) == (1, {"audit.db", "acr.html"})


def test_the_job_scans_and_fails_by_the_exit_code(place: Path) -> None:
    assert shell(f"acr-scan {' '.join(commands.of_bicep(JOB))}", place) == 1


KNOWN = {  # https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
    "acrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "repositoryReader": "b93aa761-3e63-49ed-ac28-beffa264f7ac",
}


def test_the_job_may_read_and_pull_and_no_more() -> None:
    trees = [commands.bicep(path) for path in (JOB, RIGHTS)]
    pairs = [
        tuple(map(commands.text_of, each.named_children[:2]))
        for tree in trees
        for each in commands.nodes(tree, "variable_declaration", "object_property")
    ]

    assert {pair for pair in pairs if len(pair) == 2 and pair[1].count("-") == 4} == set(KNOWN.items())
    assert [value for name, value in pairs if name in {"actions", "notActions", "dataActions"}] == [
        "['Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action']", "[]", "[]",
    ]  # fmt: skip
    assert RIGHTS.read_text("utf-8").count("= if (webhookEndpoints) {") == 2
    assert f"module rights '{RIGHTS.name}'" in JOB.read_text("utf-8")


def test_the_job_asks_for_its_own_identity() -> None:
    client = "11111111-2222-4333-8444-555555555555"
    asked: list[str] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(400)
            self.end_headers()
            self.wfile.write(b'{"statusCode": 400, "message": "no such identity"}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_")} | {
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{server.server_port}/token",
            "IDENTITY_HEADER": "x",
            "AZURE_CLIENT_ID": client,
            "PYTHONPATH": str(ROOT),
            "PATH": "",
        }
        command = [sys.executable, "-m", "scanner", *commands.of_bicep(JOB)]
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
        server.shutdown()

    assert "name: 'AZURE_CLIENT_ID'" in JOB.read_text("utf-8")
    assert done.returncode == 3
    assert [path for path in asked if f"client_id={client}" in path]


def test_the_image_is_pinned_not_root_and_whole() -> None:
    instructions = [
        line.split(maxsplit=1) for line in DOCKERFILE.read_text("utf-8").splitlines() if line[:1] > " "
    ]
    bases = [rest.split()[0] for word, rest in instructions if word == "FROM"]
    copied = {
        source
        for word, rest in instructions
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    sent = {
        line[1:]
        for line in Path(f"{DOCKERFILE}.dockerignore").read_text("utf-8").splitlines()
        if line[0] == "!"
    }

    run(BIN / "hadolint", DOCKERFILE)

    assert bases == ["python:3.13-slim-trixie"] * 2
    assert [rest for word, rest in instructions if word == "USER"] == ["65532:65532"]
    assert "ADD" not in {word for word, _ in instructions}
    assert copied == sent == {"LICENSE", "README.md", "policies", "pyproject.toml", "scanner"}
