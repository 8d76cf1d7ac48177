"""Hostile text in GitHub's Markdown: no markup, no HTML, no link, no mention, nobody is notified."""

import re
from collections.abc import Iterable, Iterator
from html import escape

from scanner.text.printable import printable

LONGEST = 1000
"""Characters of one text."""

_ESCAPED = re.compile(
    r"[\\`*_\[\]<>&#@|~$^{}!]"  # markup
    r"|^[^a-z0-9]|^\d+(?=[.)])"  # and what makes a list or a heading of a line
    r"|:(?=//)|www(?=\.)|\bgh(?=-\d)",  # where an address or an issue's number is cut in two
    re.ASCII | re.IGNORECASE,
)
_CUT = "&#8203;"
"""A space without width. GitHub links `@name` and `#1` in the finished page, however they were written."""
_TICKS = re.compile("`+")


def prose(text: str) -> str:
    """A text on one line that shows as it is; `@`, `#` and addresses are cut by a space without width."""
    return _ESCAPED.sub(_entity, _short(text))


def code(text: str) -> str:
    """A text as `<code>` in a line of HTML: GitHub looks for no names in it."""
    return f"<code>{escape(_short(text))}</code>"


def fenced(language: str, lines: Iterable[str]) -> Iterator[str]:
    """Harmless lines as a block of code, its fence longer than any run of backticks in them."""
    kept = list(lines)
    longest = max((len(run) for line in kept for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from kept
    yield fence


def _short(text: str) -> str:
    shown = printable(text.strip())
    return (
        shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} … and {len(shown) - LONGEST} characters more"
    )


def _entity(found: re.Match[str]) -> str:
    entities = "".join(f"&#{ord(character)};" for character in found[0])
    return f"{entities}{_CUT}" if found[0][0] in "@#:wWgG" else entities
