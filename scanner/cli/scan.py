"""`acr-scan scan`."""

from pathlib import Path
from typing import Any

import click

from scanner.cli.complete import policy_words
from scanner.cli.scope import scope_options
from scanner.cli.terminal import show, standard_output, terminal_color, terminal_width

SEVERITIES = ("info", "low", "medium", "high", "critical", "never")

_FILE = click.Path(path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@scope_options
@click.option(
    "--resource-group",
    "-g",
    multiple=True,
    metavar="NAME",
    help="Judge this resource group only. Repeatable.",
)
@click.option(
    "--registry", "-r", multiple=True, metavar="NAME-or-id", help="Judge this registry only. Repeatable."
)
@click.option("--policies", multiple=True, type=_FILE, metavar="DIR", help="More policies. Repeatable.")
@click.option("--no-builtin", is_flag=True, help="Leave out the shipped policies.")
@click.option(
    "--select",
    multiple=True,
    metavar="POLICY",
    shell_complete=policy_words,
    help="Only these policies: id, name or topic, with globs. Repeatable.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="POLICY",
    shell_complete=policy_words,
    help="Not these policies. Repeatable.",
)
@click.option("--param", multiple=True, metavar="ID.NAME=VALUE", help="A policy's parameter. Repeatable.")
@click.option(
    "--as-of", metavar="DATE", help="Judge ages as of this time. Default: when the inventory was collected."
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
@click.option("--json", type=_FILE, metavar="FILE", help="Write the results; - is standard output.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write JUnit XML; - is standard output.")
@click.option("--all-results", is_flag=True, help="The results also list what is not applicable.")
@click.option("--quiet", "-q", is_flag=True, help="Print no table and no progress.")
@click.option("--verbose", "-v", is_flag=True, help="Cut no list; say what is read and why.")
@click.option("--no-color", is_flag=True, help="No colour, even on a terminal.")
def scan(**options: Any) -> int:
    """Judge registries by the policies; the exit code gates CI."""
    from scanner.app import outputs, scanning  # noqa: PLC0415 - --help needs none of it
    from scanner.app.asked import Asked  # noqa: PLC0415
    from scanner.app.formats import FORMATS, Material  # noqa: PLC0415
    from scanner.cli.listening import listening  # noqa: PLC0415
    from scanner.report import console  # noqa: PLC0415

    asked = Asked(**{name: options[name] for name in Asked.__dataclass_fields__})
    files = outputs.Outputs({name: options[name] for name in FORMATS if options[name] is not None})
    files.check()
    with listening(asked, quiet=options["quiet"], verbose=options["verbose"]) as listener:
        report = scanning.run(asked, listener)
    with standard_output():
        files.write(Material(report, all_results=options["all_results"]))
    if not options["quiet"] and not files.to_stdout:
        color = terminal_color(no_color=options["no_color"])
        text = console.render(report, width=terminal_width(), color=color, verbose=options["verbose"])
        show(text, color=color)
    return report.exit_code
