"""What a live scan keeps: judged again it says the same, and nothing half written is ever left."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from estates import (
    CORE,
    DATA,
    HR,
    PLENTY,
    SHOP,
    Body,
    Outcome,
    pool,
    program,
    quick_clock,
    registry,
    requests,
    run,
    scan,
    subscriptions,
    task,
    world,
)
from fake_azure import FakeAzure, Fault, Faults, World

SELECT = [part for policy in CORE for part in ("--select", policy)]


def rows() -> list[Body]:
    one = registry("closed", SHOP, publicNetworkAccess="Disabled", networkRuleBypassOptions="None")
    east = registry("east", DATA, action="Deny", rules=["20.42.66.0/24"])
    assumed = registry("assumed", HR, "westeurope", publicNetworkAccess=None)
    tasks = [task(one, "build", agentPoolName="vnet"), task(east, "build"), task(assumed, "purge")]
    return [one, east, assumed, pool(one, "vnet"), *tasks]


def whole() -> World:
    return world(*rows())


def with_gaps() -> World:
    there = world(
        *rows(),
        subscriptions=subscriptions(SHOP, DATA, hidden=[HR]),
        refused_tables={"securityresources": "AccessDenied"},
    )
    there.deny("Microsoft.ContainerRegistry/registries/agentPools/read")
    return there


def unconfirmed() -> World:
    there = world(*rows())
    there.deny("Microsoft.ContainerRegistry/registries/read")
    return there


def without_tags() -> World:
    there = world(*rows())
    there.deny("Microsoft.Network/locations/serviceTags/read")
    return there


def replayed(path: Path) -> Outcome:
    return run("--snapshot", path, *SELECT)


@pytest.mark.parametrize("name", ["kept", "kept.zip"])
@pytest.mark.parametrize("there", [whole, with_gaps, unconfirmed, without_tags])
def test_the_snapshot_of_a_scan_says_what_the_scan_said(
    there: Callable[[], World], name: str, tmp_path: Path
) -> None:
    with FakeAzure(there(), quota=PLENTY) as azure:
        live = scan(azure, "--save-snapshot", tmp_path / name)
    again = replayed(tmp_path / name)

    assert live.json["results"]
    assert again.replayable == live.replayable
    assert again.code == live.code
    assert again.json["run"]["rows"] == live.json["run"]["rows"]
    assert again.json["run"]["complete"] == live.json["run"]["complete"]
    assert again.json["summary"] == live.json["summary"]


@pytest.mark.parametrize("seed", range(12))
def test_the_snapshot_of_a_scan_with_faults_says_what_the_scan_said(seed: int, tmp_path: Path) -> None:
    kinds = [Fault.FORBIDDEN, Fault.LOST_ROW, Fault.WRONG_TOTAL, Fault.ERROR_503, Fault.NOT_FOUND]
    faults = Faults(seed=seed, rate=0.3, kinds=kinds, permanent=kinds)
    with quick_clock(), FakeAzure(whole(), quota=PLENTY, faults=faults) as azure:
        live = scan(azure, "--save-snapshot", tmp_path / "kept")
    if not (tmp_path / "kept").exists():
        assert "nothing was scanned" in live.err
        return
    again = replayed(tmp_path / "kept")

    assert again.replayable == live.replayable
    assert again.json["summary"] == live.json["summary"]


def test_two_snapshots_of_the_same_estate_differ_in_their_time_alone(tmp_path: Path) -> None:
    with FakeAzure(whole(), quota=PLENTY) as azure:
        scan(azure, "--save-snapshot", tmp_path / "one")
        scan(azure, "--save-snapshot", tmp_path / "two")

    for name in ("resources.ndjson", "reads.ndjson", "service-tags.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("name", ["kept", "kept.zip"])
def test_what_is_no_snapshot_is_not_overwritten_and_azure_is_not_even_asked(
    name: str, tmp_path: Path
) -> None:
    kept = tmp_path / name
    if name.endswith(".zip"):
        kept.write_bytes(b"a thesis")
    else:
        kept.mkdir()
        (kept / "thesis.txt").write_text("years of work", "utf-8")
    with FakeAzure(whole(), quota=PLENTY) as azure:
        outcome = scan(azure, "--save-snapshot", kept)

    assert outcome.code == 2
    assert f"acr-scan: {kept}: " in outcome.err
    assert azure.requests == azure.token_requests == []
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_older_snapshot_is_replaced_whole(tmp_path: Path) -> None:
    with FakeAzure(whole(), quota=PLENTY) as azure:
        scan(azure, "--save-snapshot", tmp_path / "kept")
    with FakeAzure(world(registry("only")), quota=PLENTY) as azure:
        scan(azure, "--save-snapshot", tmp_path / "kept")

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert replayed(tmp_path / "kept").json["summary"]["registries"] == 1


def test_a_scan_that_could_not_begin_leaves_the_older_snapshot(tmp_path: Path) -> None:
    with FakeAzure(whole(), quota=PLENTY) as azure:
        before = scan(azure, "--save-snapshot", tmp_path / "kept")
        azure.world.refused_tables["resourcecontainers"] = "AccessDenied"
        azure.world.changed()
        failed = scan(azure, "--save-snapshot", tmp_path / "kept")

    assert failed.code == 3
    assert replayed(tmp_path / "kept").replayable == before.replayable


PHASES = [
    ("collecting", lambda request: request.is_graph and request.json["query"].startswith("resources ")),
    ("reading", lambda request: request.path.endswith("/tasks")),
]


@pytest.mark.parametrize(("phase", "slow"), PHASES)
def test_ctrl_c_ends_the_program_at_once_and_leaves_nothing_behind(
    phase: str, slow: Callable[..., bool], tmp_path: Path
) -> None:
    (tmp_path / "older.json").write_text("{}", "utf-8")
    faults = Faults(slow_seconds=20)
    faults.on(slow, Fault.SLOW, times=None)
    outputs: list[str | Path] = ["--json", tmp_path / "older.json", "--junit", tmp_path / "new.xml"]
    kept: list[str | Path] = ["--save-snapshot", tmp_path / "kept"]
    with (
        FakeAzure(whole(), quota=PLENTY, faults=faults) as azure,
        program(azure, *SELECT, *outputs, *kept, "--verbose") as process,
    ):
        deadline = time.monotonic() + 30
        while not azure.faults.log and time.monotonic() < deadline:
            time.sleep(0.02)
        assert azure.faults.log, phase
        time.sleep(0.2)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        took = time.monotonic() - pressed

    assert process.returncode == 130, err
    assert "interrupted; no file was left half written\n" in err
    assert "Traceback" not in err
    assert out == ""
    assert took < 5
    assert [path.name for path in tmp_path.iterdir()] == ["older.json"]
    assert (tmp_path / "older.json").read_text("utf-8") == "{}"


def test_ctrl_c_ends_a_wait_for_the_quota_too(tmp_path: Path) -> None:
    faults = Faults(retry_after=40)
    faults.on(lambda request: request.is_graph, Fault.THROTTLED, times=None)
    with (
        FakeAzure(whole(), quota=PLENTY, faults=faults) as azure,
        program(azure, *SELECT, "--save-snapshot", tmp_path / "kept") as process,
    ):
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)

    assert said == "waiting 40 s: Azure answered 429\n"
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_snapshot_is_written_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeAzure(whole(), quota=PLENTY) as azure:
        before = scan(azure, "--save-snapshot", tmp_path / "kept")

        def pressed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", pressed)
        outcome = scan(azure, "--save-snapshot", tmp_path / "kept")

    assert outcome.code == 130
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert replayed(tmp_path / "kept").replayable == before.replayable
    assert requests(azure)["serviceTags"] == 2
