"""Policies on a terminal: the list, a page, and what came of cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from scanner.policy.model import Policy
from scanner.report.console.layout import Layout
from scanner.text.printable import printable

WIDE = 120
"""The columns that it takes to show titles beside names."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What came of one case; `complaint` is None where it came out as it should."""

    policy: str
    case: str
    complaint: str | None
    said: Sequence[str]


def listing(policies: Sequence[Policy], *, width: int, color: bool) -> str:
    """A table of policies, a line each; titles where there is room for them."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    columns = ("ID", "NAME", "SEVERITY", "STATUS", "JUDGES", "TITLE")[: None if width >= WIDE else -1]
    for column in columns:
        table.add_column(column, no_wrap=column not in {"JUDGES", "TITLE"}, overflow="fold")
    for policy in policies:
        kinds = "\n".join(kind.rsplit("/", 1)[-1] for kind in policy.resources)
        cells = (policy.id, policy.name, policy.severity.value, policy.status.value, kinds, policy.title)
        table.add_row(*(Text(printable(cell)) for cell in cells[: len(columns)]))
    page = Layout(width, color)
    page.block(table)
    return page.text()


def shown(markdown: str, *, width: int, color: bool) -> str:
    """A policy's page."""
    page = Layout(width, color)
    page.block(Markdown(markdown, code_theme="ansi_dark", hyperlinks=False))
    return page.text()


def cases(lines: Sequence[CaseLine], *, verbose: bool, width: int, color: bool) -> str:
    """What came of cases: those that came out wrong in full, and a count; all of them if verbose."""
    page = Layout(width, color)
    for line in lines:
        if line.complaint is not None:
            page.line((f"{line.policy} {printable(line.case)}", ""), lead=("✗ ", "red"))
            page.line((printable(line.complaint), ""), indent=4)
        elif verbose:
            page.line((f"{line.policy} {printable(line.case)}", ""), lead=("✓ ", "green"))
            for sentence in line.said:
                page.line((printable(sentence), "dim"), indent=4)
    wrong = sum(line.complaint is not None for line in lines)
    policies = len({line.policy for line in lines})
    counted = f"{_counted(len(lines), 'case', 'cases')} of {_counted(policies, 'policy', 'policies')}"
    page.line((f"{counted}: {len(lines) - wrong} right, {wrong} wrong", "bold"))
    return page.text()


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
