"""A page for a terminal: lines wrapped below their first word, styled, and never read as markup."""

import io
import re
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text

NARROWEST = 24
"""A body is never wrapped to less, however narrow the terminal."""
_TRAILING = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)

Span = tuple[str, str]
"""A harmless text and the name of its style, which may be empty."""


@dataclass
class Page:
    """What was written so far. Every text must have gone through `plain`."""

    width: int
    color: bool
    _segments: list[Segment] = field(default_factory=list)

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

    def blank(self) -> None:
        """An empty line."""
        self._segments.append(Segment.line())

    def line(self, *spans: Span, indent: int = 0, lead: Span = ("", "")) -> None:
        """Spans after an indented lead; what does not fit goes on below the first span."""
        margin = indent + cell_len(lead[0])
        room = max(self.width - margin, NARROWEST)
        first = (Segment(" " * indent), _segment(lead))
        if sum(cell_len(text) for text, _ in spans) <= room:
            self._segments += (*first, *map(_segment, spans), Segment.line())
            return
        for number, part in enumerate(Text.assemble(*spans).wrap(self._console, room)):
            part.rstrip()
            self._segments += first if number == 0 else (Segment(" " * margin),)
            self._segments += (*part.render(self._console), Segment.line())

    def whole(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """A line that is neither wrapped nor cut, so that it can be copied."""
        self._segments += (Segment(" " * indent), _segment((text, style)), Segment.line())

    def heading(self, text: str) -> None:
        """A rule with a title, after an empty line."""
        rule = "─" * max(self.width - cell_len(text) - 4, 3)
        self.blank()
        self.line(("── ", "dim"), (text, "bold"), (f" {rule}", "dim"))

    def block(self, block: RenderableType) -> None:
        """A table or a text with structure, as wide as it needs to be."""
        self._segments += self._console.render(block)

    def text(self) -> str:
        """All of the page, without trailing blanks."""
        with self._console.capture() as captured:
            self._console.print(Segments(self._segments), soft_wrap=True, end="")
        return _TRAILING.sub(r"\1", captured.get())


def _segment(span: Span) -> Segment:
    text, style = span
    return Segment(text, Style.parse(style) if style else None)
