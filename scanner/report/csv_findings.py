"""CSV, a row for each finding, for spreadsheets: RFC 4180, in UTF-8 with a byte order mark, safe to open.

The mark is there because Excel reads a file without one in the code page of its country.
"""

import csv
import re
from collections.abc import Iterable, Iterator

from scanner.model.resource import Resource, segment_after
from scanner.report.evidence import doubts, not_gating
from scanner.report.plain import plain
from scanner.result.finding import Finding, Verdict
from scanner.result.report import Report

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
NOTICE = "notice"
"""The verdict of a row that is no finding, but tells what the scan could not see."""
LONGEST = 32_000
"""Characters of a cell: a spreadsheet takes 32,767."""

_FORMULA = r"=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_STARTS = re.compile(rf"(^|;)([\s\"]*)(?=[{_FORMULA}'])")
"""Where a spreadsheet may see a formula: at the start, and after a `;`, which separates in many countries."""


def pieces(report: Report, *, all_results: bool = False) -> Iterator[str]:
    """The findings as CSV, in order; those that are not applicable with `all_results`.

    Notices and doubts come first, as rows whose verdict is `notice`; and `inventory` says in every row
    whether all was seen.
    """
    inventory = "complete" if report.run.complete else "incomplete"
    yield f"\ufeff{_line(COLUMNS)}"
    for name, where, message in _news(report):
        row = {"inventory": inventory, "name": name, "verdict": NOTICE, "resource": where, "message": message}
        yield _line(row.get(column, "") for column in COLUMNS)
    for finding in report.findings:
        if all_results or finding.verdict is not Verdict.NOT_APPLICABLE:
            yield _line((inventory, *_cells(finding)))


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


def _cells(finding: Finding) -> Iterator[str]:
    """Every cell of a finding after the first, in the order of the columns."""
    policy, resource, exemption = finding.policy, finding.resource, finding.exemption
    yield from (policy.id, policy.name, policy.severity.value, policy.status.value, finding.verdict.value)
    yield finding.gates.value if finding.gates is not None else ""
    yield from (
        not_gating(finding) or "",
        _registry(resource),
        resource.id,
        resource.name,
        resource.type,
    )
    yield from (resource.location or "", resource.resource_group or "", resource.subscription)
    yield from (
        finding.message,
        " ".join(finding.ways),
        _prefixes(evidence.ground.missing for evidence in finding.evidence),
    )
    yield _prefixes(evidence.ground.excess for evidence in finding.evidence)
    if exemption is None:
        yield from ("", "", "", "")
    else:
        yield from (exemption.category, exemption.reason, exemption.owner, exemption.expires_on)
    yield from ("true" if finding.baseline else "false", finding.fingerprint)


def _registry(resource: Resource) -> str:
    """The registry's name for a registry and what is below it."""
    below = "/providers/microsoft.containerregistry/registries/" in resource.key
    return segment_after(resource.id, "registries") if below else ""


def _prefixes(lists: Iterable[tuple[str, ...] | None]) -> str:
    """The prefixes of all lists, each once."""
    return " ".join(dict.fromkeys(prefix for prefixes in lists for prefix in prefixes or ()))


def _line(cells: Iterable[str]) -> str:
    """A line whose every cell is quoted; the writer's own answer is what its file answers."""
    line: str = _WRITER.writerow(map(_cell, cells))
    return line


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: `'` stands before what would start one.

    It stands before a `'` in that place too, so that taking one away gives back the text.
    """
    safe = _STARTS.sub(r"\1\2'", plain(text))
    return safe if len(safe) <= LONGEST else f"{safe[:LONGEST]} … and {len(safe) - LONGEST} characters more"


class _Echo:
    """A file that answers with what is written to it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
