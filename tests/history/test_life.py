"""New, fixed, reopened and mean time to fix: by example, and against a model that keeps every verdict."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from history_reports import FIRST, SCOPE, finding, policy, record, unsure, vanished
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, StaticPool, create_engine, select

from scanner.history.read import movement, runs
from scanner.history.store import store
from scanner.history.tables import FINDINGS, METADATA, RUNS, VERDICTS
from scanner.result.movement import Movement

DAY = 86400
MEMORY = create_engine("sqlite://", poolclass=StaticPool)


@pytest.fixture(scope="module", autouse=True)
def _tables() -> Iterator[None]:
    METADATA.create_all(MEMORY)
    yield
    MEMORY.dispose()


@contextmanager
def memory() -> Iterator[Connection]:
    """An empty history, forgotten afterwards."""
    with MEMORY.connect() as connection:
        assert connection.execute(select(RUNS)).all() == []
        yield connection
        connection.rollback()


def names(moved: Movement) -> dict[str, list[str]]:
    """The registries in each group that is not empty."""
    groups = {
        "new": moved.new,
        "reopened": moved.reopened,
        "fixed": moved.fixed,
        "still open": moved.still_open,
    }
    return {
        name: [each.resource.rsplit("/", 1)[-1] for each in group] for name, group in groups.items() if group
    }


def after(*letters: str, **changes: Any) -> Movement:
    """What moved between the last run and the one before it; a word of letters is a day's run."""
    with memory() as connection:
        for day, found in enumerate(letters):
            store(connection, record(day, found, **changes), vanished)
        listed = runs(connection)
        return movement(connection, listed[-2] if len(listed) > 1 else None, listed[-1])


def test_what_a_first_run_finds_is_new() -> None:
    moved = after("fpuen")

    assert names(moved) == {"new": ["r0"]}
    assert moved.before is None
    assert moved.mean_seconds_to_fix is None


@pytest.mark.parametrize("letter", ["p", "n", "."])
def test_a_pass_no_longer_applying_and_a_resource_that_is_gone_fix_a_finding(letter: str) -> None:
    moved = after("fp", "fp", f"{letter}p")

    assert names(moved) == {"fixed": ["r0"]}
    assert moved.mean_seconds_to_fix == 2 * DAY
    [fixed] = moved.fixed
    assert (fixed.opened, fixed.fixed) == ("2026-11-01T06:00:00Z", "2026-11-03T06:00:00Z")
    assert fixed.seconds == 2 * DAY


@pytest.mark.parametrize(("letter", "state"), [("u", "unknown"), ("e", "exempt"), ("f", "fail")])
def test_an_unknown_or_exempt_finding_stays_open_as_what_it_is(letter: str, state: str) -> None:
    moved = after("f", "f", letter)

    assert names(moved) == {"still open": ["r0"]}
    assert [(each.state, each.seconds) for each in moved.still_open] == [(state, 2 * DAY)]


def test_what_fails_again_after_a_fix_is_reopened_and_its_clock_starts_again() -> None:
    moved = after("f", "p", "u", "f")

    assert names(moved) == {"reopened": ["r0"]}
    assert [(each.first_seen, each.opened) for each in moved.reopened] == [
        ("2026-11-01T06:00:00Z", "2026-11-04T06:00:00Z")
    ]


def test_what_an_incomplete_run_did_not_see_is_not_fixed() -> None:
    with memory() as connection:
        store(connection, record(0, "ff"), vanished)
        store(connection, record(1, "p", complete=False), unsure)
        moved = movement(connection, runs(connection)[0], runs(connection)[1])

    assert names(moved) == {"fixed": ["r0"], "still open": ["r1"]}
    assert moved.still_open[0].state == "unseen"


def test_a_policy_that_was_left_out_fixes_nothing() -> None:
    other = policy("ACR902")
    with memory() as connection:
        store(connection, record(0, [finding("a", "f"), finding("a", "f", other)]), vanished)
        store(connection, record(1, [finding("b", "p", other)]), vanished)
        moved = movement(connection, *runs(connection))

    assert [(each.policy, each.state) for each in moved.fixed] == [("ACR902", "gone")]
    assert [(each.policy, each.state) for each in moved.still_open] == [("ACR901", "unseen")]


def test_another_scope_fixes_nothing_and_begins_anew() -> None:
    other = {"cloud": "Public", "subscriptions": ["22222222-2222-4222-8222-222222222222"]}
    with memory() as connection:
        store(connection, record(0, "ff"), vanished)
        store(connection, record(1, "pf", words=other), vanished)
        store(connection, record(2, "ff"), vanished)
        first, second, third = runs(connection)

        assert names(movement(connection, first, third)) == {"still open": ["r0", "r1"]}
        assert names(movement(connection, None, second)) == {"new": ["r1"]}


def test_a_policy_digest_that_changed_is_said() -> None:
    with memory() as connection:
        store(connection, record(0, "f"), vanished)
        store(
            connection,
            record(1, "f", policy_digest="sha256:11", parameters={"ACR104": {"widest": 8}}),
            vanished,
        )

        assert movement(connection, *runs(connection)).changed == ["policies", "parameters"]


def test_a_run_is_stored_once() -> None:
    with memory() as connection:
        assert store(connection, record(0, "fp"), vanished) == (1, True)
        assert store(connection, record(1, "fp"), vanished) == (2, True)
        before = everything(connection)
        assert store(connection, record(0, "fp"), vanished) == (1, False)

        assert everything(connection) == before


def test_what_did_not_change_takes_no_room() -> None:
    with memory() as connection:
        for day in range(5):
            store(connection, record(day, "fpun"), vanished)
        store(connection, record(5, "fpup"), vanished)

        assert connection.execute(
            select(VERDICTS.c.run, VERDICTS.c.verdict).where(VERDICTS.c.run > 1)
        ).all() == [(6, "p")]


def test_a_run_that_comes_late_takes_over_the_change_of_the_run_after_it() -> None:
    with memory() as connection:
        for day, found in ((0, "p"), (2, "f"), (1, "f")):
            store(connection, record(day, found), vanished)

        rows = connection.execute(select(VERDICTS.c.run, VERDICTS.c.verdict).order_by(VERDICTS.c.run)).all()
        assert rows == [(1, "p"), (3, "f")]


def test_two_scopes_that_find_the_same_are_two_runs() -> None:
    with memory() as connection:
        assert store(connection, record(0, "f"), vanished) == (1, True)
        assert store(connection, record(0, "f", words={**SCOPE, "select": ["tasks"]}), vanished) == (2, True)


def test_a_policy_is_called_what_it_was_called_last() -> None:
    with memory() as connection:
        store(connection, record(0, findings_of("old-name")), vanished)
        store(connection, record(1, findings_of("new-name")), vanished)

        assert [each.name for each in movement(connection, *runs(connection)).still_open] == ["new-name"]


def findings_of(name: str) -> list[Any]:
    return [finding("a", "f", policy(name=name))]


def everything(connection: Connection) -> list[Any]:
    return [
        connection.execute(select(table).order_by(*table.primary_key)).all()
        for table in METADATA.sorted_tables
    ]


@dataclass
class Model:
    """A history that forgets nothing: a letter for each run and registry, `g` for gone, `-` for unseen."""

    days: list[int] = field(default_factory=list)
    told: dict[int, dict[str, str]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def add(self, day: int, letters: str, *, complete: bool) -> None:
        judged = {f"r{number}": letter for number, letter in enumerate(letters) if letter != "."}
        absent = dict.fromkeys(self.known - judged.keys(), "g" if complete else "-")
        self.told[day] = {**absent, **judged}
        self.known |= judged.keys()
        self.days = sorted(self.told)

    def episodes(self, name: str, last: int) -> list[list[int | None]]:
        """[opened, fixed] days of a registry, up to a day."""
        found: list[list[int | None]] = []
        for day in (each for each in self.days if each <= last):
            letter = self.told[day].get(name, "-")
            is_open = bool(found) and found[-1][1] is None
            if letter == "f" and not is_open:
                found.append([day, None])
            elif letter in "png" and is_open:
                found[-1][1] = day
        return found

    def groups(self, first: int, last: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.known):
            lived = self.episodes(name, last)
            if not lived:
                continue
            opened, fixed = lived[-1]
            assert opened is not None
            if fixed is not None:
                if fixed > first:
                    found.setdefault("fixed", []).append(name)
            elif opened <= first:
                found.setdefault("still open", []).append(name)
            else:
                found.setdefault("new" if len(lived) == 1 else "reopened", []).append(name)
        return found

    def mean(self, first: int, last: int) -> float | None:
        took = [
            (fixed - opened) * DAY
            for name in self.known
            for opened, fixed in self.episodes(name, last)
            if opened is not None and fixed is not None and fixed > first
        ]
        return sum(took) / len(took) if took else None

    def dates(self, name: str) -> tuple[Any, ...]:
        """First seen, last seen, opened, fixed (days) and how often it came back."""
        lived = self.episodes(name, self.days[-1])
        if not lived:
            return None, None, None, None, 0
        failed = [day for day in self.days if self.told[day].get(name) == "f"]
        return failed[0], failed[-1], lived[-1][0], lived[-1][1], len(lived) - 1


RUNS_IN_ANY_ORDER = st.lists(
    st.tuples(st.integers(0, 12), st.text("pfuen.", min_size=3, max_size=3), st.booleans()),
    min_size=1,
    max_size=8,
    unique_by=lambda run: run[0],
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(RUNS_IN_ANY_ORDER)
def test_a_history_says_what_a_model_says_that_keeps_every_verdict(
    sequence: list[tuple[int, str, bool]],
) -> None:
    model = Model()
    with memory() as connection:
        for day, letters, complete in sequence:
            model.add(day, letters, complete=complete)
            store(connection, record(day, letters, complete=complete), vanished if complete else unsure)

            assert dates(connection) == {name: model.dates(name) for name in model.known}
        listed = runs(connection)
        for start, before in enumerate([None, *listed]):
            for place, run in enumerate(listed[max(start - 1, 0) :], max(start - 1, 0)):
                span = -1 if before is None else model.days[start - 1], model.days[place]
                moved = movement(connection, before, run)

                assert names(moved) == model.groups(*span)
                assert moved.mean_seconds_to_fix == model.mean(*span)


@settings(max_examples=50, deadline=None)
@given(RUNS_IN_ANY_ORDER)
def test_the_verdict_of_every_run_can_be_had_again(sequence: list[tuple[int, str, bool]]) -> None:
    model = Model()
    with memory() as connection:
        for day, letters, complete in sequence:
            model.add(day, letters, complete=complete)
            store(connection, record(day, letters, complete=complete), vanished if complete else unsure)
        rows = connection.execute(
            select(RUNS.c.collected, FINDINGS.c.resource, VERDICTS.c.verdict)
            .join(VERDICTS, VERDICTS.c.run == RUNS.c.id)
            .join(FINDINGS, VERDICTS.c.finding == FINDINGS.c.id)
            .order_by(RUNS.c.collected)
        ).all()

    for name in model.known:
        changes = {day_of(when): verdict for when, where, verdict in rows if where.endswith(f"/{name}")}
        state = "-"
        for day in model.days:
            state = changes.get(day, state)
            assert state == model.told[day].get(name, "-")


def day_of(when: Any) -> int:
    return int((when - FIRST) / timedelta(days=1))


def dates(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """The columns of each registry, times as days."""
    columns = (FINDINGS.c.first_seen, FINDINGS.c.last_seen, FINDINGS.c.opened, FINDINGS.c.fixed)
    rows = connection.execute(select(FINDINGS.c.resource, *columns, FINDINGS.c.reopened))
    return {
        where.rsplit("/", 1)[-1]: (*(None if when is None else day_of(when) for when in times), back)
        for where, *times, back in rows
    }
