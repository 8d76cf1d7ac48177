"""No token, header value or password of a whole run is in anything that it leaves or prints."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from estates import (
    PLENTY,
    ROOT,
    SHOP,
    WEBHOOK_HTTPS,
    Body,
    policies,
    quick_clock,
    registry,
    scan,
    task,
    webhook,
    world,
)
from fake_azure import FakeAzure, Fault, Faults, World

from scanner.app.scan import live_collection

ACTION = "Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action"
ADDRESS = "https://deploy:Hunter2Hunter2@hooks.contoso.example/api?code=CodeOfTheFunction&x=1"
WORDS = ["Hunter2Hunter2", "CodeOfTheFunction", "HeaderValueOfTheHook", "TaskPassword0", "BuildArgument0"]


def estate_with_secrets() -> World:
    one = registry("closed", SHOP, publicNetworkAccess="Disabled", networkRuleBypassAllowedForTasks=True)
    password = {"type": "Opaque", "value": "TaskPassword0"}
    credentials = {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"other.azurecr.io": {"userName": password, "password": password}},
    }
    step = {"type": "EncodedTask", "values": [{"name": "key", "value": "BuildArgument0", "isSecret": True}]}
    build = task(one, "build", identity={"type": "SystemAssigned"}, credentials=credentials, step=step)
    hook = webhook(one, "deploy")
    headers = {"Authorization": "Bearer HeaderValueOfTheHook", "X-Key": "HeaderValueOfTheHook2"}
    callbacks: dict[str, Body] = {hook["id"]: {"serviceUri": ADDRESS, "customHeaders": headers}}
    there = world(one, build, hook, callbacks=callbacks)
    there.grant(ACTION)
    return there


def options(folder: Path) -> list[str | Path]:
    own = policies(folder / "own", WEBHOOK_HTTPS)
    return ["--webhook-endpoints", "--verbose", "--policies", own, "--save-snapshot", folder / "kept"]


def left_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file's name and text, those in zips too."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name).decode()
        elif path.is_file():
            yield path.name, path.read_text("utf-8")


def found(azure: FakeAzure, text: str) -> set[str]:
    """What of the stand-in's secrets stands in a text; the user's name in an address counts as well."""
    secrets = {*azure.secrets, azure.token, *WORDS, "deploy:"}
    return {secret for secret in secrets if len(secret) > 1 and secret in text}


def test_no_secret_is_in_the_files_and_the_words_of_a_run(tmp_path: Path) -> None:
    with FakeAzure(estate_with_secrets(), quota=PLENTY) as azure:
        outcome = scan(azure, *options(tmp_path))
        zipped = scan(azure, *options(tmp_path / "z")[:-1], tmp_path / "kept.zip")

    assert outcome.code == zipped.code == 1  # the task's path is shut
    assert len(azure.calls("getCallbackConfig")) == 2
    assert {word for word in WORDS if word in "".join(azure.secrets) + ADDRESS} == set(WORDS)
    texts = [
        ("stdout", outcome.out),
        ("stderr", outcome.err),
        ("junit", outcome.junit),
        ("json", str(outcome.json)),
    ]
    names = set()
    for name, text in [*texts, *left_in(tmp_path)]:
        names.add(name)
        assert found(azure, text) == set(), name
    assert {"resources.ndjson", "reads.ndjson", "manifest.json", "kept.zip/resources.ndjson"} <= names


def test_of_an_address_scheme_host_and_two_facts_are_kept(tmp_path: Path) -> None:
    with FakeAzure(estate_with_secrets(), quota=PLENTY) as azure:
        scan(azure, *options(tmp_path))

    kept = (tmp_path / "kept" / "resources.ndjson").read_text("utf-8")
    assert '"serviceScheme":"https","serviceHost":"hooks.contoso.example"' in kept
    assert '"serviceHasUserInfo":true,"serviceHasQuery":true' in kept
    assert '"customHeaderNames":["Authorization","X-Key"]' in kept
    assert "serviceUri" not in kept
    assert '"customHeaders"' not in kept


def test_list_details_is_never_called(tmp_path: Path) -> None:
    there = estate_with_secrets()
    there.grant("*")
    with FakeAzure(there, quota=PLENTY) as azure:
        scan(azure, *options(tmp_path))

    assert azure.calls("listDetails") == []
    posts = {one.path.rpartition("/")[2] for one in azure.requests if one.method != "GET"}
    assert posts == {"resources", "getCallbackConfig"}


@pytest.mark.parametrize(
    "fault", [Fault.EXPIRED_TOKEN, Fault.FORBIDDEN, Fault.HTML, Fault.TRUNCATED, Fault.RESET, Fault.ERROR_500]
)
def test_no_secret_is_in_what_is_said_of_a_fault(fault: Fault, tmp_path: Path) -> None:
    faults = Faults()
    faults.on(lambda request: "getCallbackConfig" in request.path, fault, times=3)
    faults.on(lambda request: request.is_graph, fault, times=1)
    with quick_clock(), FakeAzure(estate_with_secrets(), quota=PLENTY, faults=faults) as azure:
        outcome = scan(azure, *options(tmp_path))

    assert azure.faults.log
    for name, text in [("stderr", outcome.err), ("json", str(outcome.json)), *left_in(tmp_path)]:
        assert found(azure, text) == set(), name


def test_a_bug_is_told_without_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug, for this test")

    with FakeAzure(estate_with_secrets(), quota=PLENTY) as azure:
        monkeypatch.setattr(live_collection, "tags_of", broken)
        outcome = scan(azure, *options(tmp_path))

    assert outcome.code == 4
    assert "Traceback" in outcome.err
    assert "a bug, for this test" in outcome.err
    assert found(azure, outcome.err + outcome.out) == set()


def test_a_bug_in_the_midst_of_a_request_is_told_without_a_token(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from scanner.sources.azure import arm\n"
        "def broken(*_): raise RuntimeError('a bug, for this test')\n"
        "arm._reply = broken\n"
        "from scanner.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    with FakeAzure(estate_with_secrets(), quota=PLENTY) as azure:
        way = ["-s", SHOP, "--arm-endpoint", azure.endpoint, "--auth", "managed", *options(tmp_path)]
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, way)],
            cwd=ROOT,
            env=azure.child_environment(PYTHONPATH=os.pathsep.join([str(ROOT)])),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert done.returncode == 4
    assert "Traceback" in done.stderr
    assert found(azure, done.stderr + done.stdout) == set()
