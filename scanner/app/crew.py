"""Processes of this machine: each judges a share of the resources, keeps its findings, and writes of them.

Where it can, a worker starts as a fork, which has the inventory already. One that dies is replaced, and its
share judged again.
"""

import gc
import multiprocessing
import signal
import sys
import tempfile
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from scanner.engine.parts import Outcome, Part, joined, judge_part, shares
from scanner.errors import ScanError
from scanner.report.texts import Tell
from scanner.result.finding import Exempted, Finding, Ungated, Verdict
from scanner.result.findings import Columns, Findings

TRIES = 3
CHUNK = 2**20
"""Bytes of a worker's text that are read at once."""
Accepted = Mapping[tuple[str, str], tuple[Verdict, Verdict | None, Ungated | None, Exempted | None, bool]]
"""By policy id and key what became of findings that an exemption or a baseline covers."""


@dataclass(slots=True)
class _Desk:
    """What a worker has before it."""

    share: Part
    findings: Columns | None = None

    def judge(self) -> Outcome:
        """What is found; the findings stay here."""
        self.findings, outcome = judge_part(self.share)
        return outcome

    def write(self, make: Callable[[], Tell], accepted: Accepted, path: Path) -> list[tuple[str, int]]:
        """The texts of the findings into a file; how many bytes there are of each policy."""
        findings = self.findings or judge_part(self.share)[0]
        tell, sizes = make(), list[tuple[str, int]]()
        with path.open("wb") as file:
            for column in findings.columns:
                start = file.tell()
                file.writelines(tell(_as_it_is(each, accepted)).encode() for each in column)
                sizes.append((column.policy.id, file.tell() - start))
        return sizes


def _as_it_is(finding: Finding, accepted: Accepted) -> Finding:
    """The finding as exemptions and the baseline left it."""
    changed = accepted.get((finding.policy.id, finding.resource.key))
    if changed is None:
        return finding
    verdict, gates, ungated, exemption, baseline = changed
    return msgspec.structs.replace(
        finding, verdict=verdict, gates=gates, ungated=ungated, exemption=exemption, baseline=baseline
    )


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
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, share), daemon=True)
        process.start()
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

    def judge(self) -> Columns:
        """The findings that one process would make, in the same order."""
        return joined(self.whole, zip(self._shares, self._ask(lambda _: _Desk.judge), strict=True))

    def texts(self, findings: Findings, make: Callable[[], Tell]) -> Iterator[tuple[str, str]]:
        """The texts of these findings, in their order, a piece of a policy's at a time."""
        accepted: Accepted = {
            (each.policy.id, each.resource.key): (
                each.verdict,
                each.gates,
                each.ungated,
                each.exemption,
                each.baseline,
            )
            for each in findings
            if each.exemption is not None or each.baseline
        }
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / str(number) for number in range(len(self._shares))]
            sizes = self._ask(
                lambda number: partial(_Desk.write, make=make, accepted=accepted, path=paths[number])
            )
            yield from _merged(paths, sizes)

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


def _merged(paths: Sequence[Path], sizes: Sequence[Sequence[tuple[str, int]]]) -> Iterator[tuple[str, str]]:
    """The texts policy by policy, and by share within a policy."""
    left = [dict(each) for each in sizes]
    with ExitStack() as opened:
        files = [opened.enter_context(path.open("rb")) for path in paths]
        for policy in sorted({policy for each in left for policy in each}):
            for file, of in zip(files, left, strict=True):
                yield from ((policy, text) for text in _read(file, of.get(policy, 0)))


def _read(file: BinaryIO, size: int) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8")()
    while size > 0:
        chunk = file.read(min(size, CHUNK))
        if not chunk:
            raise EOFError("a worker's text is cut short")
        size -= len(chunk)
        yield decoder.decode(chunk, final=size == 0)
