"""The figures of the tools, and where their verdicts differ from acr-scan's."""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.tables import spread

OURS = "acr-scan"
CHECKS = 4
FIELDS = {
    "public access off": ("properties", "publicNetworkAccess"),
    "admin user off": ("properties", "adminUserEnabled"),
    "anonymous pull off": ("properties", "anonymousPullEnabled"),
    "SKU Premium": ("sku", "name"),
}
Found = Mapping[str, Mapping[str, Any]]


def page(
    found: Found, registries: Sequence[Mapping[str, Any]], missing: Sequence[str], on: str
) -> Iterator[str]:
    yield from ("# acr-scan beside other tools", "", on, "")
    yield f"{len(registries):,} registries, {CHECKS} checks each: {', '.join(FIELDS)}."
    yield "CPU of judging, and of reading and judging; starting a tool and loading its checks do not count."
    yield "A round is a process of each tool in turn. A figure above 1 says that acr-scan is faster."
    yield ""
    yield from speed_table(found, len(registries) * CHECKS)
    yield from ("", "## Where verdicts differ", "", "| tool | check | shown | theirs | ours | registries |")
    yield "| --- | --- | --- | --- | --- | ---: |"
    for (tool, *rest), count in sorted(differences(found, registries).items()):
        yield f"| {tool} | {' | '.join(rest)} | {count} |"
    if missing:
        yield from ("", f"Not measured, since there was no environment of it: {', '.join(missing)}.")


def speed_table(found: Found, evaluations: int) -> Iterator[str]:
    yield "| tool | judged/s | acr-scan, times | spread | read and judged/s | acr-scan, times | spread |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for tool, each in found.items():
        cells = [tool]
        for parts in (("judge",), ("read", "judge")):
            seconds, ours = total(each, parts), total(found[OURS], parts)
            cells.append(f"{evaluations / statistics.median(seconds):,.0f}")
            cells.append(spread(sorted(one / other for one, other in zip(seconds, ours, strict=True))))
        yield f"| {' | '.join(cells)} |"


def total(of: Mapping[str, Any], parts: Sequence[str]) -> list[float]:
    """Seconds of each round."""
    return [max(sum(each), 1e-6) for each in zip(*(of[part] for part in parts), strict=True)]


def differences(found: Found, registries: Sequence[Mapping[str, Any]]) -> Counter[tuple[str, ...]]:
    """(tool, check, what the row shows, their verdict, ours) → how many registries."""
    counted: Counter[tuple[str, ...]] = Counter()
    for tool in found:
        for row in registries:
            for check, (above, key) in FIELDS.items():
                theirs, ours = (
                    found[one]["verdicts"].get(row["id"], {}).get(check, "none") for one in (tool, OURS)
                )
                if theirs != ours:
                    shown = f"{key} {row[above].get(key, 'absent')}, {row['apiVersion']}"
                    counted[tool, check, shown, theirs, ours] += 1
    return counted
