"""`acr-scan policy list|show|test|lint|new|docs`."""

from collections.abc import Sequence
from pathlib import Path

import click

from scanner.authoring.cases import Case
from scanner.cli.completion import policy_words
from scanner.cli.group import SETTINGS, CommandGroup
from scanner.cli.paths import PATH
from scanner.cli.terminal import show as print_out
from scanner.cli.terminal import terminal_color, terminal_width
from scanner.policy.load import Pack

_policies = click.option(
    "--policies", multiple=True, type=PATH, metavar="DIR", help="More policies. Repeatable."
)
_no_color = click.option("--no-color", is_flag=True, help="No colour, even on a terminal.")


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def policy() -> None:
    """List, show, test and lint policies."""


@policy.command("list")
@_policies
@click.option("--select", multiple=True, metavar="POLICY", shell_complete=policy_words, help="Only these.")
@_no_color
def list_(policies: Sequence[Path], select: Sequence[str], *, no_color: bool) -> int:
    """List the policies: id, name, severity, what they judge."""
    from scanner.app.scan.policy_selection import Selection, open_pack
    from scanner.report.console import policies as report

    chosen = Selection(select).of(open_pack(policies).policies)
    color = terminal_color(no_color=no_color)
    print_out(report.listing(chosen, width=terminal_width(), color=color), color=color)
    return 0


@policy.command()
@click.argument("name", metavar="ID", shell_complete=policy_words)
@_policies
@_no_color
def show(name: str, policies: Sequence[Path], *, no_color: bool) -> int:
    """Show a policy: what it asks, why, how it decides, and what to do."""
    from scanner.app.scan.policy_selection import Selection, open_pack
    from scanner.authoring.policy_docs import page_of
    from scanner.report.console import policies as report

    color = terminal_color(no_color=no_color)
    chosen = Selection([name], option="policy show").of(open_pack(policies).policies)
    pages = [report.shown(page_of(policy), width=terminal_width(), color=color) for policy in chosen]
    print_out("\n".join(pages), color=color)
    return 0


@policy.command()
@click.argument("path", type=PATH, required=False)
@click.option("--mutate", is_flag=True, help="Change each policy a little, in every way; a case must notice.")
@click.option("--verbose", "-v", is_flag=True, help="Print the evidence of every case.")
@_no_color
def test(path: Path | None, *, mutate: bool, verbose: bool, no_color: bool) -> int:
    """Run the cases of policies: the shipped pack, or those at PATH. Exit 1 if one comes out wrong."""
    from scanner.app.scan.policy_selection import check_names, pack_at
    from scanner.authoring.cases import read_cases, run_case
    from scanner.report.console import policies as report

    pack = pack_at(path)
    check_names(pack)
    cases = read_cases(pack.policies)
    outcomes = [run_case(case, pack) for case in cases]
    color = terminal_color(no_color=no_color)
    lines = [
        report.CaseLine(each.case.policy.id, each.case.name, each.complaint, each.said) for each in outcomes
    ]
    print_out(report.cases(lines, verbose=verbose, width=terminal_width(), color=color), color=color)
    wrong = any(outcome.complaint is not None for outcome in outcomes)
    return 1 if wrong or (mutate and _survived(pack, cases)) else 0


def _survived(pack: Pack, cases: Sequence[Case]) -> bool:
    """Says which mutants no case noticed; whether there are any."""
    from scanner.authoring.mutations import mutants, survivors

    tried = found = 0
    for each in pack.policies:
        own = [case for case in cases if case.policy.id == each.id]
        tried += sum(1 for _ in mutants(each, pack))
        for mutant in survivors(each, pack, own):
            found += 1
            click.echo(f"survived: {mutant}")
    click.echo(f"{tried} mutants: {tried - found} noticed, {found} survived")
    if found:
        click.echo("help: add a case for each, or say the condition in fewer words", err=True)
    return found > 0


@policy.command()
@click.argument("path", type=PATH, required=False)
def lint(path: Path | None) -> int:
    """Say what is wrong with policies: the shipped pack, or those at PATH. Exit 1 if something is."""
    from scanner.app.scan.policy_selection import pack_at
    from scanner.authoring.lint import lint as find
    from scanner.text.printable import printable

    pack = pack_at(path)
    problems = find(pack)
    for problem in problems:
        click.echo(printable(str(problem)))
    if not problems:
        count = len(pack.policies)
        click.echo(f"{count} {'policy' if count == 1 else 'policies'}, nothing to say")
    return 1 if problems else 0


@policy.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a page is stale.")
def docs(*, check: bool) -> int:
    """Write the page of each shipped policy, and their index, beside the policies."""
    from scanner.authoring.policy_docs import stale_pages, write_pages

    paths = stale_pages() if check else write_pages()
    for path in paths:
        click.echo(f"{'stale' if check else 'written'}: {path}")
    if check and paths:
        click.echo("help: run make docs", err=True)
    return 1 if check and paths else 0


@policy.command()
@click.argument("topic")
@click.argument("name")
@click.option(
    "--policies", type=PATH, metavar="DIR", help="The folder of your policies. Default: the pack's."
)
@click.option("--prefix", default="ACR", show_default=True, metavar="LETTERS", help="The letters of its id.")
def new(topic: str, name: str, policies: Path | None, prefix: str) -> int:
    """Write a policy NAME on a TOPIC and its cases, with the next free id, ready to be changed."""
    from scanner.authoring.scaffold import scaffold
    from scanner.text.printable import printable

    for path in scaffold(topic, name, policies, prefix):
        click.echo(printable(f"written: {path}"))
    return 0
