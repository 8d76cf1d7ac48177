"""What a history says: its runs, the trend of a scope, and what moved between two runs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from scanner.errors import UsageError
from scanner.history.life import FindingState, FindingTimeline, OpenPeriod, changes_until, life
from scanner.history.record import digest, rfc3339
from scanner.history.store import Timeline, timeline
from scanner.history.tables import FINDINGS, POLICIES, RUNS, SCOPES
from scanner.result.movement import Moved, Movement, PastRun

STATE_WORDS: Mapping[FindingState, str] = {
    FindingState.PASS: "pass",
    FindingState.FAIL: "fail",
    FindingState.UNKNOWN: "unknown",
    FindingState.EXEMPT: "exempt",
    FindingState.NOT_APPLICABLE: "notApplicable",
    FindingState.GONE: "gone",
    FindingState.UNSEEN: "unseen",
}


def runs(connection: Connection, scope_words: str | None = None) -> list[PastRun]:
    """All runs in the order of their collection, or those of one scope (`Record.scope_words`)."""
    wanted = select(RUNS, SCOPES.c.words).join(SCOPES).order_by(RUNS.c.collected, RUNS.c.id)
    if scope_words is not None:
        wanted = wanted.where(SCOPES.c.digest == digest(scope_words))
    return [_run(row) for row in connection.execute(wanted).mappings()]


def _run(row: Mapping[Any, Any]) -> PastRun:
    return PastRun(
        number=row["id"],
        digest=row["digest"],
        collected=rfc3339(row["collected"]),
        evaluated=None if row["evaluated"] is None else rfc3339(row["evaluated"]),
        stored=rfc3339(row["stored"]),
        scope=json.loads(row["words"]),
        source=row["source"],
        tool_version=row["tool_version"],
        complete=row["complete"],
        exit_code=row["exit_code"],
        policies=row["policy_count"],
        policy_digest=row["policy_digest"],
        parameters=json.loads(row["parameters"]),
        tag_change_number=row["tag_change_number"],
        registries=row["registries"],
        passed=row["passed"],
        failed=row["failed"],
        unknown=row["unknown"],
        exempt=row["exempt"],
        not_applicable=row["not_applicable"],
        gating_fails=row["gating_fails"],
        gating_unknowns=row["gating_unknowns"],
    )


def scope_of(stored: Sequence[PastRun], number: int | None) -> list[PastRun]:
    """The runs of one scope: that of a run, or of the newest one; UsageError where there is none."""
    if not stored:
        raise UsageError("the history holds no run yet", help="scan with --history to begin it")
    run = _numbered(stored, number) if number is not None else stored[-1]
    return [each for each in stored if each.scope == run.scope]


def _numbered(stored: Sequence[PastRun], number: int) -> PastRun:
    for run in stored:
        if run.number == number:
            return run
    raise UsageError(f"there is no run {number}", help="acr-scan history list shows all runs")


def two_runs(
    stored: Sequence[PastRun], first: int | None, second: int | None
) -> tuple[PastRun | None, PastRun]:
    """The runs to compare, the earlier one first: the two newest, a run and the newest, or two runs."""
    scope = scope_of(stored, first)
    if first is None:
        return (scope[-2] if len(scope) > 1 else None), scope[-1]
    after = scope[-1] if second is None else _numbered(stored, second)
    if after not in scope:
        help_ = "compare runs of one scope; acr-scan history list shows them"
        raise UsageError(f"runs {first} and {second} are of different scopes", help=help_)
    pair = sorted([_numbered(scope, first), after], key=scope.index)
    return pair[0], pair[1]


def movement(connection: Connection, before: PastRun | None, after: PastRun) -> Movement:
    """What moved after one run of a scope up to another."""
    scope = connection.execute(select(RUNS.c.scope).where(RUNS.c.id == after.number)).scalar_one()
    past = timeline(connection, scope)
    span = (-1 if before is None else past.position(before.number), past.position(after.number))
    groups: dict[str, list[Moved]] = {name: [] for name in ("new", "reopened", "fixed", "still_open")}
    took: list[float] = []
    for finding in _findings(connection, scope):
        lived = life(changes_until(past.changes.get(finding["id"], ()), span[1]), span[1])
        took += _fixes(lived, past, span)
        name = _group(lived, span[0])
        if name is not None:
            groups[name].append(_moved(finding, lived, past, span[1]))
    mean = sum(took) / len(took) if took else None
    return Movement(before, after, **groups, mean_seconds_to_fix=mean)


def _findings(connection: Connection, scope: int) -> Iterator[Mapping[Any, Any]]:
    """Findings with their policies' words, in the order of reports."""
    columns = (FINDINGS.c.id, FINDINGS.c.fingerprint, FINDINGS.c.policy, FINDINGS.c.resource)
    words = (POLICIES.c.name, POLICIES.c.severity)
    joined = FINDINGS.join(
        POLICIES, (POLICIES.c.scope == FINDINGS.c.scope) & (POLICIES.c.id == FINDINGS.c.policy), isouter=True
    )
    rows = connection.execute(select(*columns, *words).select_from(joined).where(FINDINGS.c.scope == scope))
    yield from sorted(rows.mappings(), key=lambda row: (row["policy"], row["resource"].lower()))


def _group(lived: FindingTimeline, start: int) -> str | None:
    """What became of a finding after the run at position `start`; None where nothing did."""
    if not lived.episodes:
        return None
    latest = lived.episodes[-1]
    if latest.fixed is not None:
        return "fixed" if latest.fixed > start else None
    if latest.opened <= start:
        return "still_open"
    return "new" if len(lived.episodes) == 1 else "reopened"


def _fixes(lived: FindingTimeline, past: Timeline, span: tuple[int, int]) -> Iterator[float]:
    """How many seconds each fix in between took."""
    for each in lived.episodes:
        if each.fixed is not None and each.fixed > span[0]:
            yield _seconds(each, past, span[1])


def _seconds(episode: OpenPeriod, past: Timeline, last: int) -> float:
    end = last if episode.fixed is None else episode.fixed
    return (past.runs[end][1] - past.runs[episode.opened][1]).total_seconds()


def _moved(finding: Mapping[Any, Any], lived: FindingTimeline, past: Timeline, last: int) -> Moved:
    latest = lived.episodes[-1]
    return Moved(
        policy=finding["policy"],
        name=finding["name"] or "",
        severity=finding["severity"] or "",
        resource=finding["resource"],
        fingerprint=finding["fingerprint"],
        state=STATE_WORDS[lived.state],
        first_seen=rfc3339(past.runs[lived.episodes[0].opened][1]),
        opened=rfc3339(past.runs[latest.opened][1]),
        fixed=None if latest.fixed is None else rfc3339(past.runs[latest.fixed][1]),
        seconds=int(_seconds(latest, past, last)),
    )
