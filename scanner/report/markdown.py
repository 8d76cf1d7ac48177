"""Markdown for a comment on a pull request or a step's summary: the gravest findings, within a limit."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from scanner.policy.model import Severity
from scanner.report.evidence import EvidenceRenderer, doubts, line, why_not_gating
from scanner.report.markdown_text import code, fenced, prose
from scanner.report.top_findings import REPORTED_VERDICTS, top_findings
from scanner.result.finding import Advice, Finding, Verdict
from scanner.result.report import Notice, Report
from scanner.text.printable import printable

MARKER = "<!-- acr-scan report -->"
"""The first line, by which a bot finds the comment that it wrote before."""
LIMIT = 65_536
"""GitHub's limit of a comment, in characters; here in bytes of UTF-8, which are never fewer."""
MOST = 10
"""How many leaves of a way and commands of a remedy are shown."""

_LEAST = 90
"""Bytes that the shortest line of a finding takes."""
_SENTENCES = 700
"""Bytes that are kept for the sentences on what is left out."""
_WORDS = {
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "unknown",
    Verdict.EXEMPT: "exempt",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "not applicable",
}
_MARKS = {Verdict.FAIL: "❌", Verdict.UNKNOWN: "❔", Verdict.EXEMPT: "☑️"}
_RESULTS = {0: "✅ acr-scan: OK", 1: "❌ acr-scan: FAILED", 3: "⚠️ acr-scan: NOT VOUCHED FOR"}
_WHERE = (
    "The gravest are shown; all are in the files of <code>--json</code>, <code>--html</code> and "
    "<code>--csv</code>."
)


@dataclass
class _Page:
    """Pieces of a text that never grows beyond `room` bytes."""

    room: int
    pieces: list[str] = field(default_factory=list)

    def add(self, piece: str, *, keep: int = 0) -> bool:
        """Add a piece, if more than `keep` bytes are then still free; whether that was so."""
        size = len(piece.encode())
        if self.room - size < keep:
            return False
        self.room -= size
        self.pieces.append(piece)
        return True


def pieces(report: Report, *, limit: int = LIMIT) -> Iterator[str]:
    """The report as GitHub's Markdown, of at most `limit` bytes (4,000 at the least).

    The gravest findings have details in three quarters of the room or more, the next a line in the rest; how
    many have no details, or are left out, is said before them.
    """
    page = _Page(limit - _SENTENCES)
    page.add(_head(report))
    notices = _notices(page, report, keep=page.room * 3 // 4)
    yield from page.pieces
    yield notices
    yield from _findings(report, page.room)


def _head(report: Report) -> str:
    """The result, the counts, and what is in doubt."""
    run = report.run
    collected = f" of {prose(run.collected[:40])}" if run.collected else ""
    lines = [MARKER, f"## {_RESULTS[report.exit_code]}", ""]
    for doubt in doubts(report):
        lines += ["> [!WARNING]", f"> **{prose(doubt)}**: what is not reported here is not vouched for", ""]
    state = "complete" if run.complete else "incomplete"
    lines += [
        f"**Gating**: {_counted(report.gating) or 'nothing'} (exit code {report.exit_code})  ",
        f"**Verdicts**: {_counted(report.verdicts) or 'none'}  ",
        f"**Scanned**: {report.registries} registries with {len(run.policies)} policies  ",
        f"**Inventory**: {state}, {prose(run.source)}{collected}",
        "",
    ]
    return "\n".join([*lines, *_table(report), ""])


def _counted(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{counts[verdict]} {word}" for verdict, word in _WORDS.items() if counts[verdict])


def _table(report: Report) -> Iterator[str]:
    """How many of each severity failed, are unknown or exempt; nothing where none is."""
    counts = report.severities
    rows = [
        (severity, [counts[severity, verdict] for verdict in REPORTED_VERDICTS])
        for severity in reversed(Severity)
    ]
    if not any(any(row) for _, row in rows):
        return
    yield "| severity | fail | unknown | exempt |"
    yield "| --- | ---: | ---: | ---: |"
    yield from (f"| {severity.value} | {' | '.join(map(str, row))} |" for severity, row in rows if any(row))
    yield ""


def _notices(page: _Page, report: Report, *, keep: int) -> str:
    """Add notices while `keep` bytes stay free; the end of their list, which says how many are missing."""
    if not report.notices:
        return ""
    tag = "<details>" if report.run.complete else "<details open>"
    page.add(f"{tag}<summary>Notices: {len(report.notices)}</summary>\n\n<ul>\n")
    shown = 0
    for notice in report.notices:
        if not page.add(_notice(notice), keep=keep):
            break
        shown += 1
    missing = len(report.notices) - shown
    more = (
        f"<li>… and {missing} more notices; the file of <code>--json</code> has all</li>\n" if missing else ""
    )
    return f"{more}</ul></details>\n\n"


def _notice(notice: Notice) -> str:
    place = f" {code(notice.where)}" if notice.where else ""
    help_ = f"; help: {code(notice.help)}" if notice.help else ""
    return f"<li>{code(notice.kind)}{place}: {code(notice.reason)}{help_}</li>\n"


def _findings(report: Report, room: int) -> Iterator[str]:
    """What is shown of the findings; before it, how much is not."""
    findings = top_findings(report.findings, max(room // _LEAST, 1))
    lines = [f"<li>{_summary(finding)}</li>\n" for finding in findings]
    page, needed, wording = _Page(room), sum(len(each.encode()) for each in lines), EvidenceRenderer(MOST)
    for finding, bare in zip(findings, lines, strict=True):
        needed -= len(bare.encode())
        if not page.add(_details(finding, wording), keep=min(needed, room // 4)):
            break
    detailed = len(page.pieces)
    rest = list(takewhile(page.add, lines[detailed:]))
    worst = sum(report.verdicts[verdict] for verdict in REPORTED_VERDICTS)
    yield from _no_room(worst, worst - detailed - len(rest), len(rest))
    yield from page.pieces[:detailed]
    if rest:
        yield from ("<ul>\n", *rest, "</ul>\n")


def _no_room(worst: int, left_out: int, bare: int) -> Iterator[str]:
    lacking = [f"{left_out} of {worst} findings"] if left_out else []
    lacking += [f"the details of {bare}{' more' if left_out else f' of {worst} findings'}"] if bare else []
    if lacking:
        yield f"<p><b>This page has no room for {' and '.join(lacking)}.</b> {_WHERE}</p>\n\n"


def _summary(finding: Finding) -> str:
    """One line of HTML: no Markdown is read in it."""
    policy = finding.policy
    reason = why_not_gating(finding)
    parts = [
        f"{_MARKS[finding.verdict]} <b>{_WORDS[finding.verdict]}</b>",
        f"{policy.severity.value} {code(f'{policy.id} {policy.name}')}",
        code(finding.resource.name),
        *([f"does not gate: {code(reason)}"] if reason else []),
    ]
    return " · ".join(parts)


def _details(finding: Finding, wording: EvidenceRenderer) -> str:
    account = finding.explain()
    lines = [f"<details><summary>{_summary(finding)}</summary>", "", prose(account.message), ""]
    grounds = (printable(finding.resource.id), *wording.lines(finding, account.evidence, line))
    lines += [*fenced("text", grounds), ""]
    for advice in account.remediation:
        lines += [*_advice(advice), ""]
    return "\n".join([*lines, "</details>", "", ""])


def _advice(advice: Advice) -> Iterable[str]:
    way = f" ({prose(advice.way)})" if advice.way else ""
    yield f"**What to do**{way}: {prose(advice.text)}"
    if advice.commands:
        more = len(advice.commands) - MOST
        cut = [f"# … and {more} more"] if more > 0 else []
        yield from ("", *fenced("sh", [*map(printable, advice.commands[:MOST]), *cut]))
