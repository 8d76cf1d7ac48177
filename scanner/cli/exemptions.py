"""`acr-scan exemptions check`."""

from pathlib import Path
from typing import Any

import click

from scanner.cli.group import SETTINGS, CommandGroup
from scanner.cli.paths import PATH
from scanner.cli.scope import scope_options
from scanner.cli.terminal import show


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def exemptions() -> None:
    """Check a file of exemptions."""


@exemptions.command()
@click.argument("file", type=PATH)
@scope_options
@click.option("--policies", multiple=True, type=PATH, metavar="DIR", help="More policies. Repeatable.")
@click.option("--no-builtin", is_flag=True, help="Leave out the shipped policies.")
@click.option("--as-of", metavar="DATE", help="Check as of this day. Default: as a scan does, or today.")
@click.option("--json", "json_", type=PATH, metavar="FILE", help="Write every exemption; - is stdout.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@click.option("--verbose", "-v", is_flag=True, help="Also list the exemptions that are in use.")
def check(file: Path, json_: Path | None, **options: Any) -> int:
    """Say which exemptions are expired, unused, or match nothing: exit 1 if one is.

    With a snapshot or a scope in Azure; without, only what the file alone shows. Exit 3 if nothing is wrong,
    but not everything could be seen.
    """
    from scanner.app import check_exemptions
    from scanner.app.options import ScanOptions
    from scanner.cli.progress_listener import progress_listener
    from scanner.report.console import exemptions as report
    from scanner.text import writer

    if json_ is not None:
        writer.check_writable(json_)
    quiet, verbose = options.pop("quiet"), options.pop("verbose")
    asked = ScanOptions(exemptions=file, **options)
    with progress_listener(asked, quiet=quiet, verbose=verbose) as listener:
        checked = check_exemptions.check(asked, listener)
    if json_ is not None:
        writer.put(json_, [report.as_json(checked.uses, as_of=checked.as_of)])
    if not quiet and json_ != writer.STDOUT:
        show(report.as_text(checked.uses, total=checked.total, verbose=verbose), color=False)
    if checked.report is None and not quiet:
        click.echo(
            "help: what they cover was not looked at; pass --snapshot PATH or a scope in Azure", err=True
        )
    return checked.exit_code
