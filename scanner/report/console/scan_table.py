"""The report on a terminal: a summary, then what failed or could not be told, registry by registry."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scanner.policy.model import Policy
from scanner.report.console.finding_text import REGISTRY, SEVERITIES, WORDS, Details, place
from scanner.report.console.layout import Layout, Span
from scanner.report.evidence import doubts, why_not_gating
from scanner.result.finding import Finding, Verdict
from scanner.result.finding_table import FindingTable
from scanner.result.report import Notice, Report
from scanner.text.printable import printable

MOST = 10
"""How many leaves of a way and commands of a remedy are shown; all if verbose."""
MOST_NOTICES = 20

_RESULTS = {0: ("OK", "bold green"), 1: ("FAILED", "bold red"), 3: ("NOT VOUCHED FOR", "bold yellow")}


def render(report: Report, *, width: int, color: bool, verbose: bool = False) -> str:
    """The report for a reader; long lists are cut unless `verbose`."""
    return "".join(pieces(report, width=width, color=color, verbose=verbose))


def pieces(report: Report, *, width: int, color: bool, verbose: bool = False) -> Iterator[str]:
    """The same text, a registry at a time."""
    page = Layout(width, color)
    details = Details(page, None if verbose else MOST)
    _summary(page, report)
    _policies(page, report)
    _notices(page, report.notices, None if verbose else MOST_NOTICES)
    for title, identifier, findings in _groups(report.findings):
        page.heading(title)
        if identifier:
            page.whole(identifier, "dim", indent=3)
        for finding in findings:
            page.blank()
            details.add(finding)
        yield page.text()
    _exempt(page, [finding for _, finding in report.findings.with_verdicts({Verdict.EXEMPT})])
    page.blank()
    _result(page, report)
    yield page.text()


def _summary(page: Layout, report: Report) -> None:
    run, rows, tags = report.run, report.run.rows, report.run.service_tags
    state = ("complete", "green") if run.complete else ("INCOMPLETE", "bold yellow")
    collected = f", {run.source}" + (f" of {run.collected}" if run.collected else "")
    sources = ["none"] if tags is None else [tags.cloud, f"change {tags.change_number or 'unknown'}"]
    if tags is not None:
        sources += [f"published {tags.published}"] if tags.published else []
        sources += [f"from {tags.source}"]
    counts = f"{rows.read} read = {rows.judged} judged + {rows.context} context + {rows.unusable} unusable"
    policies = _several(len(run.policies), "policy", "policies")
    scanned = f"{_several(report.registries, 'registry', 'registries')} with {policies}"
    facts: list[tuple[str, Sequence[Span]]] = [
        ("Scanned", [(scanned, "bold")]),
        ("Verdicts", list(_counted(report.verdicts)) or [("none", "dim")]),
        ("Gating", list(_counted(report.gating)) or [("nothing", "green")]),
        ("Inventory", [state, (printable(collected), "")]),
        ("Service tags", [(printable(", ".join(sources)), "")]),
        ("Rows", [(counts, "")]),
    ]
    for name, spans in facts:
        page.line(*spans, lead=(f"{name:<14}", "dim"))


def _counted(counts: Counter[Verdict]) -> Iterator[Span]:
    """Counts in words, the worst verdict first."""
    separator = ""
    for verdict, (word, style) in WORDS.items():
        if counts[verdict]:
            yield separator, ""
            yield f"{counts[verdict]} {word}", style
            separator = ", "


def _policies(page: Layout, report: Report) -> None:
    """A row for each policy of which something did not pass."""
    shown = [tally for tally in report.tallies.values() if tally.verdicts.keys() - _QUIET]
    if not shown:
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column("Policy", overflow="fold")
    table.add_column("Severity", no_wrap=True)
    for verdict in _COLUMNS:
        table.add_column(WORDS[verdict][0], justify="right", no_wrap=True)
    for tally in sorted(shown, key=lambda tally: _rank(tally.policy)):
        policy = tally.policy
        severity = Text(policy.severity.value, SEVERITIES[policy.severity])
        table.add_row(Text(printable(f"{policy.id} {policy.name}")), severity, *_cells(tally.verdicts))
    page.blank()
    page.block(table)


_QUIET = {Verdict.PASS, Verdict.NOT_APPLICABLE}
_COLUMNS = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT, Verdict.PASS)


def _cells(counts: Counter[Verdict]) -> Iterator[Text]:
    for verdict in _COLUMNS:
        count = counts[verdict]
        yield Text(str(count), WORDS[verdict][1]) if count else Text("·", "dim")


def _notices(page: Layout, notices: Sequence[Notice], most: int | None) -> None:
    if notices:
        page.heading(f"Notices ({len(notices)})")
    for notice in notices[:most]:
        said = ": ".join(part for part in (notice.where, notice.reason) if part)
        page.line((printable(notice.kind), "yellow"), (printable(f"  {said}"), ""), lead=("! ", "yellow"))
        if notice.help:
            page.line((printable(notice.help), ""), indent=4, lead=("help: ", "dim"))
    if most is not None and len(notices) > most:
        page.line((f"… and {len(notices) - most} more; --verbose shows all", "dim"), indent=2)


def _groups(findings: FindingTable) -> Iterator[tuple[str, str, Sequence[Finding]]]:
    """Title, id and findings of each registry, then those of its neighbours; the most severe finding first.

    A registry is given as soon as no finding of it can follow: what lies below it comes right after it.
    """
    outside: list[Finding] = []
    waiting: dict[str, tuple[re.Match[str], list[Finding]]] = {}
    for finding in findings.by_resource(_OPEN):
        yield from _ended(waiting, finding.resource.key)
        found = REGISTRY.match(finding.resource.id)
        if found is None:
            outside.append(finding)
        else:
            waiting.setdefault(found[0].lower(), (found, []))[1].append(finding)
    yield from _ended(waiting, None)
    if outside:
        yield "Outside of registries", "", _ranked(outside)


_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


def _ended(
    waiting: dict[str, tuple[re.Match[str], list[Finding]]], reached: str | None
) -> Iterator[tuple[str, str, Sequence[Finding]]]:
    """The registries in order, and out of the waiting ones, below which no key from `reached` on can lie."""
    for key in sorted(waiting):
        if reached is not None and reached < f"{key}0":  # what follows the slash
            return
        found, findings = waiting.pop(key)
        yield printable(found[1]), printable(found[0]), _ranked(findings)


def _ranked(findings: Sequence[Finding]) -> Sequence[Finding]:
    return sorted(findings, key=lambda finding: (_rank(finding.policy), finding.resource.key))


def _rank(policy: Policy) -> tuple[int, str]:
    return -policy.severity.rank, policy.id


def _exempt(page: Layout, findings: Sequence[Finding]) -> None:
    if findings:
        page.heading(f"Exempt ({len(findings)})")
    for finding in findings:
        policy = f"{finding.policy.id} {finding.policy.name}  {place(finding.resource.id)}"
        page.line(
            (printable(policy), ""), (f"  {why_not_gating(finding)}", "dim"), lead=("EXEMPT   ", "cyan")
        )


def _result(page: Layout, report: Report) -> None:
    """The last line: what the exit code is, and why."""
    word, style = _RESULTS[report.exit_code]
    fails, unknowns = report.gating[Verdict.FAIL], report.gating[Verdict.UNKNOWN]
    reasons = [_several(fails, "gating finding", "gating findings")] if fails else []
    reasons += [_several(unknowns, "gating unknown", "gating unknowns")] if unknowns else []
    said = ", ".join([*reasons, *doubts(report)]) or _clean(report)
    page.line((word, style), (f": {said} (exit code {report.exit_code})", ""))


def _clean(report: Report) -> str:
    idle = [
        verdict for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT) if report.verdicts[verdict]
    ]
    counts = ", ".join(f"{report.verdicts[verdict]} {WORDS[verdict][0]}" for verdict in idle)
    return f"nothing gates, but see {counts}" if counts else "scanned whole, and clean"


def _several(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
