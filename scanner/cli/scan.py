"""`acr-scan scan`."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import click

from scanner import __version__
from scanner.cli.config import config_options
from scanner.cli.exemption_options import exemption_options
from scanner.cli.group import SETTINGS
from scanner.cli.paths import PATH
from scanner.cli.scope import scope_options, selection_options
from scanner.cli.terminal import show, standard_output, terminal_color, terminal_width

SEVERITIES = ("info", "low", "medium", "high", "critical", "never")


@click.command(context_settings=SETTINGS)
@scope_options
@selection_options
@exemption_options
@click.option(
    "--as-of",
    metavar="DATE",
    help="Judge exemptions and ages as of this time. Default: when the inventory was collected.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES, case_sensitive=False),
    default="low",
    show_default=True,
    help="The least severity that gates.",
)
@click.option("--allow-unknown", is_flag=True, help="Unknown verdicts do not gate.")
@click.option("--strict", is_flag=True, help="Unknowns that only an opt-in read would settle gate too.")
@click.option("--json", type=PATH, metavar="FILE", help="Write the results; - is standard output.")
@click.option("--junit", type=PATH, metavar="FILE", help="Write JUnit XML; - is standard output.")
@click.option("--sarif", type=PATH, metavar="FILE", help="Write the fails as SARIF, for code scanning.")
@click.option("--sarif-full", type=PATH, metavar="FILE", help="Write all as SARIF; not for GitHub.")
@click.option("--markdown", type=PATH, metavar="FILE", help="Write a comment for a pull request.")
@click.option("--csv", type=PATH, metavar="FILE", help="Write a row for each finding, for a spreadsheet.")
@click.option("--html", type=PATH, metavar="FILE", help="Write a page for a browser; - is standard output.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Judge, and write reports, on this many processes.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Judge a snapshot on the workers of this Dask scheduler: tcp://HOST:PORT.",
)
@click.option(
    "--history",
    metavar="URL",
    help="Keep the run: sqlite:///audit.db, or postgresql+psycopg://user@host/database.",
)
@click.option("--all-results", is_flag=True, help="The results also list what is not applicable.")
@config_options
@click.option("--quiet", "-q", is_flag=True, help="Print no table and no progress.")
@click.option("--verbose", "-v", is_flag=True, help="Cut no list; say what is read and why.")
@click.option("--no-color", is_flag=True, help="No colour, even on a terminal.")
@click.version_option(__version__, prog_name="acr-scan")
@click.pass_context
def scan(context: click.Context, /, **options: Any) -> int:
    """Judge registries by the policies; the exit code gates CI."""
    from scanner.cli.effective_options import locate_errors, resolve_options, settings_of

    held = resolve_options(context, options)
    if options["show_config"]:
        show(settings_of(held), color=False)
        return 0
    with locate_errors(held):
        return _scan(held.options)


def _scan(options: Mapping[str, Any]) -> int:
    from scanner.app.access_tables import accesses
    from scanner.app.options import ScanOptions
    from scanner.app.scan import formats, outputs, run
    from scanner.app.scan.workers import Workers
    from scanner.cli import baseline, history_option
    from scanner.cli.progress_listener import progress_listener

    asked = ScanOptions(**{name: options[name] for name in ScanOptions.__struct_fields__})
    files = outputs.Outputs({name: options[name] for name in formats.FORMATS if options[name] is not None})
    files.check()
    baseline.check_baseline(options)
    history_option.check_history(options["history"])
    workers = Workers(asked.workers, asked.dask)
    try:
        with progress_listener(asked, quiet=options["quiet"], verbose=options["verbose"]) as listener:
            renderers = partial(formats.renderer_factories, files.paths, all_results=options["all_results"])
            seen = run.collect_and_judge(asked, listener, lean=True, renderers=renderers, workers=workers)
        report = seen.report
        with standard_output():
            access = partial(accesses, seen, asked)
            trend = history_option.trend(options["history"] if options["html"] else None, asked, seen)
            texts = seen.result.texts
            files.write(formats.RenderContext(report, texts, options["all_results"], access, trend))
    finally:
        workers.end()
    if options["create_baseline"] is not None:
        baseline.write_baseline(options["create_baseline"], report)
    if not options["quiet"] and not files.to_stdout:
        color = terminal_color(no_color=options["no_color"])
        from scanner.report.console import scan_table

        with standard_output():
            for piece in scan_table.pieces(
                report, width=terminal_width(), color=color, verbose=options["verbose"]
            ):
                click.echo(piece, nl=False, color=color)
            click.echo(baseline.what_next(options, report), nl=False, color=color)
    history_option.keep(options["history"], asked, seen, quiet=options["quiet"])
    return report.exit_code
