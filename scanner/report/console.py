"""The report on a terminal: a summary, then what failed or could not be told, registry by registry."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scanner.model.truth import Truth
from scanner.policy.model import Policy, Severity
from scanner.report.evidence import MARKS, doubts, evidence_lines, not_gating
from scanner.report.page import Page, Span
from scanner.report.plain import plain
from scanner.result.finding import Advice, Finding, Verdict
from scanner.result.report import Notice, Report

MOST = 10
"""How many leaves of a way, values of a list and commands of a remedy are shown; all if verbose."""
MOST_NOTICES = 20

_REGISTRY = re.compile(
    r".*?/providers/Microsoft\.ContainerRegistry/registries/([^/]+)", re.ASCII | re.IGNORECASE | re.DOTALL
)
_WORDS = {
    Verdict.FAIL: ("fail", "bold red"),
    Verdict.UNKNOWN: ("unknown", "bold yellow"),
    Verdict.EXEMPT: ("exempt", "cyan"),
    Verdict.PASS: ("pass", "green"),
    Verdict.NOT_APPLICABLE: ("not applicable", "dim"),
}
_SEVERITIES = {
    Severity.CRITICAL: "bold magenta",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
    Severity.INFO: "dim",
}
_MARK_STYLES = {Truth.FALSE: "red", Truth.UNKNOWN: "yellow", Truth.TRUE: "green"}
_RESULTS = {0: ("OK", "bold green"), 1: ("FAILED", "bold red"), 3: ("NOT VOUCHED FOR", "bold yellow")}


def render(report: Report, *, width: int, color: bool, verbose: bool = False) -> str:
    """The report for a reader; long lists are cut unless `verbose`."""
    page = Page(width, color)
    most = None if verbose else MOST
    _summary(page, report)
    _policies(page, report.findings)
    _notices(page, report.notices, None if verbose else MOST_NOTICES)
    for title, identifier, findings in _groups(report.findings):
        page.heading(title)
        if identifier:
            page.whole(identifier, "dim", indent=3)
        for finding in findings:
            page.blank()
            _finding(page, finding, most)
    _exempt(page, [finding for finding in report.findings if finding.verdict is Verdict.EXEMPT])
    page.blank()
    _result(page, report)
    return page.text()


def _summary(page: Page, report: Report) -> None:
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
        ("Inventory", [state, (plain(collected), "")]),
        ("Service tags", [(plain(", ".join(sources)), "")]),
        ("Rows", [(counts, "")]),
    ]
    for name, spans in facts:
        page.line(*spans, lead=(f"{name:<14}", "dim"))


def _counted(counts: Counter[Verdict]) -> Iterator[Span]:
    """Counts in words, the worst verdict first."""
    separator = ""
    for verdict, (word, style) in _WORDS.items():
        if counts[verdict]:
            yield separator, ""
            yield f"{counts[verdict]} {word}", style
            separator = ", "


def _policies(page: Page, findings: Sequence[Finding]) -> None:
    """A row for each policy of which something did not pass."""
    counts: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    policies: dict[str, Policy] = {}
    for finding in findings:
        policies[finding.policy.id] = finding.policy
        counts[finding.policy.id][finding.verdict] += 1
    shown = [policy for policy in policies.values() if counts[policy.id].keys() - _QUIET]
    if not shown:
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column("Policy", overflow="fold")
    table.add_column("Severity", no_wrap=True)
    for verdict in _COLUMNS:
        table.add_column(_WORDS[verdict][0], justify="right", no_wrap=True)
    for policy in sorted(shown, key=_rank):
        severity = Text(policy.severity.value, _SEVERITIES[policy.severity])
        table.add_row(Text(plain(f"{policy.id} {policy.name}")), severity, *_cells(counts[policy.id]))
    page.blank()
    page.block(table)


_QUIET = {Verdict.PASS, Verdict.NOT_APPLICABLE}
_COLUMNS = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT, Verdict.PASS)


def _cells(counts: Counter[Verdict]) -> Iterator[Text]:
    for verdict in _COLUMNS:
        count = counts[verdict]
        yield Text(str(count), _WORDS[verdict][1]) if count else Text("·", "dim")


def _notices(page: Page, notices: Sequence[Notice], most: int | None) -> None:
    if notices:
        page.heading(f"Notices ({len(notices)})")
    for notice in notices[:most]:
        said = ": ".join(part for part in (notice.where, notice.reason) if part)
        page.line((plain(notice.kind), "yellow"), (plain(f"  {said}"), ""), lead=("! ", "yellow"))
        if notice.help:
            page.line((plain(notice.help), ""), indent=4, lead=("help: ", "dim"))
    if most is not None and len(notices) > most:
        page.line((f"… and {len(notices) - most} more; --verbose shows all", "dim"), indent=2)


def _groups(findings: Sequence[Finding]) -> Iterator[tuple[str, str, Sequence[Finding]]]:
    """Title, id and findings of each registry, then those of its neighbours; the gravest finding first."""
    groups: defaultdict[str, list[Finding]] = defaultdict(list)
    names: dict[str, re.Match[str]] = {}
    for finding in findings:
        if finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN}:
            found = _REGISTRY.match(finding.resource.id)
            key = found[0].lower() if found else ""
            groups[key].append(finding)
            if found:
                names.setdefault(key, found)
    for key, found in sorted(names.items()):
        yield plain(found[1]), plain(found[0]), _ranked(groups[key])
    if "" in groups:
        yield "Outside of registries", "", _ranked(groups[""])


def _ranked(findings: Sequence[Finding]) -> Sequence[Finding]:
    return sorted(findings, key=lambda finding: (_rank(finding.policy), finding.resource.key))


def _rank(policy: Policy) -> tuple[int, str]:
    return -policy.severity.rank, policy.id


def _finding(page: Page, finding: Finding, most: int | None) -> None:
    policy = finding.policy
    word, style = _WORDS[finding.verdict]
    reason = not_gating(finding)
    page.line(
        (plain(f"{policy.id} {policy.name}"), "bold"),
        (f"  [{policy.severity.value}]", _SEVERITIES[policy.severity]),
        (f"  does not gate: {reason}" if reason else "", "dim"),
        lead=(f"{word.upper():<9}", style),
    )
    page.line((plain(policy.title), "italic"), indent=3)
    page.whole(_place(finding.resource.id), "cyan", indent=3)
    page.line((plain(finding.message), ""), indent=3)
    for line in evidence_lines(finding, most=most):
        lead = ("", "") if line.mark is None else (f"{MARKS[line.mark]} ", _MARK_STYLES[line.mark])
        page.line((line.text, ""), indent=3 + 4 * line.depth, lead=lead)
    if finding.remediation:
        page.line(("What to do", "bold"), indent=3)
    for advice in finding.remediation:
        _advice(page, advice, most)
    page.whole(plain(policy.page), "dim", indent=3)


def _place(resource_id: str) -> str:
    """What a reader of a registry's group calls a resource: the id from the registry's name on."""
    found = _REGISTRY.match(resource_id)
    return plain(resource_id[found.start(1) :] if found else resource_id)


def _advice(page: Page, advice: Advice, most: int | None) -> None:
    way = f"{advice.way}: " if advice.way is not None else ""
    page.line((plain(way), "bold"), (plain(advice.text), ""), indent=3, lead=("• ", "dim"))
    for command in advice.commands[:most]:
        page.whole(plain(command), "green", indent=7)
    if most is not None and len(advice.commands) > most:
        more = len(advice.commands) - most
        page.line((f"… and {more} more; --verbose shows all", "dim"), indent=7)


def _exempt(page: Page, findings: Sequence[Finding]) -> None:
    if findings:
        page.heading(f"Exempt ({len(findings)})")
    for finding in findings:
        policy = f"{finding.policy.id} {finding.policy.name}  {_place(finding.resource.id)}"
        page.line((plain(policy), ""), (f"  {not_gating(finding)}", "dim"), lead=("EXEMPT   ", "cyan"))


def _result(page: Page, report: Report) -> None:
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
    counts = ", ".join(f"{report.verdicts[verdict]} {_WORDS[verdict][0]}" for verdict in idle)
    return f"nothing gates, but see {counts}" if counts else "scanned whole, and clean"


def _several(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
