"""Processes of this machine: each judges a share of the resources, keeps its findings, and writes of them.

Where it can, a worker starts as a fork, which has the inventory already. One that dies is replaced, and its
share judged again.
"""

import gc
import multiprocessing
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from scanner.app.desk import Accepted, Makes, Places, Written, write
from scanner.engine.parts import Outcome, Part, findings_of, in_turn, outcome_of, shares
from scanner.errors import ScanError
from scanner.result.findings import Stretches

TRIES = 3


@dataclass(slots=True)
class _Desk:
    """What a worker has before it."""

    share: Part
    _found: Stretches | None = None

    @property
    def found(self) -> Stretches:
        """The findings, which stay here; they are judged as they are asked for."""
        if self._found is None:
            self._found = findings_of(self.share)
        return self._found

    def judge(self) -> Outcome:
        """What is found."""
        return outcome_of(self.found)

    def write(self, makes: Makes, accepted: Accepted, folder: Path) -> Places:
        """The texts of the findings into files, and where each policy's stand."""
        return write(self.found, makes, accepted, folder)


def _work(mine: Connection, share: Part) -> None:
    """A worker's life: tasks in, answers or errors out, until its parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to tell
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # what is there stays: looking at it would copy its pages
    gc.set_threshold(200_000, 50, 50)
    desk, parent = _Desk(share), multiprocessing.parent_process()
    with suppress(EOFError, OSError):
        # a fork holds the other end of its own line too, so that the line alone would not tell of the end
        while parent is not None and mine in wait([mine, parent.sentinel]):
            task: Callable[[_Desk], Any] = mine.recv()
            try:
                answer = task(desk)
            except Exception as error:  # noqa: BLE001 - the parent raises it
                answer = error
            try:
                mine.send(answer)
            except (AttributeError, TypeError, pickle.PicklingError):  # it is one that cannot travel
                mine.send(RuntimeError(f"{type(answer).__name__} in a worker: {answer}"))


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    line: Connection

    @classmethod
    def start(cls, share: Part) -> "_Worker":
        """A fork where no thread may hold what it would need; else a process that reads all it needs."""
        alone = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork") if alone else multiprocessing.get_context("spawn")
        try:
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, share), daemon=True)
            process.start()
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise ScanError(f"a worker cannot be started: {reason}", help="use fewer --workers") from error
        theirs.close()
        return cls(process, ours)

    def end(self) -> None:
        self.line.close()
        self.process.terminate()
        self.process.join()


@dataclass(slots=True)
class Crew:
    """The workers of a scan, a share each."""

    whole: Part
    number: int
    _shares: Sequence[Part] = field(init=False)
    _workers: dict[int, _Worker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shares = tuple(shares(self.whole, self.number))

    def judge(self) -> Stretches:
        """The findings that one process would make, in the same order, once they are looked at."""
        return in_turn(self.whole, self._outcomes())

    def _outcomes(self) -> Iterator[tuple[Part, Outcome]]:
        """What each share's findings are; nobody is asked before somebody looks."""
        yield from zip(self._shares, self._ask(lambda _: _Desk.judge), strict=True)

    def write(self, makes: Makes, accepted: Accepted, written: Written) -> None:
        """The texts of all findings."""
        written.write(
            len(self._shares),
            lambda folders: self._ask(
                lambda number: partial(_Desk.write, makes=makes, accepted=accepted, folder=folders[number])
            ),
        )

    def end(self) -> None:
        """Send the workers home."""
        while self._workers:
            _, worker = self._workers.popitem()
            worker.end()

    def _ask(self, task: Callable[[int], Callable[[_Desk], Any]]) -> list[Any]:
        """Every worker's answer to its task. ScanError where a share kills whoever works on it."""
        answers: dict[int, Any] = {}
        for _ in range(TRIES):
            asked = [number for number in range(len(self._shares)) if number not in answers]
            for number in asked:
                if number not in self._workers:
                    self._workers[number] = _Worker.start(self._shares[number])
                with suppress(OSError):  # it died meanwhile: then it does not answer either
                    self._workers[number].line.send(task(number))
            for number in asked:
                try:
                    answers[number] = self._workers[number].line.recv()
                except (EOFError, OSError):
                    self._workers.pop(number).end()
        for answer in answers.values():
            if isinstance(answer, Exception):
                raise answer
        if len(answers) < len(self._shares):
            missing = len(self._shares) - len(answers)
            raise ScanError(
                f"{missing} of {len(self._shares)} parts were not judged: their workers died {TRIES} times",
                help="use fewer workers; each needs memory for its part of the inventory",
            )
        return [answers[number] for number in range(len(self._shares))]
