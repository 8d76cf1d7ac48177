"""Back-test of `tags diff` on the weekly files of years: it has to warn before a frozen allow-list is short.

Each region's list is frozen as IP rules at each file, and every later pair of files is compared. What is
short is counted address by address, with other means than the program's. `make backtest` prints the table.
"""

import ipaddress
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from recordings import RECORDED

from scanner.engine.fields.tag_table import TagTable
from scanner.model.truth import Truth
from scanner.network.service_tags import ServiceTags, Tag, normal_cloud, parse_service_tags
from scanner.network.tags.changes import changes
from scanner.network.tags.effects import Effect, EffectState, Rules, effect_on, removed_addresses

SERVICE = "AzureContainerRegistry"

Addresses = frozenset[int]


@dataclass(frozen=True)
class Week:
    """One file: its tags, and each tag's own change number."""

    tags: ServiceTags
    numbers: Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """What came of all freezes of one cloud."""

    cloud: str
    weeks: int
    regions: int
    freezes: int = 0
    short: int = 0
    in_time: int = 0
    late: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)


def history(folder: Path = RECORDED.folder / "service-tags") -> Mapping[str, Sequence[Week]]:
    """The files of each cloud, in the order of their dates."""
    found: dict[tuple[str, str], Week] = {}
    for path in sorted(folder.glob("history/*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            values = [{"name": name, "properties": tag} for name, tag in row["acr"].items()]
            document = {"changeNumber": row["changeNumber"], "cloud": row["cloud"], "values": values}
            found[normal_cloud(row["cloud"]), row["week"]] = _week(document, row["week"])
    for path in sorted(folder.glob("*.reduced.json")):
        document = json.loads(path.read_text("utf-8"))
        week = path.name.split("_")[2][:8]
        found.setdefault((normal_cloud(document["cloud"]), week), _week(document, week))
    clouds = sorted({cloud for cloud, _ in found})
    return {cloud: [found[key] for key in sorted(found) if key[0] == cloud] for cloud in clouds}


def _week(document: Mapping[str, Any], week: str) -> Week:
    published = date.fromisoformat(week).isoformat()
    values = document["values"]
    numbers = {value["name"].lower(): value["properties"].get("changeNumber") for value in values}
    return Week(parse_service_tags(dict(document), source="file", published=published), numbers)


def replay(cloud: str, weeks: Sequence[Week]) -> Outcome:
    """Every region frozen at every file, and every later pair of files compared."""
    regions = sorted({tag.region or "" for week in weeks for tag in week.tags.regional(SERVICE)})
    outcome = Outcome(cloud, len(weeks), len(regions))
    for old, new in pairwise(int(week.tags.change_number or 0) for week in weeks):
        outcome.steps["number back"] += new < old
        outcome.steps["number repeated"] += new == old
    elsewhere = [
        removed_addresses(changes(old.tags, new.tags, [SERVICE]), new.tags, SERVICE)
        for old, new in pairwise(weeks)
    ]
    for region in regions:
        name = f"{SERVICE}.{region}"
        tags = [week.tags.find(name) for week in weeks]
        _count_steps(outcome, name.lower(), weeks)
        found = [TagTable(week.tags, cloud).find(name) for week in weeks]
        for start, tag in enumerate(tags):
            if tag is not None and tag.ipv4:
                rules = Rules(tag.prefixes, Truth.TRUE, "")
                steps = range(start, len(weeks) - 1)
                effects = [effect_on(rules, found[step], found[step + 1], elsewhere[step]) for step in steps]
                _count_freeze(outcome, f"{name} of {weeks[start].tags.published}", tags[start:], effects)
    return outcome


def _count_freeze(outcome: Outcome, what: str, tags: Sequence[Tag | None], effects: Iterable[Effect]) -> None:
    """When the frozen list was short, and what the diff had said by then."""
    frozen, first_short, warned = addresses(tags[0]), None, None
    outcome.freezes += 1
    for step, (found, (old, new)) in enumerate(zip(effects, pairwise(tags), strict=True)):
        before, after = addresses(old), addresses(new)
        if first_short is None and after - frozen:
            first_short = step
        if warned is None and found.refused:
            warned = step
        gone = (before - after) & frozen if after else frozenset()
        if not after and before:
            outcome.unknown[found.state.value] += 1
        elif (found.state is EffectState.AFFECTED and before == after) or (
            found.refused and not after - before - frozen
        ):
            outcome.false_alarms.append(f"{what}, step {step}: {found}")
        elif gone and not found.stale:
            outcome.late.append(f"{what}, step {step}: nothing was said of {len(gone)} addresses that left")
    outcome.short += first_short is not None
    if first_short is not None and warned is not None and warned <= first_short:
        outcome.in_time += 1
    elif first_short is not None:
        outcome.late.append(f"{what}: short at step {first_short}, warned at {warned}")


def _count_steps(outcome: Outcome, key: str, weeks: Sequence[Week]) -> None:
    """Pairs of files in which a tag keeps its addresses, whatever its change number does."""
    for old, new in pairwise(weeks):
        one, other = old.tags.tags.get(key), new.tags.tags.get(key)
        if one is None or other is None:
            outcome.steps["came or vanished"] += one is not other
        elif addresses(one) != addresses(other):
            outcome.steps["changed"] += 1
        else:
            outcome.steps["unchanged"] += 1
            outcome.steps["number moved"] += old.numbers[key] != new.numbers[key]


def addresses(tag: Tag | None) -> Addresses:
    """Every single IPv4 address of a tag."""
    return _expanded(() if tag is None else tag.prefixes)


@cache
def _expanded(prefixes: tuple[str, ...]) -> Addresses:
    return frozenset(
        int(address) for prefix in prefixes for address in ipaddress.ip_network(prefix, strict=False)
    )


COLUMNS = ("files", "regions", "freezes", "short", "in time", "late", "false alarms")
STEPS = ("changed", "unchanged", "number moved", "number back", "number repeated")


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """The table, a line for each cloud: of the freezes, then of the pairs of files."""
    widths = [max(len(name), 5) for name in (*COLUMNS, *STEPS)]
    header = [f"{name:>{width}}" for name, width in zip((*COLUMNS, *STEPS), widths, strict=True)]
    yield "  ".join([f"{'cloud':<12}", *header, "when a tag vanished"])
    for each in outcomes:
        late, false = len(each.late), len(each.false_alarms)
        counts = [each.weeks, each.regions, each.freezes, each.short, each.in_time, late, false]
        counts += [each.steps[name] for name in STEPS]
        cells = [f"{count:>{width}}" for count, width in zip(counts, widths, strict=True)]
        vanished = ", ".join(f"{count} {state}" for state, count in sorted(each.unknown.items())) or "-"
        yield "  ".join([f"{each.cloud:<12}", *cells, vanished])


def main() -> int:
    """Prints the table; 1 if a warning was late or false."""
    found = history()
    if not found:
        print(f"there are no files at {RECORDED.folder}")
        return 0
    outcomes = [replay(cloud, weeks) for cloud, weeks in found.items()]
    print("\n".join(table(outcomes)))
    wrong = [said for each in outcomes for said in (*each.late, *each.false_alarms)]
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
