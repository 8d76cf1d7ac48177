"""`acr-scan tags show|diff|fetch`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from scanner.cli.group import SETTINGS, CommandGroup
from scanner.cli.paths import PATH
from scanner.cli.scope import scope_options
from scanner.cli.terminal import show as print_out
from scanner.cli.terminal import standard_output, terminal_color, terminal_width

_json = click.option("--json", "json_", type=PATH, metavar="FILE", help="Write JSON; - is standard output.")
_quiet = click.option("--quiet", "-q", is_flag=True, help="Print no report and no progress.")
_verbose = click.option("--verbose", "-v", is_flag=True, help="Cut no list; list what is unchanged too.")
_no_color = click.option("--no-color", is_flag=True, help="No colour, even on a terminal.")


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def tags() -> None:
    """Show service tags, say what changed between two lists and whom that touches, fetch them."""


@tags.command(context_settings=SETTINGS)
@click.argument("tag", required=False)
@click.option("--region", metavar="REGION", help="The tag of this region: TAG.REGION.")
@click.option("--ip", metavar="ADDRESS", help="Say which tags hold this IPv4 or IPv6 address.")
@_json
@scope_options
@_quiet
@_no_color
def show(tag: str | None, region: str | None, ip: str | None, json_: Path | None, **options: Any) -> int:
    """Show the prefixes of a service tag, or the tags that hold an address."""
    from scanner.app.options import now
    from scanner.app.scan import outputs
    from scanner.app.service_tags import queries as use_case
    from scanner.report.tags import address_table
    from scanner.text import writer

    files = outputs.Outputs({} if json_ is None else {"json": json_})
    files.check()
    view = use_case.view_tags(tag, region, ip, _scope(options), now())
    with standard_output():
        for path in files.paths.values():
            writer.put(path, [address_table.as_json(view)])
    if not options["quiet"] and not files.to_stdout:
        color = terminal_color(no_color=options["no_color"])
        print_out(address_table.render(view, width=terminal_width(), color=color), color=color)
    return 0


@tags.command(context_settings=SETTINGS)
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option(
    "--tag",
    "names",
    multiple=True,
    metavar="NAME",
    default=("AzureContainerRegistry",),
    show_default=True,
    help="Compare this tag and its regional ones, or a glob. Repeatable.",
)
@_json
@click.option("--markdown", type=PATH, metavar="FILE", help="Write Markdown; - is standard output.")
@scope_options
@_quiet
@_verbose
@_no_color
def diff(
    old: Path, new: Path, names: Sequence[str], json_: Path | None, markdown: Path | None, **options: Any
) -> int:
    """Say which addresses came and left from OLD to NEW: weekly files or API answers, of one cloud.

    With --snapshot or a scope in Azure also which registries that touches. Exit 1 if one is affected, 3 if
    that cannot be told of one.
    """
    from scanner.app.options import now
    from scanner.app.scan import outputs
    from scanner.app.service_tags import queries as use_case
    from scanner.cli.progress_listener import progress_listener
    from scanner.report.tags import diff_json, diff_markdown, diff_table
    from scanner.text import writer

    asked = {"json": json_, "markdown": markdown}
    files = outputs.Outputs({name: path for name, path in asked.items() if path is not None})
    files.check()
    scope = _scope(options)
    with progress_listener(scope, quiet=options["quiet"], verbose=options["verbose"]) as listener:
        comparison = use_case.compare_tags(old, new, names, scope, listener, now())
    renderers = {"json": diff_json.render, "markdown": diff_markdown.render}
    with standard_output():
        for name, path in files.paths.items():
            writer.put(path, [renderers[name](comparison)])
    if not options["quiet"] and not files.to_stdout:
        color = terminal_color(no_color=options["no_color"])
        verbose, width = options["verbose"], terminal_width()
        print_out(diff_table.render(comparison, width=width, color=color, verbose=verbose), color=color)
    return comparison.exit_code


@tags.command(context_settings=SETTINGS)
@click.argument("file", type=PATH)
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=4,
    show_default=True,
    metavar="N",
    help="How many older files stay beside FILE, named by their date.",
)
@click.option(
    "--accept-loss", is_flag=True, help="Write it though tags or most prefixes of FILE are missing."
)
@scope_options
@_quiet
def fetch(file: Path, *, keep: int, accept_loss: bool, **options: Any) -> int:
    """Write the service tags that the Discovery API answers to FILE, whole or not at all.

    Needs one subscription, any that can be read. What FILE held stays beside it. Exit 3, and FILE stays as it
    is, if the API does not answer or its answer lacks what FILE has.
    """
    from scanner.app.options import now
    from scanner.app.service_tags.fetch import fetch_tags
    from scanner.text.printable import printable

    done = fetch_tags(file, _scope(options), keep=keep, accept_loss=accept_loss, now=now())
    if not options["quiet"]:
        found = done.tags
        said = f"{len(found.tags)} tags of {found.cloud}, change {found.change_number or 'unknown'}"
        click.echo(printable(f"written: {file}: {said}"))
        if done.before is not None:
            click.echo(printable(f"the one before: {done.before}"))
        for path in done.deleted:
            click.echo(printable(f"deleted: {path}"))
    return 0


def _without(command: click.Command, *names: str) -> None:
    """Takes options off a command to which they mean nothing."""
    command.params = [each for each in command.params if each.name not in names]


_SCANS = ("save_snapshot", "arm_reads", "webhook_endpoints")
_without(show, *_SCANS, "assume_complete")
_without(diff, "save_snapshot", "webhook_endpoints", "service_tags", "max_tag_age")
_without(
    fetch,
    *(*_SCANS, "assume_complete", "snapshot", "service_tags", "max_tag_age"),
    *("management_group", "all_subscriptions"),
)


def _scope(options: dict[str, Any]) -> Any:
    from scanner.app.options import ScanScope

    return ScanScope(**{name: options[name] for name in ScanScope.__struct_fields__ if name in options})
