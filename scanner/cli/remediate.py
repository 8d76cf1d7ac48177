"""`acr-scan remediate`."""

from pathlib import Path
from typing import Any

import click

from scanner.cli.group import SETTINGS
from scanner.cli.paths import PATH
from scanner.cli.scope import scope_options, selection_options
from scanner.cli.terminal import standard_output
from scanner.errors import UsageError

FORMATS = ("az", "bicep", "terraform")
WAYS = ("agent-pool", "bypass", "ip-rules")


@click.command(context_settings=SETTINGS)
@scope_options
@click.option(
    "--results",
    type=PATH,
    metavar="FILE",
    help="Plan for the findings of a results file; with a scope or snapshot, for those that still hold.",
)
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="az", show_default=True, help="What to write."
)
@click.option(
    "--prefer",
    type=click.Choice(WAYS),
    help="The way to try first for tasks. Default: this order, the first that leaves nothing else failing.",
)
@click.option(
    "--allow-widening",
    is_flag=True,
    help="Open addresses beyond the service tag where its prefixes do not fit; the plan says how many.",
)
@click.option(
    "--output", type=PATH, default="-", metavar="FILE", help="Write the plan; - is stdout (default)."
)
@selection_options
@click.option(
    "--exemptions", type=PATH, metavar="FILE", help="Findings that are accepted until a date (YAML)."
)
@click.option("--as-of", metavar="DATE", help="Judge exemptions as of this time.")
@click.option("--quiet", "-q", is_flag=True, help="Print no progress.")
@click.option("--verbose", "-v", is_flag=True, help="Say what is read and why.")
def remediate(results: Path | None, output: Path, format_: str, **options: Any) -> int:
    """Print the steps that put findings right; nothing is ever run.

    Each step was tried on the inventory: its finding is gone, and no other comes. What no step can decide
    is listed with its reason.

    Exit codes: 0 planned, also when nothing is to do; 2 wrong usage or a file that cannot be read; 3 not
    everything could be seen, so the plan may lack parts.
    """
    from scanner.app.options import ScanOptions
    from scanner.app.remediate import planning, results_plan
    from scanner.app.remediate.plan_formats import FORMATS as RENDERERS
    from scanner.app.scan.policy_selection import open_pack
    from scanner.cli.progress_listener import progress_listener
    from scanner.sources.files.results import read_results
    from scanner.text import writer

    prefer, widen = options.pop("prefer"), options.pop("allow_widening")
    known = {name: value for name, value in options.items() if name in ScanOptions.__struct_fields__}
    asked, asking = ScanOptions(**known), planning.RemediationOptions(prefer, widen)
    writer.check_writable(output)
    found = None if results is None else read_results(results)
    if found is not None and asked.snapshot is None and not asked.live:
        if format_ != "az":
            message = (
                f"--format {format_} takes all settings of a registry, which a results file does not hold"
            )
            raise UsageError(message, help="pass --snapshot or a scope as well, or --format az")
        pack = open_pack(asked.policies, builtin=not asked.no_builtin)
        plan = results_plan.plan_of_results(found, prefer, pack)
    else:
        with progress_listener(asked, quiet=options["quiet"], verbose=options["verbose"]) as listener:
            plan = planning.remediate(asked, asking, found, listener)
    with standard_output():
        writer.put(output, [RENDERERS[format_](plan)])
    return 3 if plan.doubts else 0
