"""Faults: no row is lost or doubled, no verdict is wrong, and whoever cannot vouch says why."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from estates import (
    DATA,
    HR,
    PLENTY,
    REPLICA_SETTLED,
    SHOP,
    WEBHOOK_SETTLED,
    Clock,
    Outcome,
    policies,
    pool,
    quick_clock,
    registry,
    replication,
    requests,
    rows_of,
    scan,
    task,
    webhook,
    world,
)
from fake_azure import PASSING, FakeAzure, Fault, Faults, Tokens, World

from scanner.app.scan import policy_selection, run
from scanner.sources.azure import arm, resource_graph

pytestmark = pytest.mark.slow

SEEDS = 200
ALL = tuple(sorted(set(Fault) - {Fault.NOT_FOUND}))


def small_world() -> World:
    """Forty rows, with verdicts of all kinds, some of which hinge on ARM reads of all kinds."""
    system = {"type": "SystemAssigned", "principalId": "5a"}
    passes = {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"bypass.azurecr.io": {"identity": "[system]"}},
    }
    disabled = {"publicNetworkAccess": "Disabled"}
    bypass = registry("bypass", SHOP, networkRuleBypassAllowedForTasks=True, **disabled)
    pooled = registry("pooled", DATA, **disabled)
    rules = registry("rules", HR, action="Deny", rules=["20.42.66.0/23", "40.71.10.216/29"])
    shut = registry("shut", HR, networkRuleBypassOptions="None", **disabled)
    still = [registry(f"open{number}", (SHOP, DATA, HR)[number % 3]) for number in range(6)]
    rows = [bypass, pooled, rules, shut, *still]
    rows += [task(bypass, "patch", identity=system, credentials=passes), task(bypass, "plain")]
    rows += [task(pooled, "pooled", agentPoolName="nowhere"), pool(pooled, "shared")]
    rows += [task(rules, "build"), *(task(one, "build") for one in still)]
    rows += [webhook(one, "hook") for one in still]
    rows += [replication(one, place) for one in still for place in ("eastus", "westeurope")]
    rows += [registry("assumed", SHOP, publicNetworkAccess=None)]
    return world(*rows)


@pytest.fixture(autouse=True)
def pages_of_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_graph, "PAGE", 8)


@pytest.fixture(autouse=True)
def pack_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "open_pack", cache(policy_selection.open_pack))


@pytest.fixture
def clock() -> Iterator[Clock]:
    with quick_clock() as quick:
        yield quick


def scanned(azure: FakeAzure, folder: Path) -> tuple[Outcome, Counter[tuple[str, str, str | None]]]:
    own = policies(folder.parent / "own", REPLICA_SETTLED, WEBHOOK_SETTLED)
    outcome = scan(azure, "--fail-on", "never", "--save-snapshot", folder, "--policies", own)
    rows = Counter(rows_of(folder)) if folder.exists() else Counter()
    return outcome, rows


def evidence(outcome: Outcome) -> Mapping[tuple[str, str], Any]:
    """The results by policy and id."""
    return {(one["policy"], one["resource"]["id"].lower()): one for one in outcome.json["results"]}


def test_two_hundred_schedules_of_faults_lose_no_row_and_turn_no_verdict(
    clock: Clock, tmp_path: Path, record_property: Any
) -> None:
    there = small_world()
    ends: Counter[str] = Counter()
    befell: Counter[Fault] = Counter()
    with FakeAzure(there, quota=PLENTY) as azure:
        calm, rows = scanned(azure, tmp_path / "calm")
        assert calm.code == 0
        assert sorted(set(calm.verdicts.values())) == ["fail", "notApplicable", "pass"]
        for seed in range(SEEDS):
            kinds = ALL if seed % 2 else tuple(sorted(PASSING))
            azure.faults = Faults(seed=seed, rate=0.3, kinds=kinds, slow_seconds=0.005)
            began = clock.now()
            outcome, kept = scanned(azure, tmp_path / str(seed))
            ends[_checked(calm, outcome, rows, kept, seed)] += 1
            befell.update(fault for _, fault in azure.faults.log)
            assert clock.now() - began < 4 * arm.BUDGET, seed

    record_property("ends", dict(ends))
    print(dict(ends), sum(befell.values()), "faults")
    assert set(befell) == set(ALL)
    assert ends["complete"] >= SEEDS / 2
    assert ends["exit 3"] > 0


def _checked(
    calm: Outcome,
    outcome: Outcome,
    rows: Counter[tuple[str, str, str | None]],
    kept: Counter[tuple[str, str, str | None]],
    seed: int,
) -> str:
    """How a run ended, once nothing is wrong with it."""
    assert max(kept.values(), default=0) <= 1, seed
    assert Counter(row for row in kept if row[1] == "resourceGraph") <= rows, seed
    assert {row[0] for row in kept} <= {row[0] for row in rows}, seed
    wrong = {
        key: (verdict, calm.verdicts[key])
        for key, verdict in outcome.verdicts.items()
        if verdict not in {calm.verdicts[key], "unknown"}
    }
    assert wrong == {}, seed
    if outcome.code == 0:
        assert outcome.json["run"]["complete"] is True, seed
        assert outcome.verdicts == calm.verdicts, seed
        assert {one[0] for one in kept} == {one[0] for one in rows}, seed
        return "complete"
    assert outcome.code == 3, (seed, outcome.err)
    assert outcome.json["run"]["complete"] is False, seed
    assert any(one["reason"] for one in outcome.notices()), seed
    return "exit 3"


@pytest.mark.parametrize("fault", sorted(PASSING - {Fault.SLOW}))
def test_a_fault_that_passes_leaves_no_trace(fault: Fault, clock: Clock, tmp_path: Path) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        calm, rows = scanned(azure, tmp_path / "calm")
        azure.faults = Faults(seed=1, rate=0.6, kinds=(fault,))
        outcome, kept = scanned(azure, tmp_path / "troubled")

    assert azure.faults.log
    assert (outcome.code, outcome.replayable) == (0, calm.replayable)
    assert kept == rows
    assert len(clock.waits) <= 2 * len(azure.faults.log)


def lasting(azure: FakeAzure, fault: Fault, what: str) -> None:
    """From now on every request about a table of Resource Graph, or of a list, goes wrong."""
    azure.faults = Faults()

    def met(request: Any) -> bool:
        if request.is_graph:
            return bool(request.json["query"].startswith(f"{what} "))
        return bool(request.path.lower().endswith(f"/{what.lower()}"))

    azure.faults.on(met, fault, times=None)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.THROTTLED, "Azure could not be read: Azure answered 429; gave up after 8 tries in"),
        (Fault.THROTTLED_BARE, "Azure could not be read: Azure answered 429; gave up after"),
        (Fault.ERROR_500, "Azure could not be read: Azure answered 500; gave up after"),
        (Fault.ERROR_503, "Azure could not be read: Azure answered 503; gave up after"),
        (Fault.RESET, "Azure could not be read: the connection to Azure broke; gave up after"),
        (Fault.TRUNCATED, "Azure could not be read: the connection to Azure broke; gave up after"),
        (Fault.HTML, "Azure could not be read: Azure answered something that is no JSON; gave up after"),
        (Fault.WRONG_COUNT, "Resource Graph told of 9 rows in a page and sent 8, 3 times"),
        (Fault.WRONG_TOTAL, "40 of the 41 rows of the query of resources are here"),
        (Fault.LOST_ROW, "35 of the 40 rows of the query of resources are here"),
        (Fault.EXPIRED_TOKEN, "Azure refuses the token: ExpiredAuthenticationToken: The access token expiry"),
        (Fault.FORBIDDEN, "Resource Graph refused the query: AccessDenied: Access is denied"),
    ],
)
def test_a_fault_that_lasts_is_told_with_its_reason(
    fault: Fault, reason: str, clock: Clock, tmp_path: Path
) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        calm, _ = scanned(azure, tmp_path / "calm")
        lasting(azure, fault, "resources")
        outcome, _ = scanned(azure, tmp_path / "troubled")

    assert outcome.code == 3
    assert any(one["reason"].startswith(reason) for one in outcome.notices("unseen")), outcome.notices()
    assert set(outcome.verdicts.items()) <= {
        *calm.verdicts.items(),
        *((key, "unknown") for key in calm.verdicts),
    }
    assert sum(seconds for seconds, _ in clock.waits) <= arm.BUDGET
    assert 'name="inventory"' in outcome.junit
    assert "<error" in outcome.junit


def test_a_row_that_comes_twice_is_taken_once(clock: Clock, tmp_path: Path) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        calm, rows = scanned(azure, tmp_path / "calm")
        lasting(azure, Fault.DOUBLED_ROW, "resources")
        outcome, kept = scanned(azure, tmp_path / "troubled")

    assert (outcome.code, kept) == (0, rows)
    assert outcome.json["run"]["rows"] == calm.json["run"]["rows"]
    assert clock.waits == []


def test_a_token_that_is_repeated_on_every_page_is_got_around(clock: Clock, tmp_path: Path) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        calm, rows = scanned(azure, tmp_path / "calm")
        azure.requests.clear()
        lasting(azure, Fault.REPEATED_TOKEN, "resources")
        outcome, kept = scanned(azure, tmp_path / "troubled")

    assert (outcome.code, outcome.replayable, kept) == (0, calm.replayable, rows)
    assert (
        requests(azure)["graph resources"] == 2 + 2 + 1
    )  # two pages, two behind their last id, and the last
    assert clock.waits == []


def test_a_row_that_was_left_out_once_is_found_by_going_over_the_table_again(
    clock: Clock, tmp_path: Path
) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        _, rows = scanned(azure, tmp_path / "calm")
        few = requests(azure)["graph resources"]
        azure.requests.clear()
        azure.faults = Faults()
        azure.faults.on(_second_page, Fault.LOST_ROW)
        outcome, kept = scanned(azure, tmp_path / "troubled")

    assert (outcome.code, kept) == (0, rows)
    assert requests(azure)["graph resources"] == 2 * few
    assert clock.waits == []


def _second_page(request: Any) -> bool:
    return bool(request.is_graph and request.json["query"].startswith("resources ") and request.skip_token)


def test_an_answer_of_more_than_16_mb_is_asked_for_in_smaller_pages_behind_the_last_id(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_graph, "PAGE", 16)
    there = small_world()
    for body in there.resources:
        if body["name"] == "rules":  # behind the first page
            body["properties"]["note"] = "x" * 60_000
    with FakeAzure(there, quota=PLENTY) as azure:
        _, rows = scanned(azure, tmp_path / "calm")
    there.changed()
    with FakeAzure(there, quota=PLENTY, most_bytes=63_000) as azure:
        outcome, kept = scanned(azure, tmp_path / "narrow")

    bodies = [one.request.json for one in azure.requests if one.request.is_graph]
    sizes = [body["options"]["$top"] for body in bodies if body["query"].startswith("resources ")]
    assert [one.status for one in azure.requests if one.request.is_graph].count(400) >= 1
    assert sizes[0] == 16
    assert sizes[-1] < 16
    assert any("strcmp(tolower(id)" in body["query"] for body in bodies)
    assert (outcome.code, kept) == (0, rows)
    assert clock.waits == []


def test_a_token_that_expires_during_the_scan_is_renewed() -> None:
    with FakeAzure(small_world(), quota=PLENTY, tokens=Tokens(requests=3)) as azure:
        outcome = scan(azure, "--arm-reads", "never", "--fail-on", "never")

    assert [one.status for one in azure.requests] == [200, 200, 200, 401, 200, 200, 200]
    assert len(azure.token_requests) == 2
    assert (outcome.code, outcome.json["run"]["complete"]) == (0, True)


def test_azure_that_goes_down_costs_a_few_budgets_and_not_one_for_each_read(clock: Clock) -> None:
    closed = [registry(f"r{number:02}", SHOP, publicNetworkAccess="Disabled") for number in range(40)]
    there = world(*closed, *(task(one, "build") for one in closed))
    with FakeAzure(there, quota=PLENTY) as azure:
        azure.faults.on(lambda request: request.path.endswith("/tasks"), Fault.ERROR_503, times=None)
        outcome = scan(azure, "--select", "ACR201")

    reasons = {one["reason"].partition(";")[0] for one in outcome.notices("unseen")}
    assert outcome.code == 3
    assert reasons == {
        "ARM: Azure could not be read: Azure answered 503",
        "ARM: Azure was not asked any more: 16 requests had failed",
    }
    tried = requests(azure)
    assert tried["tasks"] <= 100  # of 320, had each of them its own budget
    assert len(clock.waits) <= 100


def test_a_service_that_never_answers_a_table_does_not_hide_the_others(clock: Clock, tmp_path: Path) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        calm, _ = scanned(azure, tmp_path / "calm")
        lasting(azure, Fault.ERROR_500, "securityresources")
        outcome, _ = scanned(azure, tmp_path / "troubled")

    assert outcome.code == 3
    assert [one["where"] for one in outcome.notices("unseen")] == ["microsoft.security/pricings"]
    changed = {key for key, verdict in outcome.verdicts.items() if verdict != calm.verdicts[key]}
    assert {(policy, key.rpartition("/")[2]) for policy, key in changed} == {("ACR301", "shut")}
    assert clock.waits


def test_an_incomplete_run_says_so_in_its_snapshot(clock: Clock, tmp_path: Path) -> None:
    there = small_world()
    with FakeAzure(there, quota=PLENTY) as azure:
        lasting(azure, Fault.LOST_ROW, "resources")
        scanned(azure, tmp_path / "kept")

    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_text("utf-8"))
    assert "35 of the 40 rows of the query of resources are here" in {
        one["reason"] for one in manifest["unseen"]
    }
    assert clock.waits == []
