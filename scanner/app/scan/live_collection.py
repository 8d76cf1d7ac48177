"""Scanning Azure: collect, judge, read what a verdict hinges on, judge again."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from scanner.app.scan.hydration import Hydration
from scanner.catalog.fields import resource_types
from scanner.errors import SourceError
from scanner.model.inventory import Gap, Inventory, Read, Unusable, by_id
from scanner.model.resource import Row
from scanner.network.service_tags import ServiceTags
from scanner.policy.model import Policy
from scanner.result.finding import Verdict
from scanner.result.report import REGISTRIES, Report
from scanner.sources.azure.arm import Arm
from scanner.sources.azure.discovery import discovered
from scanner.sources.azure.reads import ReadOutcome, ReadRequest, execute_reads
from scanner.sources.azure.resource_graph import QueryScope, Table, batches
from scanner.sources.azure.subscriptions import (
    BATCH,
    READER,
    ReadableSubscriptions,
    SubscriptionRequest,
    find_readable,
)
from scanner.sources.files.raw_exports import ReadResult
from scanner.sources.files.snapshot import Query, Snapshot, complete_reads, missing_row_gaps

ROUNDS = 8
"""Lists, then reads, then reads of what these lists held back; further ones only where verdicts move."""
LATE = frozenset({"authorizationresources", "dnsresources"})
"""Tables that are large, and that few verdicts need."""
REGIONS = {"Public": "eastus", "USGovernment": "usgovvirginia", "China": "chinaeast2"}
"""Any region of a cloud will do to ask for its service tags."""


@dataclass(slots=True)
class Collection:
    """All that a live scan has seen so far."""

    arm: Arm
    readable: ReadableSubscriptions
    scope: QueryScope
    types: frozenset[str]
    """What policies look at, whether it was collected yet or not."""
    tables: list[Table] = field(default_factory=list)
    found: ReadResult = field(default_factory=ReadResult)
    reads: ReadOutcome = field(default_factory=ReadOutcome)
    tags: ServiceTags | None = None

    def collect(self, types: Iterable[str]) -> None:
        """One query per table for all these types; what cannot be read becomes gaps."""
        by_table: defaultdict[str, list[str]] = defaultdict(list)
        for kind in sorted(types):
            by_table[resource_types()[kind].table or ""].append(kind)
        by_table.pop("", None)  # what only ARM shows
        parts = list(batches(self.scope, BATCH))
        for name, kinds in sorted(by_table.items()):
            for number, part in enumerate(parts, 1):
                label = f"{name} ({number} of {len(parts)})" if len(parts) > 1 else name
                table = Table(name, tuple(kinds), part, self.found, label=label)
                table.collect(self.arm)
                self.tables.append(table)

    def late(self, types: Iterable[str]) -> frozenset[str]:
        """Those of the types that are collected only where a verdict hinges on them, and were not yet."""
        here = {kind for table in self.tables for kind in table.types}
        return frozenset(kind for kind in types if resource_types()[kind].table in LATE) - here

    def inventory(self) -> Inventory:
        """What was seen, as the engine takes it."""
        resources = by_id(_latest([*self.found.rows, *self.reads.found.rows]))
        collected = frozenset(kind for table in self.tables for kind in table.types)
        reads, unlisted = complete_reads(sorted(self.reads.reads, key=_order), resources)
        lost = [gap for query in _whole(self.tables) for gap in missing_row_gaps(query, resources)]
        unusable: list[Unusable] = [*self.found.unusable, *self.reads.found.unusable]
        return Inventory(
            resources,
            collected,
            tuple(dict.fromkeys([*self.found.gaps, *self.reads.found.gaps, *lost, *unlisted])),
            reads,
            tuple(unusable),
            frozenset(self.readable.subscriptions),
            self.arm.cloud.name,
        )

    def snapshot(self, collected: str) -> Snapshot:
        """What was seen, as a snapshot keeps it."""
        queries = tuple(_whole(self.tables))
        scope = {"subscriptions": list(self.readable.subscriptions)}
        tags = None if self.tags is None else replace(self.tags, source="snapshot")
        return Snapshot(self.inventory(), collected, scope, tags, queries)


def collect(arm: Arm, asked: SubscriptionRequest, types: Iterable[str]) -> Collection:
    """The rows of all types but those that wait until a verdict hinges on them."""
    subscriptions = find_readable(arm, asked)
    scope = (
        QueryScope(subscriptions.subscriptions)
        if asked.subscriptions
        else QueryScope((), asked.management_group)
    )
    tables, found = list(subscriptions.tables), subscriptions.found
    collection = Collection(arm, subscriptions, scope, frozenset(types), tables, found)
    collection.collect(collection.types - collection.late(collection.types))
    for subscription in subscriptions.unreadable:
        reason = "the subscription cannot be read, so its resources are not in this report"
        found.gaps.extend(Gap(kind, subscription, reason, READER) for kind in sorted(collection.types))
    return collection


def hydrated(
    collection: Collection,
    hydration: Hydration | None,
    judge: Callable[[Inventory], Report],
    looked_at: Callable[[Policy], frozenset[str]],
    tell: Callable[[str], None],
) -> Report:
    """The report after reading what verdicts hinge on, until nothing more would help.

    First by ARM; then from Resource Graph what few verdicts need, such as role assignments.
    """
    report = judge(collection.inventory())
    for _ in range(ROUNDS):
        wanted = [] if hydration is None else hydration.wanted(report.findings, collection.inventory())
        late = frozenset() if wanted else collection.late(_doubted(report, looked_at))
        if wanted:
            tell(f"reading {len(wanted)} more by ARM, because verdicts hinge on them: {cost(wanted)}")
            collection.reads.add(execute_reads(collection.arm, wanted))
        elif late:
            tell(f"asking Resource Graph again, because verdicts hinge on it: {', '.join(sorted(late))}")
            collection.collect(late)
        else:
            break
        report = judge(collection.inventory())
    return report


def _doubted(report: Report, looked_at: Callable[[Policy], frozenset[str]]) -> frozenset[str]:
    """The types that the policies of unknown verdicts look at."""
    doubted = [tally.policy for tally in report.tallies.values() if tally.verdicts[Verdict.UNKNOWN]]
    return frozenset().union(*map(looked_at, doubted))


def cost(wanted: Sequence[ReadRequest]) -> str:
    """How many reads of each kind there are."""
    kinds = Counter(_KINDS.get(each.what, f"lists of {each.what}") for each in wanted)
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))


_KINDS = {"self": "single resources", "callbackConfig": "webhook addresses"}


def tags_of(collection: Collection) -> ServiceTags | SourceError:
    """The cloud's service tags from the Discovery API, or why they cannot be had."""
    registries = collection.inventory().of_type(REGISTRIES)
    location = next((registry.location for registry in registries if registry.location), None)
    try:
        subscription = collection.readable.subscriptions[0]
        return discovered(collection.arm, subscription, location or REGIONS[collection.arm.cloud.name])
    except SourceError as error:
        return error


def _whole(tables: Sequence[Table]) -> Iterator[Query]:
    """One query for each table, over the batches that it went out in."""
    for name in dict.fromkeys(table.name for table in tables):
        parts = [table for table in tables if table.name == name]
        types = tuple(dict.fromkeys(kind for part in parts for kind in part.types))
        rows = len(frozenset[str]().union(*(part.ids for part in parts)))
        twice = sum(part.rows for part in parts) - rows  # what two batches inherit from above
        totals = [part.total for part in parts]
        total = None if None in totals else sum(total or 0 for total in totals) - twice
        yield Query(name, types, rows, total, sum(part.pages for part in parts))


def _order(read: Read) -> tuple[str, str, str]:
    return read.of, read.what, read.api_version


def _latest(rows: Iterable[Row]) -> list[Row]:
    """Of rows with one id, source and version the one that came last: an action completes a row."""
    return list({(row.id.lower(), row.source, row.api_version): row for row in rows}.values())
