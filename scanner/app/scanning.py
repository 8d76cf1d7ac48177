"""The use case of `acr-scan scan`, and what other commands see of a scope."""

from collections.abc import Callable

from scanner.app.accepting import accepted
from scanner.app.asked import Asked, Listener
from scanner.app.desk import Makes
from scanner.app.gathering import Gathered, gather
from scanner.app.judging import Judged, Narrowing
from scanner.app.packs import Selection, open_pack, parameters_of
from scanner.app.workers import Workers
from scanner.result.report import Report


def run(asked: Asked, listener: Listener | None = None) -> Report:
    """The report of a scan, of Azure or of a snapshot."""
    seen = gathered(asked, listener, lean=True)
    seen.workers.end()
    return seen.report


def gathered(
    asked: Asked,
    listener: Listener | None = None,
    *,
    lean: bool = False,
    tellers: Callable[[Report], Makes] = lambda _: {},
) -> Gathered:
    """What a scan saw, besides its report. Every option is checked before anything is read.

    With `lean` rows of a snapshot lack what neither policies nor reports ask for. `tellers` are for the
    formats whose texts are to be made at once.
    """
    asked.check()
    as_of, gate = asked.judged_as_of, asked.gate
    pack = open_pack(asked.policies, builtin=not asked.no_builtin)
    policies = Selection(asked.select, asked.exclude).of(pack.policies)
    parameters = parameters_of(asked.param, policies)
    narrowing = Narrowing(asked.resource_group, asked.registry)
    workers = Workers(asked.workers, asked.dask)
    accept = accepted(asked, pack.policies)
    judged = Judged(pack, policies, gate, parameters, narrowing, accept, workers, lean, tellers)
    return gather(asked, judged, as_of, listener or Listener())
