"""How a format renders findings while they are judged."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from scanner.policy.model import Policy
from scanner.report.spool import Sections, Spool
from scanner.result.finding import Finding
from scanner.result.finding_table import FindingTable

Batch = Sequence[tuple[Policy, Sequence[Finding]]]
"""The findings of all policies on some resources: by policy id, then by resource id."""


class BatchRenderer(Protocol):
    """Renders findings, a batch after the other; what many of them share it may remember."""

    def render(self, batch: Batch) -> Iterator[tuple[str, str]]:
        """The section that each text goes to, and the text."""
        ...


Piece = str | bytes
"""A part of a report's text, in UTF-8."""

RendererFactory = Callable[[], BatchRenderer]
"""Makes a renderer for one process; it can be sent to another."""


@dataclass(frozen=True, slots=True)
class PolicySections:
    """Renders findings one by one, into a section for each policy."""

    text_of: Callable[[Finding], str]
    """The text of a finding; empty where the format leaves it out."""

    def render(self, batch: Batch) -> Iterator[tuple[str, str]]:
        """A text for each policy."""
        for policy, findings in batch:
            yield policy.id, "".join(map(self.text_of, findings))


def render_all(table: FindingTable, renderer: BatchRenderer) -> Sections:
    """The texts of findings that are not rendered yet."""
    spool = Spool(BytesIO())
    for batch in table.by_batch():
        for section, text in renderer.render([(results.policy, findings) for results, findings in batch]):
            spool.append(section, text)
    return spool


def joined(sections: Sections) -> Iterator[bytes]:
    """The texts of all sections, in order."""
    for name in sections.names():
        yield from sections.read(name)


def text_of(pieces: Iterable[Piece]) -> str:
    """The text of a whole report."""
    return b"".join(each.encode() if isinstance(each, str) else each for each in pieces).decode()
