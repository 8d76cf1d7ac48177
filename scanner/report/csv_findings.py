"""CSV, a row for each finding, for spreadsheets: RFC 4180, in UTF-8 with a byte order mark, safe to open.

The mark is there because Excel reads a file without one in the code page of its country.
"""

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from scanner.model.resource import Resource
from scanner.report.evidence import doubts, why_not_gating
from scanner.report.memo import Memo, ResourceMemo
from scanner.report.renderer import BatchRenderer, Piece, PolicySections, joined, render_all, text_of
from scanner.report.spool import Sections
from scanner.result.finding import Exempted, Finding, Verdict
from scanner.result.report import Report
from scanner.text.printable import printable

COLUMNS = (
    "inventory",
    "policy",
    "name",
    "severity",
    "status",
    "verdict",
    "gates",
    "not gating because",
    "registry",
    "resource",
    "resource name",
    "type",
    "location",
    "resource group",
    "subscription",
    "message",
    "ways",
    "missing prefixes",
    "excess prefixes",
    "exemption category",
    "exemption reason",
    "exemption owner",
    "exempt until",
    "baseline",
    "fingerprint",
)
"""The header. A new column goes to the end."""
_INVENTORY = {True: "complete", False: "incomplete"}
NOTICE = "notice"
"""The verdict of a row that is no finding, but tells what the scan could not see."""
LONGEST = 32_000
"""Characters of a cell: a spreadsheet takes 32,767."""

_FORMULA = r"=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_STARTS = re.compile(rf"(^|;)([\s\"]*)(?=[{_FORMULA}'])")
"""Where a spreadsheet may see a formula: at the start, and after a `;`, which separates in many countries."""

_HARMLESS = frozenset(f"/{string.ascii_letters}{string.digits}")
"""Signs that begin no formula, nor what a spreadsheet would skip."""


def render(report: Report, *, all_results: bool = False) -> str:
    """The findings as CSV, in order; those that do not apply with `all_results`."""
    made = renderer(complete=report.run.complete, all_results=all_results)
    return text_of(pieces(report, render_all(report.findings, made)))


def pieces(report: Report, sections: Sections) -> Iterator[Piece]:
    """The same, with rows that are rendered already.

    Notices and doubts come first, as rows whose verdict is `notice`; and `inventory` says in every row
    whether all was seen.
    """
    inventory = _INVENTORY[report.run.complete]
    yield f"\ufeff{_line(COLUMNS)}"
    for name, where, message in _news(report):
        row = {"inventory": inventory, "name": name, "verdict": NOTICE, "resource": where, "message": message}
        yield _line(row.get(column, "") for column in COLUMNS)
    yield from joined(sections)


def renderer(*, complete: bool, all_results: bool) -> BatchRenderer:
    """Renders rows; `complete` says that all was seen."""
    rows = _Rows(_INVENTORY[complete])

    def text(finding: Finding) -> str:
        shown = all_results or finding.verdict is not Verdict.NOT_APPLICABLE
        return rows.row(finding) if shown else ""

    return PolicySections(text)


def _news(report: Report) -> Iterator[tuple[str, str, str]]:
    """Kind, place and words of each doubt and notice."""
    for doubt in doubts(report):
        yield "doubt", "", doubt
    for notice in report.notices:
        yield (
            notice.kind,
            notice.where,
            f"{notice.reason} (help: {notice.help})" if notice.help else notice.reason,
        )


class _Rows:
    """Findings as lines; what many have in common is made safe once."""

    def __init__(self, inventory: str) -> None:
        self._inventory = inventory
        self._heads: dict[tuple[str, Verdict, Verdict | None, str | None], str] = {}
        self._cells: Memo[str, str] = Memo(_quoted)
        self._place = ResourceMemo(_place)

    def row(self, finding: Finding) -> str:
        """Every cell of a finding, in the order of the columns."""
        account, cells = finding.explain(), self._cells
        missing = [each.fact.missing for each in account.evidence if each.fact.missing]
        excess = [each.fact.excess for each in account.evidence if each.fact.excess]
        return '","'.join(
            (
                self._head(finding),
                self._place(finding.resource),
                _quoted(account.message),
                cells[" ".join(finding.ways)],
                _quoted(_prefixes(missing)) if missing else "",
                _quoted(_prefixes(excess)) if excess else "",
                *map(cells.__getitem__, _accepted(finding.exemption)),
                "true" if finding.in_baseline else "false",
                f'{finding.fingerprint}"\r\n',
            )
        )

    def _head(self, finding: Finding) -> str:
        """The cells before the resource's."""
        policy, verdict, gates, reason = (
            finding.policy,
            finding.verdict,
            finding.gates,
            why_not_gating(finding),
        )
        key = policy.id, verdict, gates, reason
        head = self._heads.get(key)
        if head is None:
            said = (policy.id, policy.name, policy.severity.value, policy.status.value, verdict.value)
            why = (gates.value if gates is not None else "", reason or "")
            head = '"' + '","'.join(map(_quoted, (self._inventory, *said, *why)))
            self._heads[key] = head
        return head


def _place(resource: Resource) -> str:
    """The cells of a resource: its registry's name for a registry and what is below it."""
    parts, key = resource.id.split("/"), resource.key
    below = "/providers/microsoft.containerregistry/registries/" in key
    said = (
        _after("registries", parts) if below else "",
        resource.id,
        parts[-1],
        resource.type,
        resource.location or "",
        _after("resourcegroups", parts),
        _after("subscriptions", key.split("/")),
    )
    return '","'.join(map(_quoted, said))


def _after(collection: str, parts: Sequence[str]) -> str:
    """The segment of an id after a lower-cased collection's name; empty if there is none."""
    for position in range(len(parts) - 1):
        if parts[position].lower() == collection:
            return parts[position + 1]
    return ""


def _accepted(exemption: Exempted | None) -> Sequence[str]:
    if exemption is None:
        return "", "", "", ""
    return exemption.category, exemption.reason, exemption.owner, exemption.expires_on


def _prefixes(lists: Iterable[tuple[str, ...]]) -> str:
    """The prefixes of all lists, each once."""
    return " ".join(dict.fromkeys(chain.from_iterable(lists)))


def _line(cells: Iterable[str]) -> str:
    """A line whose every cell is quoted."""
    return '"' + '","'.join(map(_quoted, cells)) + '"\r\n'


def _quoted(text: str) -> str:
    """A safe cell as it stands between quotes."""
    return _cell(text).replace('"', '""')


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: `'` stands before what would start one.

    It stands before a `'` in that place too, so that taking one away gives back the text.
    """
    shown = printable(text)
    safe = shown if shown[:1] in _HARMLESS and ";" not in shown else _STARTS.sub(r"\1\2'", shown)
    return safe if len(safe) <= LONGEST else f"{safe[:LONGEST]} … and {len(safe) - LONGEST} characters more"
