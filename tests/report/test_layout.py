"""A page breaks lines as rich does, whatever is in them, and gives what was written once."""

import io
import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from scanner.report.console.layout import NARROWEST, Layout, Span

WORDS = (
    st.text("ab.", min_size=1, max_size=9) | st.text("x", min_size=20, max_size=80) | st.sampled_from("é✓日")
)
BLANKS = st.text(" ", max_size=3) | st.text(" ", min_size=22, max_size=60)
TEXTS = st.lists(WORDS | BLANKS, max_size=12).map("".join) | st.lists(WORDS, max_size=12).map(" ".join)
SPANS = st.lists(st.tuples(TEXTS, st.sampled_from(["", "bold red", "dim"])), min_size=1, max_size=3)


def as_rich_does(spans: Sequence[Span], lead: Span, *, width: int, color: bool) -> str:
    """The same line by rich alone."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        _environ={},
    )
    room = max(width - 3 - cell_len(lead[0]), NARROWEST)
    fits = sum(cell_len(text) for text, _ in spans) <= room
    lines = [Text.assemble(*spans)] if fits else list(Text.assemble(*spans).wrap(console, room))
    for number, line in enumerate(lines):
        if not fits:
            line.rstrip()
        margin = Text.assemble("   ", lead) if number == 0 else Text(" " * (3 + cell_len(lead[0])))
        for text in (margin, line):
            for part in text.render(console):
                style = part.style or Style.null()
                file.write(style.render(part.text, color_system=console._color_system))
        file.write("\n")
    return re.sub(r" +((?:\x1b\[[0-9;]*m)*)$", r"\1", file.getvalue(), flags=re.MULTILINE)


@given(
    SPANS,
    st.sampled_from([("", ""), ("✗ ", "red"), ("FAIL     ", "bold")]),
    st.integers(24, 90),
    st.booleans(),
)
@example([("a" * 21 + " b", "")], ("", ""), 24, False)
@example([("a" * 42 + " " + "b" * 21, "")], ("", ""), 27, False)
@example([("a " * 40 + "b", "bold red"), ("  c" * 9, "")], ("", ""), 30, True)
def test_lines_break_where_rich_breaks_them(spans: list[Span], lead: Span, width: int, color: bool) -> None:
    page = Layout(width, color)
    page.line(*spans, indent=3, lead=lead)
    assert page.text() == as_rich_does(spans, lead, width=width, color=color)


@pytest.mark.parametrize(
    ("spans", "line"),
    [
        ([("ab ", "bold")], "\x1b[1mab\x1b[0m\n"),
        ([("ab", "bold"), ("  ", "")], "\x1b[1mab\x1b[0m\n"),
        ([("a", "bold"), (" ", "dim")], "\x1b[1ma\x1b[0m\x1b[2m\x1b[0m\n"),
        ([("", "bold"), ("a", "")], "a\n"),
    ],
)
def test_no_line_ends_with_a_blank_in_colour(spans: list[Span], line: str) -> None:
    page = Layout(80, color=True)
    page.line(*spans)
    assert page.text() == line


def test_what_was_written_is_given_once_and_in_order() -> None:
    page = Layout(80, color=False)
    page.line(("a", "bold"), lead=("- ", "dim"))
    page.blank()
    page.block(Text("b  "))
    page.add("c\n")
    page.whole("d" * 99, indent=2)

    assert page.text() == f"- a\n\nb\nc\n  {'d' * 99}\n"
    assert page.text() == ""
