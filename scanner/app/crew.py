"""Processes of this machine: each judges a share of the resources, keeps its findings, and writes of them.

Where it can, a worker starts as a fork, which has the inventory already. One that dies is replaced, and its
share judged again.
"""

import gc
import multiprocessing
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

from scanner.app.desk import Accepted, Place, accepted_of, write, written
from scanner.engine.parts import Outcome, Part, joined, judge_part, shares
from scanner.errors import ScanError
from scanner.report.texts import Tell
from scanner.result.findings import Findings, Stretches

TRIES = 3


@dataclass(slots=True)
class _Desk:
    """What a worker has before it."""

    share: Part
    findings: Stretches | None = None

    def judge(self) -> Outcome:
        """What is found; the findings stay here."""
        self.findings, outcome = judge_part(self.share)
        return outcome

    def write(self, make: Callable[[], Tell], accepted: Accepted, path: Path) -> list[Place]:
        """The texts of the findings into a file, and where each policy's stand."""
        if self.findings is None:
            self.findings, _ = judge_part(self.share)
        return write(self.findings, make(), accepted, path)


def _work(mine: Connection, share: Part) -> None:
    """A worker's life: tasks in, answers or errors out, until its parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to tell
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
            mine.send(answer)


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
        """The findings that one process would make, in the same order."""
        return joined(self.whole, zip(self._shares, self._ask(lambda _: _Desk.judge), strict=True))

    def texts(self, findings: Findings, make: Callable[[], Tell]) -> Iterator[tuple[str, str]]:
        """The texts of these findings, in their order, a piece of a policy's at a time."""
        accepted = accepted_of(findings)
        return written(
            len(self._shares),
            lambda paths: self._ask(
                lambda number: partial(_Desk.write, make=make, accepted=accepted, path=paths[number])
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
