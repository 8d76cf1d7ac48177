"""Costs as Markdown and as JSON: medians, and ratios inside one round with their spread."""

import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.lines import FLOOR, Line
from bench.process import Spent
from scanner import __version__

MIB = 2**20
CPUINFO, MEMINFO = Path("/proc/cpuinfo"), Path("/proc/meminfo")


def machine(*packages: str) -> dict[str, Any]:
    """What the figures were measured on, and when."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": word_after(CPUINFO, "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": word_after(MEMINFO, "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "versions": {
            "python": platform.python_version(),
            "acr-scan": __version__,
            **{name: version(name) for name in packages},
        },
    }


def word_after(path: Path, key: str) -> str | None:
    if not path.exists():
        return None
    found = (line.partition(":") for line in path.read_text("utf-8").splitlines())
    return next((value.strip() for name, _, value in found if name.strip() == key), None)


def machine_line(of: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {each}" for name, each in of["versions"].items())
    return f"{of['date']}; {of['cpu']}, {of['cores']} cores, {of['memory']}; {of['system']}; {versions}."


def middle(line: Line, what: str = "cpu") -> float:
    return statistics.median(cost(run, what) for run in line.runs)


def cost(run: Spent, what: str) -> float:
    return float(getattr(run, what))


def ratios(line: Line, unit: Line, what: str = "cpu") -> list[float]:
    """Round by round, sorted."""
    pairs = zip(line.runs, unit.runs, strict=True)
    return sorted(cost(one, what) / max(cost(other, what), 1e-6) for one, other in pairs)


def spread(found: Sequence[float]) -> str:
    """The median, and from where to where."""
    return f"{statistics.median(found):.3g} | {found[0]:.3g} to {found[-1]:.3g}"


def size_table(lines: Sequence[Line], rows: int) -> Iterator[str]:
    yield "| median of each line | CPU s | rows/s | times parsing | spread | wall s | peak MiB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    floor = next(line for line in lines if line.name == FLOOR)
    for line in lines:
        cpu, wall, peak = (middle(line, what) for what in ("cpu", "wall", "peak"))
        speed = rows / max(cpu, 1e-6)
        times = spread(ratios(line, floor))
        yield f"| {line.name} | {cpu:.3f} | {speed:,.0f} | {times} | {wall:.2f} | {peak / MIB:.0f} |"


def growth_table(small: Sequence[Line], large: Sequence[Line], rows: float) -> Iterator[str]:
    """How much more the larger estate costs, with `rows` times as many rows."""
    yield f"| {rows:.1f} times the rows | times CPU | times CPU a row | times peak |"
    yield "| --- | ---: | ---: | ---: |"
    before = {line.name: line for line in small}
    for line in large:
        if line.name in before:
            cpu, peak = (
                middle(line, what) / max(middle(before[line.name], what), 1e-6) for what in ("cpu", "peak")
            )
            yield f"| {line.name} | {cpu:.1f} | {cpu / rows:.2f} | {peak:.2f} |"


def start_table(lines: Sequence[Line]) -> Iterator[str]:
    yield "| nothing but a start | wall ms | times `python -c pass` | spread |"
    yield "| --- | ---: | ---: | ---: |"
    for line in lines:
        times = spread(ratios(line, lines[0], "wall"))
        yield f"| {line.name} | {middle(line, 'wall') * 1000:.0f} | {times} |"


def plain(lines: Sequence[Line]) -> dict[str, list[dict[str, Any]]]:
    return {line.name: [costs(run) for run in line.runs] for line in lines}


def costs(run: Spent) -> dict[str, Any]:
    return {name: round(value, 4) for name, value in asdict(run).items() if name != "code"}
