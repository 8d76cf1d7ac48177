"""Storing a run: its verdicts where they changed, and each finding's dates, whatever order runs come in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from scanner.history.life import Change, FindingState, FindingTimeline, life
from scanner.history.record import Record, digest, storable
from scanner.history.tables import FINDINGS, POLICIES, RUNS, SCOPES, VERDICTS

Gone = Callable[[str], bool]
"""Whether a resource, by its lower-cased id, is proven to be there no more."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The runs of a scope in order (ids and times), and each finding's changes."""

    runs: Sequence[tuple[int, datetime]]
    changes: Mapping[int, Sequence[Change]]

    @property
    def last(self) -> int:
        """The position of the newest run."""
        return len(self.runs) - 1

    def position(self, run: int) -> int:
        """The place of a run, from 0."""
        return [number for number, _ in self.runs].index(run)


def timeline(connection: Connection, scope: int) -> Timeline:
    """All that happened in a scope."""
    listed = select(RUNS.c.id, RUNS.c.collected).where(RUNS.c.scope == scope)
    runs = [(run, when) for run, when in connection.execute(listed.order_by(RUNS.c.collected, RUNS.c.id))]
    places = {run: position for position, (run, _) in enumerate(runs)}
    changes: defaultdict[int, list[Change]] = defaultdict(list)
    rows = select(VERDICTS.c.run, VERDICTS.c.finding, VERDICTS.c.verdict).join(RUNS)
    for run, finding, verdict in connection.execute(rows.where(RUNS.c.scope == scope)):
        changes[finding].append((places[run], _STATES[verdict]))
    for each in changes.values():
        each.sort(key=_place)
    return Timeline(runs, changes)


def store(connection: Connection, record: Record, gone: Gone) -> tuple[int, bool]:
    """The number of a run, and whether it is new; the connection's is the only writer."""
    known = connection.execute(select(RUNS.c.id).where(RUNS.c.digest == record.digest)).scalar()
    if known is not None:
        return known, False
    scope = _scope(connection, record)
    number = _next(connection, RUNS)
    connection.execute(RUNS.insert(), {"id": number, "scope": scope, **record.row})
    _name_policies(connection, scope, record)
    states = _states(connection, scope, record, gone)
    past = timeline(connection, scope)
    _add(connection, past, past.position(number), states)
    _date(connection, scope, timeline(connection, scope))
    return number, True


def _scope(connection: Connection, record: Record) -> int:
    words = record.scope_words
    wanted = select(SCOPES.c.id).where(SCOPES.c.digest == digest(words))
    known: int | None = connection.execute(wanted).scalar()
    if known is not None:
        return known
    number = _next(connection, SCOPES)
    connection.execute(SCOPES.insert(), {"id": number, "digest": digest(words), "words": words})
    return number


def _next(connection: Connection, table: Table) -> int:
    """The next id of a table; there is no other writer who could take it."""
    newest: int | None = connection.execute(select(func.max(table.c.id))).scalar()
    return (newest or 0) + 1


def _name_policies(connection: Connection, scope: int, record: Record) -> None:
    mine = POLICIES.c.scope == scope
    rows = connection.execute(select(POLICIES.c.id, POLICIES.c.name, POLICIES.c.severity).where(mine))
    known = {identifier: (name, severity) for identifier, name, severity in rows}
    words = {
        identifier: each for identifier, each in record.policies.items() if known.get(identifier) != each
    }
    if words:
        connection.execute(POLICIES.delete().where(mine, POLICIES.c.id.in_(list(words))))
        connection.execute(
            POLICIES.insert(),
            [
                {"scope": scope, "id": identifier, "name": name, "severity": severity}
                for identifier, (name, severity) in words.items()
            ],
        )


def _states(connection: Connection, scope: int, record: Record, gone: Gone) -> Mapping[int, FindingState]:
    """What the run says of each finding of its scope, by id; those seen for the first time are added."""
    judged, policies = record.judged, record.policies
    columns = (FINDINGS.c.id, FINDINGS.c.fingerprint, FINDINGS.c.policy, FINDINGS.c.resource)
    states: dict[int, FindingState] = {}
    known: set[str] = set()
    missing: dict[str, FindingState] = {}
    for number, fingerprint, policy, resource in connection.execute(
        select(*columns).where(FINDINGS.c.scope == scope)
    ):
        known.add(fingerprint)
        if fingerprint in judged:
            states[number] = judged[fingerprint][1]
        else:
            key = resource.lower()
            if key not in missing:
                missing[key] = FindingState.GONE if gone(key) else FindingState.UNSEEN
            states[number] = missing[key] if policy in policies else FindingState.UNSEEN
    fresh = [each for fingerprint, each in judged.items() if fingerprint not in known]
    first = _next(connection, FINDINGS)
    rows = [
        {
            "id": number,
            "scope": scope,
            "fingerprint": finding.fingerprint,
            "policy": storable(finding.policy.id),
            "resource": storable(finding.resource.id),
        }
        for number, (finding, _) in enumerate(fresh, first)
    ]
    if rows:
        connection.execute(FINDINGS.insert(), rows)
    return states | {number: state for number, (_, state) in enumerate(fresh, first)}


def _add(connection: Connection, past: Timeline, position: int, states: Mapping[int, FindingState]) -> None:
    """Writes the run's changes, and those of the run after it, where there is one already."""
    run = past.runs[position][0]
    after = past.runs[position + 1][0] if position < past.last else None
    rows, dropped = [], []
    for finding, state in states.items():
        changes = past.changes.get(finding, ())
        before = next((each for place, each in reversed(changes) if place < position), FindingState.UNSEEN)
        if state is not before:
            rows.append({"run": run, "finding": finding, "verdict": state.value})
        if after is not None:
            told = next((each for place, each in changes if place == position + 1), None)
            then = told or before
            if then is state and told is not None:
                dropped.append(finding)
            elif then is not state and told is None:
                rows.append({"run": after, "finding": finding, "verdict": then.value})
    if rows:
        connection.execute(VERDICTS.insert(), rows)
    if dropped:
        one = VERDICTS.delete().where(VERDICTS.c.run == after, VERDICTS.c.finding == bindparam("which"))
        connection.execute(one, [{"which": finding} for finding in dropped])


def _date(connection: Connection, scope: int, whole: Timeline) -> None:
    """Brings the findings' dates up to date; those that moved as all open ones did, in one statement."""
    columns = (FINDINGS.c.first_seen, FINDINGS.c.last_seen, FINDINGS.c.opened, FINDINGS.c.fixed)
    rows = connection.execute(
        select(FINDINGS.c.id, *columns, FINDINGS.c.reopened).where(FINDINGS.c.scope == scope)
    )
    times = [when for _, when in whole.runs]
    moved: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, *then in rows:
        now = _dates(life(whole.changes.get(number, ()), whole.last), times)
        if tuple(then) != now:
            moved[now].append(number)
    names = [*(column.name for column in columns), "reopened"]
    for now, numbers in moved.items():
        values = dict(zip(names, now, strict=True))
        for part in _parts(numbers):
            connection.execute(update(FINDINGS).where(part).values(values))


_MOST = 500
"""How many ids one statement names: SQLite before 3.32 takes 999 parameters."""


def _parts(numbers: Sequence[int]) -> Iterable[ColumnElement[bool]]:
    for start in range(0, len(numbers), _MOST):
        yield FINDINGS.c.id.in_(numbers[start : start + _MOST])


def _dates(lived: FindingTimeline, times: Sequence[datetime]) -> tuple[Any, ...]:
    """First seen, last seen, opened and fixed as times, and how often it came back."""
    if not lived.episodes or lived.last_seen is None:
        return None, None, None, None, 0
    latest = lived.episodes[-1]
    fixed = None if latest.fixed is None else times[latest.fixed]
    first = times[lived.episodes[0].opened]
    return first, times[lived.last_seen], times[latest.opened], fixed, len(lived.episodes) - 1


def _place(change: Change) -> int:
    return change[0]


_STATES = {state.value: state for state in FindingState}
