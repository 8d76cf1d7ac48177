"""The access table of a registry: for a terminal, and as JSON."""

from collections.abc import Mapping

import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scanner.model.truth import Truth
from scanner.report.page import Page
from scanner.report.plain import plain, plain_json
from scanner.result.access import Access, Entry

_WORDS: Mapping[Truth | None, tuple[str, str]] = {
    Truth.TRUE: ("yes", "green"),
    Truth.FALSE: ("no", "red"),
    Truth.UNKNOWN: ("unknown", "yellow"),
    None: ("", ""),
}
"""What a truth is called in the column `reaches`."""


def render(access: Access, *, width: int, color: bool, verbose: bool = False) -> str:
    """The table for a reader; the evidence of every row if verbose, else where it is short."""
    page = Page(width, color)
    page.line(
        (plain(access.registry.name), "bold"), ("  " + (access.registry.location or "region unknown"), "dim")
    )
    page.whole(plain(access.registry.id), "dim")
    if access.source is not None:
        page.blank()
        _answer(page, access.source)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in ("who", "reaches", "by"):
        table.add_column(column.upper(), overflow="fold")
    for entry in access.entries:
        word, style = _WORDS[entry.reaches]
        who = Text(
            plain(f"{entry.kind} {_short(entry.who)}") if entry.kind != "internet" else plain(entry.who)
        )
        by = Text(plain(entry.by))
        for line in entry.evidence if verbose or len(entry.evidence) == 1 else ():
            by.append(f"\n{plain(line)}", "dim")
        table.add_row(who, Text(word, style), by)
    page.blank()
    page.block(table)
    return page.text()


def as_json(access: Access) -> str:
    """The table for machines; `reaches` is true, false, unknown, or null where that is not the question."""
    document = {
        "format": 1,
        "registry": {
            "id": access.registry.id,
            "name": access.registry.name,
            "location": access.registry.location,
        },
        "from": None if access.source is None else _entry(access.source),
        "access": [_entry(entry) for entry in access.entries],
    }
    return msgspec.json.format(plain_json(msgspec.json.encode(document).decode()), indent=1) + "\n"


def _answer(page: Page, entry: Entry) -> None:
    word, style = _WORDS[entry.reaches]
    page.line((f"from {plain(entry.who)}: ", "bold"), (word, style), (f", {plain(entry.by)}", ""))
    for line in entry.evidence:
        page.line((plain(line), "dim"), indent=3)


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "who": entry.who,
        "reaches": None if entry.reaches is None else entry.reaches.value,
        "by": entry.by,
        "evidence": list(entry.evidence),
    }


def _short(who: str) -> str:
    """A resource's name instead of its id."""
    return who.rsplit("/", 1)[-1] if who.startswith("/subscriptions/") else who
