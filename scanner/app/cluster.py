"""Judging in parts on the workers of a Dask cluster, through the interface of `concurrent.futures`."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from scanner.engine.parts import Outcome, Part, joined, judge_part, parted
from scanner.errors import ScanError, UsageError
from scanner.result.findings import Stretches

PARTS = 8
"""Parts for each worker that is there: one that takes long, or whose worker dies, holds up little."""
TRIES = 3
PATIENCE = 20.0
"""Seconds without news after which one looks whether there are workers at all."""


def judge_in_parts(whole: Part, address: str) -> Stretches:
    """The findings that one process would make, in the same order.

    What a worker leaves undone because it died is given to another. ScanError where none gets it done.
    """
    parts = list(parted(whole, PARTS))
    outcomes: dict[int, Outcome] = {}
    for _ in range(TRIES):
        waiting = [part for part in range(len(parts)) if part not in outcomes]
        if not waiting:
            break
        with _dask(address) as team:
            futures: dict[int, Future[Outcome]] = {}
            with suppress(team.lost):
                for part in waiting:
                    futures[part] = team.executor.submit(judge_part, parts[part])
            outcomes |= dict(_answered(futures, team))
    if len(outcomes) < len(parts):
        missing = len(parts) - len(outcomes)
        raise ScanError(
            f"{missing} of {len(parts)} parts were not judged: their workers died {TRIES} times",
            help="give the workers more memory; each needs that of its part of the inventory",
        )
    return joined(whole, ((parts[number], outcome) for number, outcome in outcomes.items()))


@dataclass(frozen=True, slots=True)
class _Team:
    """An executor, what it raises where a worker died, and whether anybody is there to work."""

    executor: Executor
    lost: type[Exception]
    staffed: Callable[[], bool]


@contextmanager
def _dask(address: str) -> Iterator[_Team]:
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("--dask needs dask.distributed", help="pip install 'acr-scan[dask]'") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError, TypeError, ImportError) as error:  # tls: and ucx: want more than a host
        raise ScanError(f"no Dask scheduler answers at {address}: {error}") from error
    with client, client.get_executor(pure=False) as executor:
        yield _Team(executor, KilledWorker, lambda: bool(client.nthreads()))


def _answered(futures: Mapping[int, "Future[Outcome]"], team: _Team) -> Iterator[tuple[int, Outcome]]:
    """The parts that were judged; those whose worker died are left out."""
    waiting = set(futures.values())
    while waiting:
        done, waiting = wait(waiting, PATIENCE, FIRST_COMPLETED)
        if not done and not team.staffed():
            for future in waiting:
                future.cancel()
            raise ScanError(
                "the Dask scheduler has no workers",
                help="start some: dask worker tcp://HOST:PORT, with acr-scan installed",
            )
    for number, future in futures.items():
        with suppress(team.lost):
            yield number, future.result()
