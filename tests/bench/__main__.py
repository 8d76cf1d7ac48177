"""How long acr-scan takes, against parsing the same bytes: `python -m bench --sizes 1000,10000 --rounds 3`.

Each line is a process of its own; the lines take turns, and a ratio compares two of the same round.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.estate import write
from bench.lines import Line, of_size, starts
from bench.tables import MIB, growth_table, machine, machine_line, plain, size_table, start_table

STARTS = 5
"""Starts of each kind in a round: they are short, and a machine is never quiet."""


@dataclass(frozen=True, slots=True)
class Size:
    """An estate, and what it costs."""

    registries: int
    rows: int
    size: int
    lines: Sequence[Line]


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").splitlines()[0])
    options.add_argument("--sizes", default="1000,10000", help="registries, from small to large")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="*", help="a glob for the lines, such as 'acr-scan --j*'")
    options.add_argument("--into", type=Path, help="a folder for results.md and results.json")
    asked = options.parse_args(arguments)
    sizes = [measured(int(each), asked.rounds, asked.only) for each in asked.sizes.split(",")]
    idle = starts(asked.rounds * STARTS)
    here = machine("orjson", "msgspec", "click", "pyyaml")
    text = "\n".join(page(sizes, idle, machine_line(here)))
    sys.stdout.write(f"{text}\n")
    if asked.into is not None:
        asked.into.mkdir(parents=True, exist_ok=True)
        (asked.into / "results.md").write_text(f"{text}\n", "utf-8")
        found = {
            "machine": here,
            "rounds": asked.rounds,
            "sizes": [
                {"registries": each.registries, "rows": each.rows, "bytes": each.size, **plain(each.lines)}
                for each in sizes
            ],
            "starts": plain(idle),
        }
        (asked.into / "results.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0


def measured(registries: int, rounds: int, only: str) -> Size:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.ndjson"
        rows = write(path, registries)
        size = path.stat().st_size
        lines = of_size(path, rounds, only, lambda said: tell(f"{registries:,} registries, {said}"))
    return Size(registries, rows, size, lines)


def page(sizes: Sequence[Size], idle: Sequence[Line], on: str) -> Iterator[str]:
    yield from ("# How long acr-scan takes", "", on)
    for each in sizes:
        about = f"{each.rows:,} rows, {each.size / MIB:.0f} MiB, {each.size // each.rows:,} bytes a row"
        yield from ("", f"## {each.registries:,} registries", "", f"{about}.", "")
        yield from size_table(each.lines, each.rows)
    for small, large in pairwise(sizes):
        title = f"## From {small.registries:,} to {large.registries:,} registries"
        yield from ("", title, "")
        yield from growth_table(small.lines, large.lines, large.rows / small.rows)
    yield from ("", "## Starts", "")
    yield from start_table(idle)


def tell(said: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{said}")


if __name__ == "__main__":
    raise SystemExit(main())
