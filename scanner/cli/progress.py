"""Progress of a live scan on standard error: a bar on a terminal, lines elsewhere."""

import sys
import threading
import time
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

EVERY = 2.0
"""Seconds between two lines about the same thing."""
WAITING = "waiting"


class ProgressBar:
    """A bar for each table, one for the reads, and what is waited for."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def rows(self, table: str, pages: int, rows: int, total: int) -> None:
        """The bar of a table."""
        self._show(table, rows, total, _rows(pages, rows, total))

    def reads(self, done: int, total: int) -> None:
        """The bar of the reads."""
        self._show("ARM reads", done, total, f"{done:,} of {total:,}")

    def waiting(self, seconds: float, why: str) -> None:
        """A word beside the bars, until something moves again."""
        self._show(WAITING, 0, None, f"{seconds:.0f} s: {why}")

    def _show(self, name: str, done: int, total: int | None, said: str) -> None:
        with self._lock:
            if name not in self._tasks:
                self._tasks[name] = self._progress.add_task(name, said="")
            self._progress.update(self._tasks[name], completed=done, total=total, said=said, visible=True)
            if name != WAITING and WAITING in self._tasks:
                self._progress.update(self._tasks[WAITING], visible=False)


class ProgressLines:
    """A line now and then, for logs."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def rows(self, table: str, pages: int, rows: int, total: int) -> None:
        """A line for a table, at the end and every two seconds."""
        self._say(table, f"{table}: {_rows(pages, rows, total)}", last=rows >= total)

    def reads(self, done: int, total: int) -> None:
        """A line for the reads, at the end and every two seconds."""
        self._say("reads", f"ARM reads: {done:,} of {total:,}", last=done == total)

    def waiting(self, seconds: float, why: str) -> None:
        """A line for a wait."""
        self._say(WAITING, f"waiting {seconds:.0f} s: {why}")

    def _say(self, name: str, line: str, *, last: bool = False) -> None:
        with self._lock:
            now = time.monotonic()
            if last or now - self._told.get(name, -EVERY) >= EVERY:
                self._told[name] = now
                click.echo(line, err=True)


def _rows(pages: int, rows: int, total: int) -> str:
    return f"{rows:,} of {total:,} rows, {pages:,} page{'' if pages == 1 else 's'}"


def shown() -> ProgressBar | ProgressLines:
    """A bar if standard error is a terminal, lines if it is a log."""
    return ProgressBar() if sys.stderr.isatty() else ProgressLines()
