"""The access table of a registry: for a terminal, and as JSON."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scanner.model.truth import Truth
from scanner.report.console.layout import Layout
from scanner.result.access import Access, Entry
from scanner.text.printable import printable, printable_json

_NEXT = re.compile(r"; (?!missing )")
"""What parts the facts in a line of evidence; what rules miss belongs to what they cover."""
_ID = re.compile(r"'/subscriptions/[^']*/([^/']+)'")
_WORDS: Mapping[Truth | None, tuple[str, str]] = {
    Truth.TRUE: ("yes", "green"),
    Truth.FALSE: ("no", "red"),
    Truth.UNKNOWN: ("unknown", "yellow"),
    None: ("–", "dim"),
}
"""What a truth is called in the column `reaches`; the dash is for what is not a question of reaching."""
_WHO: Mapping[str, tuple[str, str]] = {
    "internet": ("", "the internet"),
    "ip-rule": ("IP rule", "IP rules"),
    "private-endpoint": ("private endpoint", "private endpoints"),
    "subnet": ("subnet", "subnets by service endpoint"),
    "trusted-services": ("", "trusted Microsoft services"),
    "task": ("task", "tasks"),
    "quick-run": ("", "quick runs (az acr build, az acr run)"),
    "home-region": ("home region", "home region"),
    "replica": ("replica", "replicas"),
    "webhook": ("webhook", "webhooks"),
    "address": ("address", "addresses"),
}
"""What people call one of a kind, before its name, and the whole kind."""


def render(access: Access, *, width: int, color: bool, verbose: bool = False) -> str:
    """The table for a reader; evidence is cut unless verbose. Rows of a kind that say the same are one."""
    page = Layout(width, color)
    page.line(
        (printable(access.registry.name), "bold"),
        (f"  {printable(access.registry.location or 'region unknown')}", "dim"),
    )
    page.whole(printable(access.registry.id), "dim")
    if access.source is not None:
        page.blank()
        _answer(page, access.source)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("Who", overflow="fold", max_width=max(width // 3, 20))
    table.add_column("Reaches", no_wrap=True)
    table.add_column("By", overflow="fold")
    for alike in _groups(access.entries):
        entry = alike[0]
        word, style = _WORDS[entry.reaches]
        said = [printable(line) if verbose else _cut(printable(line)) for line in entry.evidence]
        grounds = [Padding(Text(line, "dim"), (0, 0, 0, 2)) for line in said]
        table.add_row(Text(who(alike)), Text(word, style), Group(Text(printable(entry.by)), *grounds))
    page.blank()
    page.block(table)
    if not verbose and any(_cut(line) != line for entry in access.entries for line in entry.evidence):
        page.blank()
        page.line(("… is evidence cut short; --verbose shows all of it", "dim"))
    return page.text()


def as_json(access: Access) -> str:
    """The table for machines: `access.schema.json`. `reaches` is null where that is not the question."""
    registry = access.registry
    document = {
        "format": 1,
        "registry": {"id": registry.id, "name": registry.name, "location": registry.location},
        "from": None if access.source is None else _entry(access.source),
        "access": [_entry(entry) for entry in access.entries],
    }
    return msgspec.json.format(printable_json(json.dumps(document, ensure_ascii=False)), indent=1) + "\n"


def who(alike: Sequence[Entry]) -> str:
    """Whom rows that say the same are about, in people's words."""
    one, many = _WHO[alike[0].kind]
    names = ", ".join(printable(entry.who) for entry in alike if entry.who)
    return " ".join(part for part in (one if len(alike) == 1 and names else many, names) if part)


def _groups(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Rows of one kind that say the same, together, each in the place of its first: nothing is lost."""
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        said = (entry.kind, entry.reaches, entry.by, entry.evidence, bool(entry.who))
        groups.setdefault(said, []).append(entry)
    yield from groups.values()


def _cut(line: str) -> str:
    """The first fact of a line, and of an id its name."""
    first, *others = _NEXT.split(_ID.sub(r"'…/\1'", line))
    return f"{first}; …" if others else first


def _answer(page: Layout, entry: Entry) -> None:
    word, style = _WORDS[entry.reaches]
    page.line((f"from {printable(entry.who)}: ", "bold"), (word, style), (f", {printable(entry.by)}", ""))
    for line in entry.evidence:
        page.line((printable(line), "dim"), indent=2)


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "who": entry.who,
        "resource": entry.resource,
        "reaches": None if entry.reaches is None else entry.reaches.value,
        "by": entry.by,
        "ways": list(entry.ways),
        "evidence": list(entry.evidence),
    }
