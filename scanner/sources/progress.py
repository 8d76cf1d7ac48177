"""What a long collection tells about itself while it works."""

from typing import Protocol


class Progress(Protocol):
    """Where the collection stands: a bar on a terminal, lines in CI, nothing if quiet.

    Reads that run side by side tell of their waits, so any thread may call.
    """

    def rows(self, table: str, pages: int, rows: int, total: int) -> None:
        """The so-manieth page of a table arrived; so many rows are here, of so many."""
        ...

    def reads(self, done: int, total: int) -> None:
        """So many ARM reads are done, of so many."""
        ...

    def waiting(self, seconds: float, why: str) -> None:
        """Nothing moves for some seconds, and why."""
        ...


class Silent:
    """Says nothing."""

    def rows(self, table: str, pages: int, rows: int, total: int) -> None:
        """Nothing."""

    def reads(self, done: int, total: int) -> None:
        """Nothing."""

    def waiting(self, seconds: float, why: str) -> None:
        """Nothing."""
