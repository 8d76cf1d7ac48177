"""The use case of `acr-scan scan`, and what other commands see of a scope."""

from collections.abc import Callable

from scanner.app.accept.acceptance import acceptance_rules
from scanner.app.options import Listener, ScanOptions
from scanner.app.scan.collect import Collected, collect
from scanner.app.scan.judging import ScanRequest
from scanner.app.scan.policy_selection import Selection, open_pack, parameters_of
from scanner.app.scan.rendering import RendererFactories
from scanner.app.scan.resource_filter import ResourceFilter
from scanner.app.scan.workers import Workers
from scanner.result.report import Report, Run


def run(asked: ScanOptions, listener: Listener | None = None) -> Report:
    """The report of a scan, of Azure or of a snapshot."""
    return collect_and_judge(asked, listener, lean=True).report


def collect_and_judge(
    asked: ScanOptions,
    listener: Listener | None = None,
    *,
    lean: bool = False,
    renderers: Callable[[Run], RendererFactories] = lambda _: {},
    workers: Workers | None = None,
) -> Collected:
    """What a scan saw, besides its report. Every option is checked before anything is read.

    With `lean` rows of a snapshot lack what neither policies nor reports ask for. `renderers` are those of
    the formats that render findings while they are judged; texts stay until the caller ends the `workers`.
    """
    asked.check()
    as_of, gate = asked.judged_as_of, asked.gate
    pack = open_pack(asked.policies, builtin=not asked.no_builtin)
    policies = Selection(asked.select, asked.exclude).of(pack.policies)
    request = ScanRequest(
        pack,
        policies,
        gate,
        parameters_of(asked.param, policies),
        ResourceFilter(asked.resource_group, asked.registry),
        acceptance_rules(asked, pack.policies),
        workers or Workers(asked.workers, asked.dask),
        lean,
        renderers,
    )
    return collect(asked, request, as_of, listener or Listener())
