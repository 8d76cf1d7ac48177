"""Every error acr-scan raises on purpose, and the exit code each one means.

ScanError            exit 3   the scan cannot vouch for its answer
├── UsageError       exit 2   an option is wrong
│   ├── FileError    exit 2   a file cannot be read as what it should be
│   └── ContentError exit 2   what files say is wrong; lists every problem with file, line and field
│       └── PolicyError       the files are policies
└── SourceError      exit 3   Azure could not be read
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class ScanError(Exception):
    """The scan cannot vouch for its answer; `help` is the next step for the reader, or None."""

    exit_code = 3

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the reader's word
        super().__init__(message)
        self.help = help


class UsageError(ScanError):
    """An option is wrong."""

    exit_code = 2


class FileError(UsageError):
    """A file cannot be read as what it should be; the message starts with its path."""


class SourceError(ScanError):
    """Azure could not be read."""


class Problem(NamedTuple):
    """One thing wrong in a file: where (line from 1, dotted field) and what."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.field, self.message) if part)


class ContentError(UsageError):
    """What stands in files is wrong; all problems at once."""

    def __init__(self, problems: Iterable[Problem], *, help: str | None = None) -> None:  # noqa: A002 - Python's help is not used here
        self.problems: Sequence[Problem] = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)), help=help)


class PolicyError(ContentError):
    """Policy files are wrong; all problems at once."""


def os_reason(error: Exception) -> str:
    """Why the operating system refused something, in lower case."""
    return (getattr(error, "strerror", None) or str(error) or "unknown reason").lower()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'X'?` for the known word nearest in spelling, or nothing."""
    import difflib

    spelling = {name.casefold(): name for name in known}
    match difflib.get_close_matches(word.casefold(), spelling, n=1, cutoff=0.6):
        case [nearest]:
            return f"; did you mean {spelling[nearest]!r}?"
        case _:
            return ""
