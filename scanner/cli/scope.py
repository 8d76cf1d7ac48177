"""The options of several commands: what is looked at, and which registries and policies matter."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from scanner.cli.completion import policy_words
from scanner.cli.paths import PATH

AUTHS = ("default", "cli", "environment", "workload", "managed", "devicecode")
CLOUDS = ("Public", "USGovernment", "China")

_Command = Callable[..., Any]

_SCOPE = (
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
        type=PATH,
        metavar="PATH",
        help="Judge a saved inventory, offline: a snapshot, or answers of Azure as JSON.",
    ),
    click.option(
        "--save-snapshot",
        type=PATH,
        metavar="PATH",
        help="Keep what was collected: a folder, or a zip if PATH ends so.",
    ),
    click.option(
        "--assume-complete", is_flag=True, help="With --snapshot: what is not in the input does not exist."
    ),
    click.option(
        "--service-tags",
        type=PATH,
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


_SELECTION = (
    click.option(
        "--resource-group", "-g", multiple=True, metavar="NAME", help="This resource group only. Repeatable."
    ),
    click.option(
        "--registry", "-r", multiple=True, metavar="NAME-or-id", help="This registry only. Repeatable."
    ),
    click.option("--policies", multiple=True, type=PATH, metavar="DIR", help="More policies. Repeatable."),
    click.option("--no-builtin", is_flag=True, help="Leave out the shipped policies."),
    click.option(
        "--select",
        multiple=True,
        metavar="POLICY",
        shell_complete=policy_words,
        help="Only these policies: id, name or topic, with globs. Repeatable.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="POLICY",
        shell_complete=policy_words,
        help="Not these policies. Repeatable.",
    ),
    click.option("--param", multiple=True, metavar="ID.NAME=VALUE", help="A policy's parameter. Repeatable."),
)


def scope_options(command: _Command) -> _Command:
    """A command with the options that say what is looked at, and how."""
    return _with(_SCOPE, command)


def selection_options(command: _Command) -> _Command:
    """A command with the options that narrow what is judged, and by what."""
    return _with(_SELECTION, command)


def _with(options: Sequence[_Command], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command
