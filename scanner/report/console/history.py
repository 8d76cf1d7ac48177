"""A history on a terminal and as JSON: its runs, a trend, and what moved between two runs."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scanner.policy.model import Severity
from scanner.report.console.layout import Layout
from scanner.result.movement import Moved, Movement, PastRun
from scanner.text.printable import printable, printable_json

FORMAT = 1
_BAR = 30
"""Cells of the longest bar."""
_COUNTS = (("failed", "bold red"), ("unknown", "bold yellow"), ("exempt", "cyan"), ("passed", "green"))
_RANKS = {severity.value: -severity.rank for severity in Severity}
_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def listing(runs: Sequence[PastRun], *, width: int, color: bool) -> str:
    """A table of runs, the newest one last."""
    page = Layout(width, color)
    if not runs:
        page.line(("no run yet", "dim"))
        return page.text()
    table = _table("RUN", "COLLECTED", "SCOPE", "", *(name.upper() for name, _ in _COUNTS), "EXIT")
    for run in runs:
        state = Text("" if run.complete else "incomplete", "yellow")
        scope = Text(printable(scope_words(run.scope)))
        table.add_row(
            Text(str(run.number)), Text(run.collected), scope, state, *_counts(run), Text(str(run.exit_code))
        )
    page.block(table)
    return page.text()


def trend(runs: Sequence[PastRun], past: Movement, *, width: int, color: bool) -> str:
    """The runs of one scope with a bar of what failed, and how long it takes to fix."""
    page = Layout(width, color)
    page.line((printable(scope_words(runs[-1].scope)), "bold"))
    page.blank()
    table = _table("RUN", "COLLECTED", *(name.upper() for name, _ in _COUNTS), "")
    most = max(run.failed for run in runs) or 1
    for run in runs:
        bar = Text("█" * -(-run.failed * _BAR // most), "red")
        bar.append("" if run.complete else " incomplete", "yellow")
        table.add_row(Text(str(run.number)), Text(run.collected), *_counts(run), bar)
    page.block(table)
    page.blank()
    still = len(past.new) + len(past.reopened)
    back = f" ({len(past.reopened)} of them reopened)" if past.reopened else ""
    page.line((f"open {still}{back}, fixed {len(past.fixed)}; {_mean(past)}", ""))
    return page.text()


def diff(moved: Movement, *, width: int, color: bool) -> str:
    """What moved: the gravest first in each group."""
    page = Layout(width, color)
    page.line((printable(scope_words(moved.after.scope)), "bold"))
    before = "nothing" if moved.before is None else _run(moved.before)
    page.line((f"from {before} to {_run(moved.after)}", "dim"))
    for what in moved.changed:
        page.line(
            (f"{what} changed in between; verdicts may differ for that alone", ""), lead=("! ", "yellow")
        )
    if not moved.after.complete:
        said = "the later run is incomplete: what it did not see counts neither as fixed nor as new"
        page.line((said, ""), lead=("! ", "yellow"))
    groups = (
        ("New", "bold red", moved.new),
        ("Reopened", "bold red", moved.reopened),
        ("Fixed", "bold green", moved.fixed),
        ("Still open", "yellow", moved.still_open),
    )
    for title, style, found in groups:
        if found:
            page.heading(f"{title} ({len(found)})")
            page.block(_moved(found, style))
    page.blank()
    counts = ", ".join(f"{len(found)} {title.lower()}" for title, _, found in groups)
    page.line((f"{counts}; {_mean(moved)}", ""))
    return page.text()


def _moved(found: Sequence[Moved], style: str) -> Table:
    table = _table("POLICY", "SEVERITY", "RESOURCE", "SINCE", "FOR", "")
    for each in sorted(found, key=lambda moved: _RANKS.get(moved.severity, 0)):
        table.add_row(
            Text(printable(f"{each.policy} {each.name}")),
            Text(printable(each.severity)),
            Text(printable(short(each.resource))),
            Text(each.opened[:10]),
            Text(duration(each.seconds), style),
            Text("" if each.state == "fail" else printable(each.state), "dim"),
        )
    return table


def listing_json(runs: Sequence[PastRun]) -> str:
    """The runs for machines."""
    return _json({"runs": [_run_json(run) for run in runs]})


def trend_json(runs: Sequence[PastRun], past: Movement) -> str:
    """The trend for machines: a point a run, and how long fixing took on average."""
    points = [
        {
            "run": run.number,
            "collected": run.collected,
            "complete": run.complete,
            "passed": run.passed,
            "failed": run.failed,
            "unknown": run.unknown,
            "exempt": run.exempt,
        }
        for run in runs
    ]
    facts = {
        "open": len(past.new) + len(past.reopened),
        "fixed": len(past.fixed),
        "reopened": len(past.reopened),
        "meanSecondsToFix": past.mean_seconds_to_fix,
    }
    return _json({"scope": runs[-1].scope, "points": points, **facts})


def diff_json(moved: Movement) -> str:
    """What moved, for machines; `from` is null where there is no earlier run."""
    return _json(
        {
            "from": None if moved.before is None else _run_json(moved.before),
            "to": _run_json(moved.after),
            "changed": list(moved.changed),
            "new": [_moved_json(each) for each in moved.new],
            "reopened": [_moved_json(each) for each in moved.reopened],
            "fixed": [_moved_json(each) for each in moved.fixed],
            "stillOpen": [_moved_json(each) for each in moved.still_open],
            "meanSecondsToFix": moved.mean_seconds_to_fix,
        }
    )


def scope_words(scope: Mapping[str, Any]) -> str:
    """A scope in one line: `subscription 11111111…; select tasks`."""
    return "; ".join(_part(name, scope[name]) for name in _WORDS if name in scope and scope[name] != "Public")


def _part(name: str, value: Any) -> str:
    match value:
        case True:
            return _WORDS[name]
        case list():
            said = [_GUID.sub(r"\1…", str(each)) for each in value]
            more = f" and {len(said) - _MOST} more" if len(said) > _MOST else ""
            return f"{_WORDS[name]} {', '.join(said[:_MOST]) or 'none'}{more}"
        case _:
            return f"{_WORDS[name]} {value}"


def duration(seconds: float) -> str:
    """A length of time in the largest unit that it holds twice, rounded down: `13 d`, `47 h`, `90 s`."""
    for unit, length in _UNITS:
        if seconds >= 2 * length or unit == "s":
            return f"{int(seconds // length)} {unit}"
    raise AssertionError("seconds are the last unit")


def short(resource_id: str) -> str:
    """A registry's name and what is below it; of another resource the id from its group on."""
    found = _REGISTRY.search(resource_id) or _GROUP.search(resource_id)
    return found[1] if found else resource_id


_REGISTRY = re.compile(r"/providers/Microsoft\.ContainerRegistry/registries/(.+)", re.IGNORECASE | re.DOTALL)
_GROUP = re.compile(r"/resourceGroups/(.+)", re.IGNORECASE | re.DOTALL)
_GUID = re.compile(r"^([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
_MOST = 3
"""How many members of a scope are named."""
_WORDS = {
    "managementGroup": "management group",
    "allSubscriptions": "all subscriptions",
    "subscriptions": "subscriptions",
    "cloud": "cloud",
    "resourceGroups": "resource groups",
    "registries": "registries",
    "select": "select",
    "exclude": "exclude",
    "noBuiltin": "no builtin policies",
}


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        numeric = column in {"RUN", "EXIT", *(name.upper() for name, _ in _COUNTS)}
        table.add_column(
            column,
            justify="right" if numeric else "left",
            no_wrap=numeric or column in {"COLLECTED", "SINCE", "FOR", "SEVERITY"},
            overflow="fold",
        )
    return table


def _counts(run: PastRun) -> Sequence[Text]:
    counts = [(getattr(run, name), style) for name, style in _COUNTS]
    return [Text(str(count), style) if count else Text("·", "dim") for count, style in counts]


def _run(run: PastRun) -> str:
    return f"run {run.number} of {run.collected}"


def _mean(moved: Movement) -> str:
    mean = moved.mean_seconds_to_fix
    return "nothing was fixed" if mean is None else f"mean time to fix {duration(mean)}"


def _run_json(run: PastRun) -> dict[str, Any]:
    return {
        "run": run.number,
        "collected": run.collected,
        "evaluated": run.evaluated,
        "stored": run.stored,
        "scope": run.scope,
        "source": run.source,
        "tool": run.tool_version,
        "complete": run.complete,
        "exitCode": run.exit_code,
        "policies": {"count": run.policies, "digest": run.policy_digest, "parameters": run.parameters},
        "serviceTags": run.tag_change_number,
        "registries": run.registries,
        "passed": run.passed,
        "failed": run.failed,
        "unknown": run.unknown,
        "exempt": run.exempt,
        "notApplicable": run.not_applicable,
        "gating": {"fail": run.gating_fails, "unknown": run.gating_unknowns},
    }


def _moved_json(moved: Moved) -> dict[str, Any]:
    return {
        "policy": moved.policy,
        "name": moved.name,
        "severity": moved.severity,
        "resource": moved.resource,
        "fingerprint": moved.fingerprint,
        "state": moved.state,
        "firstSeen": moved.first_seen,
        "opened": moved.opened,
        "fixed": moved.fixed,
        "seconds": moved.seconds,
    }


def _json(document: Mapping[str, Any]) -> str:
    text = json.dumps({"format": FORMAT, **document}, ensure_ascii=False)
    return f"{msgspec.json.format(printable_json(text), indent=1)}\n"
