"""The options that say what is looked at: a scope in Azure or a snapshot, and how to read it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

AUTHS = ("default", "cli", "environment", "workload", "managed", "devicecode")
CLOUDS = ("Public", "USGovernment", "China")

_FILE = click.Path(path_type=Path)
_Command = Callable[..., Any]

_OPTIONS = (
    click.option(
        "--subscription",
        "-s",
        multiple=True,
        metavar="ID-or-name",
        help="Scan this subscription. Repeatable.",
    ),
    click.option(
        "--management-group", metavar="ID", help="Scan all subscriptions below this management group."
    ),
    click.option("--all-subscriptions", is_flag=True, help="Scan every subscription that can be read."),
    click.option(
        "--snapshot",
        type=_FILE,
        metavar="PATH",
        help="Judge a saved inventory, offline: a snapshot, or answers of Azure as JSON.",
    ),
    click.option(
        "--save-snapshot",
        type=_FILE,
        metavar="PATH",
        help="Keep what was collected: a folder, or a zip if PATH ends so.",
    ),
    click.option(
        "--assume-complete", is_flag=True, help="With --snapshot: what is not in the input does not exist."
    ),
    click.option(
        "--service-tags",
        type=_FILE,
        metavar="FILE",
        help="The weekly service tag download, or a saved API answer.",
    ),
    click.option(
        "--max-tag-age",
        type=click.IntRange(min=0),
        default=7,
        show_default=True,
        metavar="DAYS",
        help="Where the API does not answer, use a cache of its tags not older than this.",
    ),
    click.option(
        "--arm-reads",
        type=click.Choice(("auto", "never")),
        default="auto",
        show_default=True,
        help="Read by ARM what a verdict hinges on and Resource Graph does not show.",
    ),
    click.option(
        "--webhook-endpoints",
        is_flag=True,
        help="Ask for webhooks' addresses; Reader cannot, it takes getCallbackConfig.",
    ),
    click.option(
        "--cloud",
        type=click.Choice(CLOUDS, case_sensitive=False),
        default="Public",
        show_default=True,
        help="The cloud to scan, or that of bare input files.",
    ),
    click.option(
        "--arm-endpoint",
        metavar="URL",
        help="Another Resource Manager: a private or test cloud. https only.",
    ),
    click.option(
        "--auth",
        type=click.Choice(AUTHS),
        default="default",
        show_default=True,
        help="How to sign in (azure-identity).",
    ),
)


def scope_options(command: _Command) -> _Command:
    """A command with these options, in this order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
