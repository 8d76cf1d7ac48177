"""The lines of the table: what is run, once a round, and what it cost."""

import fnmatch
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.process import Spent, spent
from bench.registries import TAGS

REPORTS = ("json", "junit", "csv", "sarif", "sarif-full", "markdown", "html")
FLOOR = "orjson.loads, line by line"
PASS = "python -c pass"
PARTS = {
    "orjson": {"parse": FLOOR},
    "json": {"parse": "json.loads, line by line"},
    "acr-scan": {"read": "acr-scan reads", "judge": "acr-scan judges"},
    "pages": {"page": "Resource Graph's pages to findings"},
}


@dataclass(slots=True)
class Line:
    """A line's costs, one for each round."""

    name: str
    runs: list[Spent] = field(default_factory=list)


def commands(path: Path) -> Mapping[str, Sequence[str | Path]]:
    """Whole commands, by the name of their line; each starts Python and ends it."""
    table: list[str | Path] = [sys.executable, "-m", "scanner", "--snapshot", path, "--service-tags", TAGS]
    one = [*table, "--quiet"]
    named: dict[str, Sequence[str | Path]] = {"acr-scan --quiet": one, "acr-scan, table": table}
    for report in REPORTS:
        named[f"acr-scan --{report}"] = [*one, f"--{report}", path.with_suffix(f".{report}")]
    several = [
        part for report in ("json", "junit", "csv") for part in named[f"acr-scan --{report}"][len(one) :]
    ]
    named["acr-scan --json --junit --csv"] = [*one, *several]
    named["acr-scan --json --workers 2"] = [*named["acr-scan --json"], "--workers", "2"]
    return named


def of_size(path: Path, rounds: int, only: str, told: Callable[[str], None]) -> list[Line]:
    """Each line of a size, in rounds, so that what disturbs the machine disturbs all lines."""
    found: dict[str, Line] = {}
    for round_ in range(1, rounds + 1):
        for name, run in measures(path, only):
            told(f"round {round_} of {rounds}: {name}")
            for part, cost in run().items():
                found.setdefault(part, Line(part)).runs.append(cost)
    return list(found.values())


def measures(path: Path, only: str) -> Iterator[tuple[str, Callable[[], dict[str, Spent]]]]:
    for part, names in PARTS.items():
        if part == "orjson" or any(fnmatch.fnmatch(name, only) for name in names.values()):
            yield ", ".join(names.values()), partial(inside, part, path)
    for name, command in commands(path).items():
        if fnmatch.fnmatch(name, only):
            yield name, partial(scanned, name, command)


def inside(part: str, path: Path) -> dict[str, Spent]:
    result = path.with_suffix(".parts")
    whole = spent([sys.executable, "-m", "bench.inside", part, path, result])
    if whole.code:
        raise SystemExit(f"bench.inside {part} ended in exit code {whole.code}")
    seconds = json.loads(result.read_text("utf-8"))
    return {PARTS[part][name]: Spent(cpu, whole.wall, whole.peak) for name, cpu in seconds.items()}


def scanned(name: str, command: Sequence[str | Path]) -> dict[str, Spent]:
    cost = spent(command)
    if cost.code not in {0, 1, 3}:
        raise SystemExit(f"acr-scan did not scan: exit code {cost.code}")
    return {name: cost}


def starts(rounds: int) -> list[Line]:
    """How long commands take that do nothing."""
    asked = {
        PASS: ["-c", "pass"],
        "acr-scan --version": ["-m", "scanner", "--version"],
        "acr-scan --help": ["-m", "scanner", "--help"],
    }
    lines = {name: Line(name) for name in asked}
    for _ in range(rounds):
        for name, options in asked.items():
            lines[name].runs.append(spent([sys.executable, *options]))
    return list(lines.values())
