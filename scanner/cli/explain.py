"""`acr-scan explain`."""

from pathlib import Path
from typing import Any

import click

from scanner.cli.group import SETTINGS
from scanner.cli.paths import PATH
from scanner.cli.scope import scope_options
from scanner.cli.terminal import show, standard_output, terminal_color, terminal_width


@click.command(context_settings=SETTINGS)
@click.argument("registry")
@click.option(
    "--from", "source", metavar="IP", help="Say whether this IPv4 address gets in, and by which rule."
)
@click.option("--json", "json_", type=PATH, metavar="FILE", help="Write the table; - is stdout.")
@scope_options
@click.option("--quiet", "-q", is_flag=True, help="Print no table and no progress.")
@click.option("--verbose", "-v", is_flag=True, help="Print the evidence of every row.")
@click.option("--no-color", is_flag=True, help="No colour, even on a terminal.")
def explain(registry: str, source: str | None, json_: Path | None, **options: Any) -> int:
    """Say who can reach a registry (name or id), and why.

    Exit codes: 0 told, 2 no such registry or wrong usage, 3 the answer to --from is unknown, or nothing
    could be read.
    """
    from scanner.app import explain as use_case
    from scanner.app.options import ScanOptions, ScanScope
    from scanner.cli.progress_listener import progress_listener
    from scanner.model.truth import Truth
    from scanner.report.console import access_table
    from scanner.text import writer

    asked = ScanOptions(**{name: options[name] for name in ScanScope.__struct_fields__})
    if json_ is not None:
        writer.check_writable(json_)
    if source is not None:
        use_case.address(source)  # now, rather than after a long read
    with progress_listener(asked, quiet=options["quiet"], verbose=options["verbose"]) as listener:
        seen = use_case.collect_for_explain(asked, registry, listener)
    access = use_case.explain(seen, registry, source)
    if json_ is not None:
        with standard_output():
            writer.put(json_, [access_table.as_json(access)])
    if not options["quiet"] and json_ != writer.STDOUT:
        color = terminal_color(no_color=options["no_color"])
        text = access_table.render(access, width=terminal_width(), color=color, verbose=options["verbose"])
        show(text, color=color)
    return 3 if access.source is not None and access.source.reaches is Truth.UNKNOWN else 0
