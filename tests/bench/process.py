"""What a process and those below it cost: CPU, wall clock, and the peak of their memory together."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEARCHED = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
"""Where Python finds acr-scan and this package."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PYTHONPATH": SEARCHED
}
"""An installed program is compiled already; this one is so from its second start on."""
PROC = Path("/proc")
EVERY = 0.02
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds, and bytes of resident memory; pages that processes share count in each."""

    cpu: float
    wall: float
    peak: int
    code: int = 0


def spent(command: Sequence[str | Path]) -> Spent:
    """What a command costs, from its start to its end; what it prints is thrown away."""
    start = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
    ) as process:
        over = threading.Event()
        seen = [0]
        watcher = threading.Thread(target=watch, args=(process.pid, over, seen))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        over.set()
        watcher.join()
    peak = seen[0] if PROC.exists() else usage.ru_maxrss
    return Spent(usage.ru_utime + usage.ru_stime, wall, peak, process.returncode)


def watch(pid: int, over: threading.Event, seen: list[int]) -> None:
    """The most that a process and those below it held at a look; 0 where there is no /proc."""
    page = os.sysconf("SC_PAGE_SIZE")
    while True:
        together = sum(resident(each) for each in tree(pid)) * page
        seen[0] = max(seen[0], together, most(pid))
        if over.wait(EVERY):
            return


def tree(pid: int) -> list[int]:
    try:
        below = (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return []  # it ended meanwhile
    return [pid, *(each for child in below for each in tree(int(child)))]


def resident(pid: int) -> int:
    """Pages."""
    try:
        return int((PROC / str(pid) / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0


def most(pid: int) -> int:
    """Bytes that a process held at most so far; rusage would count what it was forked from."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    found = status.partition("VmHWM:")[2].split()
    return int(found[0]) * 1024 if found else 0
