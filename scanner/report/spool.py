"""Texts of findings, kept in sections until the report is written.

Reports list findings by policy, but judging goes by resource, so that what is looked up of a resource serves
all policies. The texts between go to one temporary file for each format, in memory while it is small.
"""

import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from scanner.errors import ScanError, os_reason

IN_MEMORY = 2**20
"""Bytes of a format that stay in memory."""
_CHUNK = 2**20


class Sections(Protocol):
    """The texts of a format, by section: a policy's id, or the empty text where a format has only one."""

    def names(self) -> Sequence[str]:
        """The sections that have a text, in order."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """The text of a section, in pieces."""
        ...


@dataclass(slots=True)
class Spool:
    """The texts of one format, as one process writes them."""

    file: IO[bytes]
    places: dict[str, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("Q")))
    """By section where each of its texts starts in the file, and how many bytes it has."""

    @classmethod
    def start(cls, path: Path | None = None) -> "Spool":
        """An empty spool; at that path for another process to read. ScanError where there is no room."""
        with disk_errors():
            if path is not None:
                return cls(path.open("w+b"))
            return cls(tempfile.SpooledTemporaryFile(IN_MEMORY, prefix="acr-scan-"))

    def append(self, section: str, text: str) -> None:
        """Add to a section. ScanError where there is no room."""
        if text:
            data = text.encode()
            with disk_errors():
                start = self.file.seek(0, 2)
                self.file.write(data)
            self.places[section].extend((start, len(data)))

    def names(self) -> Sequence[str]:
        """The sections that have a text, in order."""
        return sorted(self.places)

    def read(self, name: str) -> Iterator[bytes]:
        """The text of a section, in pieces. ScanError where somebody cleared the file meanwhile."""
        places = self.places.get(name, ())
        for start, size in zip(places[::2], places[1::2], strict=True):
            with disk_errors():
                self.file.seek(start)
                left = size
                while left:
                    data = self.file.read(min(left, _CHUNK))
                    if not data:
                        raise OSError(None, "the file was cut short")
                    left -= len(data)
                    yield data

    def close(self) -> None:
        """Remove the file, if it has no name."""
        self.file.close()


@dataclass(frozen=True, slots=True)
class JoinedSections:
    """The texts of a format that several processes wrote, of resources that follow each other."""

    parts: Sequence[Sections]

    def names(self) -> Sequence[str]:
        """The sections that have a text, in order."""
        return sorted({name for part in self.parts for name in part.names()})

    def read(self, name: str) -> Iterator[bytes]:
        """The text of a section, in pieces."""
        for part in self.parts:
            yield from part.read(name)


Spools = Mapping[str, Spool]
"""By format its spool."""


@contextmanager
def disk_errors() -> Iterator[None]:
    """ScanError instead of an error of the disk."""
    try:
        yield
    except OSError as error:
        raise ScanError(
            f"the texts of the reports cannot be kept in a temporary folder: {os_reason(error)}",
            help="set TMPDIR to a folder that has room for all reports",
        ) from error
