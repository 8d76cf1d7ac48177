"""`acr-scan history …`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from scanner.cli.group import SETTINGS, CommandGroup
from scanner.cli.paths import PATH
from scanner.cli.terminal import show, terminal_color, terminal_width

URLS = "sqlite:///audit.db, or postgresql+psycopg://user@host/database (the password better in PGPASSWORD)"

_Command = Callable[..., Any]


def _options(command: _Command) -> _Command:
    """A command with the options that all commands of a history have."""
    for option in (
        click.option("--no-color", is_flag=True, help="No colour, even on a terminal."),
        click.option(
            "--json",
            "json_",
            type=PATH,
            metavar="FILE",
            help="Write it as JSON; - is stdout.",
        ),
        click.option("--history", "url", required=True, metavar="URL", help=f"Where the history is: {URLS}."),
    ):
        command = option(command)
    return command


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def history() -> None:
    """Show what earlier scans found: those that were kept with --history URL."""


@history.command("list")
@_options
def list_(url: str, json_: Path | None, *, no_color: bool) -> int:
    """List all runs, the newest one last."""
    from scanner.app import history as use_cases
    from scanner.report.console import history as report

    _check(json_)
    runs = use_cases.runs(url)
    return _out(
        json_, report.listing_json(runs), lambda **how: report.listing(runs, **how), no_color=no_color
    )


@history.command("trend")
@click.argument("run", type=click.IntRange(min=1), required=False)
@_options
def trend(run: int | None, url: str, json_: Path | None, *, no_color: bool) -> int:
    """Show how one scope moved: that of RUN, or that of the newest run."""
    from scanner.app import history as use_cases
    from scanner.report.console import history as report

    _check(json_)
    runs, past = use_cases.trend(url, run)
    text = report.trend_json(runs, past)
    return _out(json_, text, lambda **how: report.trend(runs, past, **how), no_color=no_color)


@history.command("diff")
@click.argument("first", metavar="[RUN", type=click.IntRange(min=1), required=False)
@click.argument("second", metavar="[RUN]]", type=click.IntRange(min=1), required=False)
@_options
def diff(first: int | None, second: int | None, url: str, json_: Path | None, *, no_color: bool) -> int:
    """Show what is new, reopened, fixed and still open, and for how long.

    Between two runs; with one, since then; without, between the newest run and the one before it.
    """
    from scanner.app import history as use_cases
    from scanner.report.console import history as report

    _check(json_)
    moved = use_cases.diff(url, first, second)
    return _out(json_, report.diff_json(moved), lambda **how: report.diff(moved, **how), no_color=no_color)


def _check(json_: Path | None) -> None:
    from scanner.text import writer

    if json_ is not None:
        writer.check_writable(json_)


def _out(json_: Path | None, text: str, table: Callable[..., str], *, no_color: bool) -> int:
    """Writes the JSON where it was asked for, and the table unless that went to standard output."""
    from scanner.text import writer

    if json_ is not None:
        writer.put(json_, [text])
    if json_ != writer.STDOUT:
        color = terminal_color(no_color=no_color)
        show(table(width=terminal_width(), color=color), color=color)
    return 0
