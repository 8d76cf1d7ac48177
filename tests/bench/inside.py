"""Parts of a scan, measured in a process of their own: `python -m bench.inside PART ROWS RESULT`.

RESULT gets the seconds of CPU of each part as JSON, without the start of Python and its imports.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from bench.registries import TAGS

Made = TypeVar("Made")


def by_orjson(path: Path) -> dict[str, float]:
    import orjson

    return {"parse": timed(lambda: parse_lines(path, orjson.loads))[0]}


def by_json(path: Path) -> dict[str, float]:
    return {"parse": timed(lambda: parse_lines(path, json.loads))[0]}


def parse_lines(path: Path, loads: Callable[[bytes], Any]) -> None:
    with path.open("rb") as lines:
        for line in lines:
            loads(line)


def by_acr_scan(path: Path) -> dict[str, float]:
    """Reading and judging with the whole pack; what a report would say of a finding is not worked out."""
    from scanner.app.scan.judging import Judging, RunMetadata, ScanRequest
    from scanner.app.scan.policy_selection import open_pack
    from scanner.app.scan.required_fields import needed_keys
    from scanner.sources.files.service_tags import read_service_tags
    from scanner.sources.files.snapshot import read_snapshot
    from scanner.sources.rows.row_buffer import IN_MEMORY

    gc.set_threshold(200_000, 50, 50)  # as the command does
    pack, tags = open_pack((), builtin=True), read_service_tags(TAGS)
    request, metadata = ScanRequest(pack, pack.policies), RunMetadata("snapshot", None, None, {})
    kept = needed_keys(pack.policies, pack.terms)
    reading, snapshot = timed(lambda: read_snapshot(path, kept=kept, most=IN_MEMORY))
    judging, _ = timed(lambda: Judging(snapshot.inventory, tags, request, metadata).report().tallies)
    return {"read": reading, "judge": judging}


def by_pages(path: Path) -> dict[str, float]:
    """From the bodies of Resource Graph's pages, a thousand rows each, to the verdicts on each alone."""
    import msgspec

    from scanner.app.scan.judging import Judging, RunMetadata, ScanRequest
    from scanner.app.scan.policy_selection import open_pack
    from scanner.model.inventory import Inventory
    from scanner.sources.files.raw_exports import ReadResult
    from scanner.sources.files.service_tags import read_service_tags

    gc.set_threshold(200_000, 50, 50)  # as the command does
    pack, tags = open_pack((), builtin=True), read_service_tags(TAGS)
    request, metadata = ScanRequest(pack, pack.policies), RunMetadata("azure", None, None, {})

    def page(body: bytes) -> None:
        found = ReadResult()
        for number, row in enumerate(msgspec.json.decode(body)["data"], 1):
            found.add(row, f"row {number}")
        inventory = Inventory(found.rows.resources(), subscriptions=found.subscriptions)
        Judging(inventory, tags, request, metadata).report().tallies  # noqa: B018 - counted when asked for

    return {"page": sum(timed(partial(page, body))[0] for body in pages(path))}


def pages(path: Path) -> Iterator[bytes]:
    """The rows of a file as answers of Resource Graph."""
    with path.open("rb") as lines:
        while rows := [*islice(lines, 1000)]:
            yield b'{"totalRecords":%d,"count":%d,"data":[%s]}' % (len(rows), len(rows), b",".join(rows))


def timed(run: Callable[[], Made]) -> tuple[float, Made]:
    """Seconds of this process's CPU, and what was made."""
    start = time.process_time()
    made = run()
    return time.process_time() - start, made


PARTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "orjson": by_orjson,
    "json": by_json,
    "acr-scan": by_acr_scan,
    "pages": by_pages,
}

if __name__ == "__main__":
    part, rows, result = sys.argv[1:]
    Path(result).write_text(json.dumps(PARTS[part](Path(rows))), "utf-8")
