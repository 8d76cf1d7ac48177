"""What the terminal can show, and how an error is told on it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from scanner.cli import streams
from scanner.errors import ContentError, FileError, ScanError
from scanner.text.printable import printable

NARROWEST, WIDEST = 60, 1000


def terminal_color(*, no_color: bool) -> bool:
    """Colour only on a terminal, and not where --no-color or NO_COLOR says so."""
    return not no_color and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def terminal_width() -> int:
    """Columns to write for; 100 where there is no terminal."""
    return min(max(NARROWEST, shutil.get_terminal_size((100, 24)).columns), WIDEST)


@contextmanager
def standard_output() -> Iterator[None]:
    """Around what prints: a reader who left early changes no exit code, and a full disk is no bug."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        streams.give_up()
        if not isinstance(error, BrokenPipeError):
            raise FileError(streams.complaint(error)) from error


def show(text: str, *, color: bool) -> None:
    """Print what a command is for."""
    with standard_output():
        click.echo(text, nl=False, color=color)


def say_error(error: ScanError) -> None:
    """An error on standard error: what is wrong, a line each, and the next step."""
    lines = map(str, error.problems) if isinstance(error, ContentError) else [str(error)]
    for line in lines:
        click.echo(f"acr-scan: {printable(line)}", err=True)
    if error.help is not None:
        click.echo(f"help: {printable(error.help)}", err=True)
