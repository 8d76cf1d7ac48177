"""Judging in parts, on processes or a Dask cluster, through the one interface of `concurrent.futures`."""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from scanner.engine.parts import Outcome, Part, joined, judge_part, parted
from scanner.errors import ScanError, UsageError
from scanner.result.finding import Finding

PARTS_EACH = 4
"""Parts for each worker: a part that takes long, or whose worker dies, holds up little."""
TRIES = 3
PATIENCE = 20.0
"""Seconds without news after which one looks whether there are workers at all."""


def judge_in_parts(whole: Part, number: int, dask: str | None) -> tuple[Finding, ...]:
    """The findings that one process would make, in the same order.

    What a worker leaves undone because it died is given to another. ScanError where none gets it done.
    """
    parts = list(parted(whole, number * PARTS_EACH))
    outcomes: dict[int, Sequence[Outcome]] = {}
    for _ in range(TRIES):
        waiting = [part for part in range(len(parts)) if part not in outcomes]
        if not waiting:
            break
        with _processes(number) if dask is None else _dask(dask) as team:
            futures: dict[int, Future[list[Outcome]]] = {}
            with suppress(team.lost):  # a pool may be broken before all of its work is given out
                for part in waiting:
                    futures[part] = team.executor.submit(judge_part, parts[part])
            outcomes |= dict(_answered(futures, team))
    if len(outcomes) < len(parts):
        missing = len(parts) - len(outcomes)
        raise ScanError(
            f"{missing} of {len(parts)} parts were not judged: their workers died {TRIES} times",
            help="use fewer workers; each needs memory for its part of the inventory",
        )
    return joined(whole, (each for part in sorted(outcomes) for each in outcomes[part]))


@dataclass(frozen=True, slots=True)
class _Team:
    """An executor, what it raises where a worker died, and whether anybody is there to work."""

    executor: Executor
    lost: type[Exception]
    staffed: Callable[[], bool] = lambda: True


@contextmanager
def _processes(number: int) -> Iterator[_Team]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(number, context, _start) as pool:
        yield _Team(pool, BrokenProcessPool)


@contextmanager
def _dask(address: str) -> Iterator[_Team]:
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("--dask needs dask.distributed", help="pip install 'acr-scan[dask]'") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise ScanError(f"no Dask scheduler answers at {address}: {error}") from error
    with client, client.get_executor(pure=False) as executor:
        yield _Team(executor, KilledWorker, lambda: bool(client.nthreads()))


def _answered(
    futures: Mapping[int, "Future[list[Outcome]]"], team: _Team
) -> Iterator[tuple[int, list[Outcome]]]:
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


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to tell
    gc.set_threshold(200_000, 50, 50)
