"""The recipes that run in a container: the job, the cron job and their image."""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import kubernetes_validate
import pytest
import recipe_commands as commands
from recipe_runner import BIN, RECIPES, ROOT, run, runner, shell, written

pytestmark = pytest.mark.slow

CRONJOB = RECIPES / "kubernetes-cronjob.yaml"
JOB, RIGHTS = RECIPES / "container-apps-job.bicep", RECIPES / "container-apps-job.rights.bicep"
DOCKERFILE = RECIPES / "Dockerfile"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return runner(tmp_path)


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

    code = shell(f"acr-scan {' '.join(words)}", place)

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


@pytest.mark.parametrize("way", [(), ("--auth", "managed")])
def test_the_job_asks_for_its_own_identity(way: tuple[str, ...]) -> None:
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
        command = [sys.executable, "-m", "scanner", *commands.of_bicep(JOB), *way]
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
        server.shutdown()

    assert "name: 'AZURE_CLIENT_ID'" in JOB.read_text("utf-8")
    assert done.returncode == 3
    assert [path for path in asked if f"client_id={client}" in path]


def test_the_image_is_pinned_not_root_and_whole() -> None:
    instructions = [
        line.split(maxsplit=1) for line in DOCKERFILE.read_text("utf-8").splitlines() if line[:1].isupper()
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
