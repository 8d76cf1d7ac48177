"""What a command says on standard error while it gathers: progress, --verbose, and what stopped it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from scanner.app.options import Listener, ScanScope
from scanner.cli.terminal import say_error


@contextmanager
def progress_listener(scope: ScanScope, *, quiet: bool, verbose: bool) -> Iterator[Listener]:
    """A listener for as long as something is gathered; only a scan of Azure has progress to show."""
    tell = _tell if verbose else _say_nothing
    if quiet or not scope.live:
        yield Listener(tell=tell, stopped=say_error)
        return
    from scanner.cli.progress import shown

    with shown() as progress:
        yield Listener(progress, tell, say_error)


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _say_nothing(line: str) -> None:
    """Without --verbose."""
