"""`acr-scan [scan]` and the other commands; each command's module loads when it is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from scanner import __version__
from scanner.errors import did_you_mean

COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "scan": ("scanner.cli.scan", "scan", "Judge registries by the policies (the default command)."),
    "explain": ("scanner.cli.explain", "explain", "Say who can reach a registry, and why."),
    "remediate": ("scanner.cli.remediate", "remediate", "Print the steps that put findings right."),
    "tags": ("scanner.cli.tags", "tags", "Show, compare and fetch service tags."),
    "policy": ("scanner.cli.policy", "policy", "List, show, test and lint policies."),
    "history": ("scanner.cli.history", "history", "Show what earlier scans found, and what moved."),
    "exemptions": ("scanner.cli.exemptions", "exemptions", "Check a file of exemptions."),
}
"""Command → module, name in it, and a line of help that needs no import."""

DEFAULT = "scan"
SETTINGS: Mapping[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class CommandGroup(click.Group):
    """A group that answers a misspelt command in our own words, whatever click's are."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a word that names none is exit 2 with the nearest."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            ctx.fail(f"there is no command {args[0]!r}{did_you_mean(args[0], known)}")
        return super().resolve_command(ctx, args)


class DefaultGroup(CommandGroup):
    """A group whose default command is scan: `acr-scan --snapshot X` scans."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options of scan may stand without the word `scan`."""
        own = {"--version", "--help", "-h"}
        if args and args[0].startswith("-") and args[0] not in own and args[0] != "--":
            args = [DEFAULT, *args]
        # a shell completes a first word that is not among the arguments yet
        default = [] if ctx.resilient_parsing else [DEFAULT]
        return super().parse_args(ctx, args or default)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, or the options of this group and of scan."""
        found = super().shell_complete(ctx, incomplete)
        scan = self.get_command(ctx, DEFAULT) if incomplete.startswith("-") else None
        if scan is not None:
            known = {item.value for item in found}
            found += [item for item in scan.shell_complete(ctx, incomplete) if item.value not in known]
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, the default one first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the signature is not ours
        """The command of a name, loaded now."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of scan, then the other commands."""
        scan = self.get_command(ctx, DEFAULT)
        if scan is not None:
            scan.format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


EPILOG = """\b
Examples:
  acr-scan --subscription Production
  acr-scan --subscription Production --select tasks --junit acr.xml --fail-on high
  acr-scan --snapshot samples/snapshots/contoso
  acr-scan --snapshot rows.json --service-tags ServiceTags_Public.json
  acr-scan explain contosoprod --snapshot samples/snapshots/contoso --from 20.42.66.5
  acr-scan remediate --snapshot samples/snapshots/contoso --output plan.sh
  acr-scan policy list

A FILE of one report may be -, standard output; nothing else is printed there then.

\b
Exit codes:
  0  scanned whole, and clean
  1  at least one gating fail
  2  wrong usage, or a file that cannot be read
  3  the scan cannot vouch: a gating unknown, an incomplete inventory, or nothing scanned,
     or Azure unreachable or refusing
  4  a bug in acr-scan
"""


@click.group(cls=DefaultGroup, epilog=EPILOG, context_settings=SETTINGS)
@click.version_option(__version__, prog_name="acr-scan")
def acr_scan() -> None:
    """Judge the network of Azure container registries: pass, fail, unknown or not applicable, with evidence.

    Does everything that needs a registry get in, and does nothing else? What could not be seen is never
    a pass. `acr-scan [scan] OPTIONS` scans; the other commands are below.
    """
