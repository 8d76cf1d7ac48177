"""What every program here does alike: `PROGRAM ROWS RESULT ROUNDS`, from bytes to verdicts.

Runs in the peer's own environment, so it imports nothing but the standard library. RESULT gets
`{"read": [CPU seconds of each round], "judge": […], "verdicts": {id: {check: pass|fail|unknown}}}`.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Verdicts = dict[str, dict[str, str]]
CHECKS = ("public access off", "admin user off", "anonymous pull off", "SKU Premium")


def cpu() -> float:
    """Seconds of this process and of its children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def run(read: Callable[[Path], Any], judge: Callable[[Any], Verdicts]) -> None:
    """Rounds of a judge that has its checks loaded; one more round first, for what is imported late."""
    rows, result, rounds = sys.argv[1:]
    verdicts = judge(read(Path(rows)))
    reading, judging = [], []
    for _ in range(int(rounds)):
        start = cpu()
        there = read(Path(rows))
        between = cpu()
        judge(there)
        reading.append(between - start)
        judging.append(cpu() - between)
    Path(result).write_text(json.dumps({"read": reading, "judge": judging, "verdicts": verdicts}), "utf-8")


def loaded(rows: Path) -> list[Any]:
    """The registries, each a line."""
    with rows.open("rb") as lines:
        return [json.loads(line) for line in lines]
