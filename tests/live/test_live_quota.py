"""Quotas: a scan slows down before it is told to, and waits as long as it is asked to."""

from collections.abc import Iterator, Mapping

import pytest
from estates import (
    DATA,
    HR,
    PLENTY,
    SHOP,
    Clock,
    estate,
    quick_clock,
    registry,
    requests,
    scan,
    subject,
    task,
    world,
)
from fake_azure import FakeAzure, Fault, Faults, Quota, World, damage
from fake_azure.messages import THROTTLED, graph_error

from scanner.app.options import Listener, ScanOptions
from scanner.app.scan import run
from scanner.sources.azure import resource_graph
from scanner.sources.azure.throttle import Throttle, clock_seconds

Waits = list[tuple[float, str]]


@pytest.fixture
def clock() -> Iterator[Clock]:
    with quick_clock() as quick:
        yield quick


@pytest.fixture
def pages_of_40(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_graph, "PAGE", 40)


def statuses(azure: FakeAzure) -> set[int | None]:
    return {one.status for one in azure.requests}


def allowed(graph_requests: int, quota: Quota) -> float:
    """The seconds that the quota alone makes so many requests take."""
    return (graph_requests - 1) // quota.limit * quota.window


def graph_seconds(azure: FakeAzure) -> float:
    """From the first answer of Resource Graph to the last."""
    arrivals = [one.seconds for one in azure.requests if one.request.is_graph]
    return arrivals[-1] - arrivals[0]


@pytest.mark.slow
@pytest.mark.usefixtures("pages_of_40")
def test_fifteen_requests_in_five_seconds_are_kept_and_used_up() -> None:
    there, ratios = world(*estate(3, 600, 0, tasks=1)), list[float]()
    while len(ratios) < 3 and min(ratios, default=2) > 1.15:  # another program may have taken the processor
        quota = Quota(15, 5.0)
        with FakeAzure(there, quota=quota) as azure:
            outcome = scan(azure, "--select", "ACR201", "--select", "ACR301")
        made = sum(number for name, number in requests(azure).items() if name.startswith("graph "))
        ratios.append(graph_seconds(azure) / allowed(made, quota))
        assert made == 1 + 30 + 1  # 1,200 rows in pages of 40, between subscriptions and Defender plans
        assert statuses(azure) == {200}
        assert "s: the service's quota\n" in outcome.err
        assert outcome.json["run"]["complete"] is True

    assert min(ratios) <= 1.15


@pytest.mark.usefixtures("pages_of_40")
@pytest.mark.parametrize("resources", [1200, 1800])
def test_windows_of_any_number_are_kept_and_used_up(clock: Clock, resources: int) -> None:
    quota = Quota(15, 5.0, clock=clock.now)
    with FakeAzure(world(*estate(3, resources // 2, 0, tasks=1)), quota=quota) as azure:
        outcome = scan(azure, "--select", "ACR201", "--select", "ACR301")

    made = sum(number for name, number in requests(azure).items() if name.startswith("graph "))
    assert made == 1 + resources // 40 + 1
    assert statuses(azure) == {200}
    assert sum(seconds for seconds, _ in clock.waits) <= 1.15 * allowed(made, quota)
    assert outcome.json["run"]["complete"] is True


@pytest.mark.usefixtures("pages_of_40")
def test_a_quota_that_another_program_uses_up_too_costs_a_wait_and_no_row(clock: Clock) -> None:
    quota = Quota(15, 5.0, clock=clock.now)
    for _ in range(12):
        quota.take()
    with FakeAzure(world(*estate(3, 300, 0, tasks=1)), quota=quota) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert statuses(azure) == {200}
    assert outcome.json["run"]["complete"] is True
    assert outcome.json["run"]["rows"]["read"] == 603


def test_a_quota_that_is_used_up_already_costs_one_refusal(clock: Clock) -> None:
    quota = Quota(15, 5.0, clock=clock.now)
    for _ in range(15):
        quota.take()
    with FakeAzure(world(registry("one")), quota=quota) as azure:
        outcome = scan(azure, "--select", "ACR901")

    assert [one.status for one in azure.requests][:2] == [429, 200]
    assert clock.waits[0] == (5.0, "Azure answered 429")
    assert outcome.code == 0


def test_retry_after_is_heeded_to_the_second(clock: Clock) -> None:
    faults = Faults(retry_after=7)
    faults.on(2, Fault.THROTTLED)
    with FakeAzure(world(registry("one")), quota=PLENTY, faults=faults) as azure:
        outcome = scan(azure, "--select", "ACR901")

    assert clock.waits[0] == (7.0, "Azure answered 429")
    assert "waiting 7 s: Azure answered 429\n" in outcome.err
    assert outcome.code == 0


def test_a_refusal_without_headers_is_waited_out_by_chance_and_longer_each_time(clock: Clock) -> None:
    faults = Faults()
    faults.on(lambda request: request.is_graph, Fault.THROTTLED_BARE, times=6)
    with FakeAzure(world(registry("one")), quota=PLENTY, faults=faults) as azure:
        outcome = scan(azure, "--select", "ACR901")

    waits = [seconds for seconds, _ in clock.waits]
    assert len(waits) == 6
    assert all(0.1 <= wait <= 0.5 * 2**attempt for attempt, wait in enumerate(waits, 1))
    assert outcome.code == 0


def test_the_body_code_of_throttling_is_known_whatever_the_status(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttled = graph_error(403, "RateLimiting", THROTTLED, Retry_After="3").answer
    monkeypatch.setattr(damage, "_throttled", lambda *_: throttled)
    faults = Faults()
    faults.on(2, Fault.THROTTLED)
    with FakeAzure(world(registry("one")), quota=PLENTY, faults=faults) as azure:
        outcome = scan(azure, "--select", "ACR901")

    assert statuses(azure) == {200, 403}
    assert clock.waits == [(3.0, "Azure answered RateLimiting")]
    assert outcome.code == 0


def test_a_wait_beyond_the_budget_is_not_begun(clock: Clock) -> None:
    faults = Faults(retry_after=4000)
    faults.on(2, Fault.THROTTLED)
    with FakeAzure(world(registry("one")), quota=PLENTY, faults=faults) as azure:
        outcome = scan(azure, "--select", "ACR901")

    assert clock.waits == []
    assert outcome.code == 3
    reason = "Azure could not be read: Azure answered 429 and asks to wait 4000 s; gave up after 1 try in 0 s"
    assert reason in {one["reason"] for one in outcome.notices()}


def tasks_world() -> World:
    closed = [
        registry(f"r{number}", (SHOP, DATA, HR)[number % 3], publicNetworkAccess="Disabled")
        for number in range(60)
    ]
    return world(*closed, *(task(one, "build") for one in closed))


def test_arm_has_a_quota_of_its_own_that_is_heeded(clock: Clock) -> None:
    arm_quota = Quota(10, 4.0, clock=clock.now)
    with FakeAzure(tasks_world(), quota=PLENTY, arm_quota=arm_quota) as azure:
        outcome = scan(azure, "--select", "ACR201")

    answered = [one.status for one in azure.requests if subject(one.request) == "tasks"]
    assert answered.count(200) == 60
    assert 429 in answered
    assert outcome.json["run"]["complete"] is True
    assert set(outcome.verdicts.values()) == {"fail"}


def test_resource_graphs_quota_holds_no_read_of_arm(clock: Clock) -> None:
    quota = Quota(3, 50.0, clock=clock.now)
    with FakeAzure(tasks_world(), quota=quota) as azure:
        outcome = scan(azure, "--select", "ACR201")

    assert clock.waits == []
    assert outcome.json["run"]["complete"] is True


class Told:
    """Keeps what progress tells."""

    def __init__(self) -> None:
        self.waits: Waits = []
        self.pages: list[tuple[str, int, int, int]] = []

    def rows(self, table: str, pages: int, rows: int, total: int) -> None:
        self.pages.append((table, pages, rows, total))

    def reads(self, done: int, total: int) -> None:
        """Nothing."""

    def waiting(self, seconds: float, why: str) -> None:
        self.waits.append((seconds, why))


@pytest.mark.usefixtures("pages_of_40")
def test_progress_is_told_of_pages_and_of_waits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    quota = Quota(2, 5.0, clock=clock.now)
    with FakeAzure(world(*estate(3, 30, 0, tasks=1)), quota=quota) as azure:
        for name, value in azure.environment.items():
            monkeypatch.setenv(name, value)
        asked = ScanOptions(
            subscription=[SHOP, DATA, HR], arm_endpoint=azure.endpoint, auth="managed", select=["ACR201"]
        )
        run.run(asked, Listener(told))

    assert told.pages == [("resourcecontainers", 1, 3, 3), ("resources", 1, 40, 60), ("resources", 2, 60, 60)]
    assert [(round(seconds), why) for seconds, why in told.waits] == [(5, "the service's quota")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:00:05", 5.0), ("00:01:30", 90.0), ("7", 7.0), ("2.5", 2.5), ("", 0.0), ("soon", 0.0), ("-3", 0.0)],
)
def test_seconds_are_read_from_headers(text: str, seconds: float) -> None:
    assert clock_seconds(text) == seconds


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ms-user-quota-remaining": "0"},
        {"x-ms-user-quota-remaining": "many", "x-ms-user-quota-resets-after": "00:00:05"},
        {"x-ms-user-quota-remaining": "3", "x-ms-user-quota-resets-after": "00:00:05"},
    ],
)
def test_answers_that_leave_requests_over_hold_nothing(clock: Clock, headers: Mapping[str, str]) -> None:
    pace = Throttle()

    pace.observe(headers)
    pace.wait(paced=True)

    assert clock.waits == []


def test_the_earliest_end_of_a_window_is_taken_since_headers_are_rounded_up(clock: Clock) -> None:
    pace = Throttle()

    pace.observe({"x-ms-user-quota-remaining": "1", "x-ms-user-quota-resets-after": "00:00:03"})
    pace.observe({"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:05"})
    pace.wait(paced=True)

    assert sum(seconds for seconds, _ in clock.waits) == pytest.approx(3, abs=0.1)


def test_a_new_window_is_known_by_more_requests_left_though_the_old_one_seemed_to_last(clock: Clock) -> None:
    pace = Throttle()

    pace.observe({"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:01"})
    pace.observe({"x-ms-user-quota-remaining": "15", "x-ms-user-quota-resets-after": "00:00:05"})
    pace.observe({"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:05"})
    pace.wait(paced=True)

    assert sum(seconds for seconds, _ in clock.waits) == pytest.approx(5, abs=0.1)


def test_nobody_sleeps_on_when_the_scan_is_stopped() -> None:
    pace = Throttle()
    pace.stop()

    with pytest.raises(KeyboardInterrupt):
        pace.sleep(60, "a test")
