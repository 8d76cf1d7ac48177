"""`--config` and `--show-config`: options from a file, which the command line overrules."""

from collections.abc import Callable
from typing import Any

import click

from scanner.cli.paths import PATH

CONFIG = f"{__name__}.config"
"""Where click keeps what the file says."""

_Command = Callable[..., Any]


def _read(context: click.Context, _: click.Parameter, path: Any) -> Any:
    """Makes what the file sets the defaults of the other options."""
    if path is not None and not context.resilient_parsing:
        from scanner.app.config.file import read_config

        config = context.meta[CONFIG] = read_config(path)
        context.default_map = dict(config.values)
    return path


_OPTIONS = (
    click.option(
        "--config",
        type=PATH,
        metavar="FILE",
        is_eager=True,
        callback=_read,
        help="Options from acr-scan.yaml; the command line wins.",
    ),
    click.option(
        "--show-config", is_flag=True, help="Print the settings and where each comes from; no scan."
    ),
)


def config_options(command: _Command) -> _Command:
    """A command with these options, in this order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
