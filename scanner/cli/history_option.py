"""`--history URL` of a scan: looked at before it, written after its reports."""

from collections.abc import Sequence

import click

from scanner.app.options import ScanOptions
from scanner.app.scan.collect import Collected
from scanner.errors import FileError
from scanner.result.trend import TrendPoint
from scanner.text.printable import printable


def check_history(url: str | None) -> None:
    """UsageError before a scan if it could not be kept there."""
    if url is not None:
        from scanner.app import history

        history.check(url)


def keep(url: str | None, asked: ScanOptions, seen: Collected, *, quiet: bool) -> None:
    """Stores a scan. UsageError (exit 2, whatever the verdicts) where it cannot be, as for any report."""
    if url is None:
        return
    from scanner.app import history

    kept = history.keep(url, asked, seen, _say)
    where = history.shown_address(url)
    if not quiet:
        _say(
            f"{where}: kept as run {kept.number}"
            if kept.new
            else f"{where}: has this scan as run {kept.number}"
        )


def trend(url: str | None, asked: ScanOptions, seen: Collected) -> Sequence[TrendPoint]:
    """What reports may draw; nothing where the history cannot be read, which `keep` will tell."""
    if url is None:
        return ()
    from scanner.app import history

    try:
        return history.trend_to(url, asked, seen)
    except FileError:
        return ()


def _say(line: str) -> None:
    click.echo(printable(line), err=True)
