"""The options that say what is accepted for a time."""

from collections.abc import Callable
from typing import Any

import click

from scanner.cli.paths import PATH

_Command = Callable[..., Any]

_OPTIONS = (
    click.option(
        "--exemptions", type=PATH, metavar="FILE", help="Findings that are accepted until a date (YAML)."
    ),
    click.option("--no-exemptions", is_flag=True, help="Judge as if there were no exemptions."),
    click.option(
        "--azure-exemptions",
        is_flag=True,
        help="Show Azure Policy's exemptions beside findings; they change no verdict.",
    ),
    click.option("--baseline", type=PATH, metavar="RESULTS.json", help="Fails in these results do not gate."),
    click.option(
        "--create-baseline", type=PATH, metavar="FILE", help="Write today's results, for --baseline."
    ),
)


def exemption_options(command: _Command) -> _Command:
    """A command with these options, in this order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
