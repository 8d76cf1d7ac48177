"""A page for a terminal: lines wrapped below their first word, styled, and never read as markup."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text

from scanner.report.memo import Memo

NARROWEST = 24
"""A body is never wrapped to less, however narrow the terminal."""
_TRAILING = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
_CODES = r"\1"
_BLANK = " \x1b[0m"
"""How a line ends whose last styled text ends with a blank."""

Span = tuple[str, str]
"""A harmless text and the name of its style, which may be empty."""


@dataclass
class Layout:
    """What was written so far. Every text must have gone through `plain`."""

    width: int
    color: bool
    _written: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._console = Console(
            file=io.StringIO(),
            width=self.width,
            height=25,
            force_terminal=self.color,
            force_interactive=False,
            force_jupyter=False,
            no_color=not self.color,
            color_system="standard" if self.color else None,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )
        self._pens = Memo(self._pen)
        self._leads = Memo(self._lead)

    def blank(self) -> None:
        """An empty line."""
        self._written.append("\n")

    def line(self, *spans: Span, indent: int = 0, lead: Span = ("", "")) -> None:
        """Spans after an indented lead; what does not fit goes on below the first span."""
        self._written.append(self.laid(*spans, indent=indent, lead=lead))

    def laid(self, *spans: Span, indent: int = 0, lead: Span = ("", "")) -> str:
        """What `line` writes, for `add`."""
        first, rest, room = self._leads[indent, lead]
        text = spans[0][0] if len(spans) == 1 else "".join([text for text, _ in spans])
        styled = self.color and any(style for _, style in spans)
        if _width(text) <= room:
            return _ended(first + (self._cut(spans, 0, len(text)) if styled else text))
        starts = _starts(text, room)
        if starts is None:
            parts = self._folded(spans, room)
        elif styled:
            ends = pairwise([*starts, len(text)])
            parts = [self._cut(spans, start, start + len(text[start:end].rstrip())) for start, end in ends]
        else:
            parts = [text[start:end].rstrip() for start, end in pairwise([*starts, len(text)])]
        return _ended(first + parts[0]) + "".join([_ended(rest + part) for part in parts[1:]])

    def add(self, lines: str) -> None:
        """Lines that were laid before."""
        self._written.append(lines)

    def whole(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """A line that is neither wrapped nor cut, so that it can be copied."""
        self._written.append(_ended(f"{' ' * indent}{self._styled(text, style)}"))

    def heading(self, text: str) -> None:
        """A rule with a title, after an empty line."""
        rule = "─" * max(self.width - cell_len(text) - 4, 3)
        self.blank()
        self.line(("── ", "dim"), (text, "bold"), (f" {rule}", "dim"))

    def block(self, block: RenderableType) -> None:
        """A table or a text with structure, as wide as it needs to be."""
        text = self._rendered(self._console.render(block))
        self._written.append(_TRAILING.sub(_CODES, text))

    def text(self) -> str:
        """What was written since it was last asked for, without trailing blanks."""
        text = "".join(self._written)
        self._written.clear()
        return text

    def _lead(self, key: tuple[int, Span]) -> tuple[str, str, int]:
        """What the first line begins with and what the others, and the columns that are left."""
        indent, lead = key
        margin = indent + _width(lead[0])
        return f"{' ' * indent}{self._styled(*lead)}", " " * margin, max(self.width - margin, NARROWEST)

    def _folded(self, spans: Sequence[Span], room: int) -> list[str]:
        """Lines of so many columns, styled, as rich breaks them."""
        lines = Text.assemble(*spans).wrap(self._console, room)
        for line in lines:
            line.rstrip()
        return [self._rendered(line.render(self._console)) for line in lines]

    def _cut(self, spans: Iterable[Span], start: int, end: int) -> str:
        """What of the spans lies between two places in their text, styled."""
        parts, position = [], 0
        for text, style in spans:
            parts.append(self._styled(text[max(start - position, 0) : max(end - position, 0)], style))
            position += len(text)
        return "".join(parts)

    def _styled(self, text: str, style: str) -> str:
        if not style or not text or not self.color:
            return text
        before, after = self._pens[style]
        return f"{before}{text}{after}"

    def _pen(self, style: str) -> tuple[str, str]:
        """What a terminal reads before and after a styled text."""
        before, _, after = self._rendered([Segment(_ANY, Style.parse(style))]).partition(_ANY)
        return before, after

    def _rendered(self, segments: Iterable[Segment]) -> str:
        with self._console.capture() as captured:
            self._console.print(Segments(segments), soft_wrap=True, end="")
        return captured.get()


_ANY = "."


def _width(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() and text.isprintable() else cell_len(text)


def _ended(line: str) -> str:
    """The line without trailing blanks, and a newline."""
    return f"{_TRAILING.sub(_CODES, line) if line.endswith((' ', _BLANK)) else line}\n"


def _starts(text: str, room: int) -> list[int] | None:
    """Where lines of so many columns start, as rich breaks them; None for what is left to rich.

    That is what has signs of other widths, or blanks at an end.
    """
    if not (text.isascii() and text.isprintable()) or text[0] == " " or text[-1] == " ":
        return None
    start, starts, length = 0, [0], len(text)
    while length - start > room:
        blank = text.rfind(" ", start, start + room + 1)
        if blank < 0:  # a word that is longer than a line
            end = text.find(" ", start)
            folds = range(start + room, length if end < 0 else _next(text, end), room)
            starts += folds
            start = folds[-1]
        else:
            start = _next(text, blank)
            starts.append(start)
    return starts


def _next(text: str, blank: int) -> int:
    """Where the word after a blank starts."""
    while text[blank] == " ":
        blank += 1
    return blank
