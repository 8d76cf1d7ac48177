"""The use cases of a history: keep a scan in it, and ask what moved. SQLAlchemy loads when one is called."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scanner.app.options import ScanOptions
from scanner.app.scan.collect import Collected
from scanner.catalog.relations import relations
from scanner.errors import UsageError
from scanner.history.address import shown
from scanner.model.inventory import Inventory
from scanner.model.resource import parent_key, segment_after, type_of_id
from scanner.result.movement import Movement, PastRun
from scanner.result.report import Report
from scanner.result.trend import TrendPoint

EXTRA = "pip install 'acr-scan[history]'"
_PACKAGES = frozenset({"sqlalchemy", "alembic"})

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run in the history: its number, and whether it was not there already."""

    number: int
    new: bool


def check(url: str) -> None:
    """UsageError now, rather than after a long scan, if no run could be stored; nothing is changed."""
    with _loaded():
        from scanner.history.database import database
    database(url).check()


def keep(url: str, asked: ScanOptions, seen: Collected, tell: Notify) -> StoredRun:
    """Stores a scan; `tell` hears of a schema that was created or upgraded. UsageError where it cannot be."""
    with _loaded():
        from scanner.history.database import database
        from scanner.history.record import Record
        from scanner.history.store import store
    record = Record(seen.report, scope_of(asked, seen), datetime.now(UTC))
    with database(url).writing(tell) as connection:
        number, new = store(connection, record, lambda key: gone(seen, key))
    return StoredRun(number, new)


def trend_to(url: str, asked: ScanOptions, seen: Collected) -> Sequence[TrendPoint]:
    """The points of a scan's scope up to the scan, its own last: what reports of it draw.

    Its own alone where the history does not exist yet.
    """
    with _loaded():
        from scanner.history import read
        from scanner.history.database import database
        from scanner.history.record import Record, moment
    record = Record(seen.report, scope_of(asked, seen), datetime.now(UTC))
    with database(url).reading_if_any() as connection:
        kept = [] if connection is None else read.runs(connection, record.scope_words)
    others = [run for run in kept if run.digest != record.digest]
    earlier = [run for run in others if (moment(run.collected) or record.stored) <= record.collected]
    return [*(run.point for run in earlier), record.point]


def runs(url: str) -> Sequence[PastRun]:
    """All runs, in the order in which their inventories were collected."""
    with _loaded():
        from scanner.history import read
        from scanner.history.database import database
    with database(url).reading() as connection:
        return read.runs(connection)


def trend(url: str, run: int | None) -> tuple[Sequence[PastRun], Movement]:
    """The runs of one scope (a run's, or the newest one's), and all that moved in it up to the last."""
    with _loaded():
        from scanner.history import read
        from scanner.history.database import database
    with database(url).reading() as connection:
        scope = read.scope_of(read.runs(connection), run)
        return scope, read.movement(connection, None, scope[-1])


def diff(url: str, first: int | None, second: int | None) -> Movement:
    """What moved between two runs of a scope; by default between the newest run and the one before it."""
    with _loaded():
        from scanner.history import read
        from scanner.history.database import database
    with database(url).reading() as connection:
        return read.movement(connection, *read.two_runs(read.runs(connection), first, second))


def shown_address(url: str) -> str:
    """A history's URL as it may be printed: without its password."""
    return shown(url)


def scope_of(asked: ScanOptions, seen: Collected) -> dict[str, Any]:
    """What a scan was asked to judge, in words that stay the same from run to run.

    A management group and "all" stand for themselves, so that a new subscription continues their history;
    subscriptions are ids, those that could not be read this time among them.
    """
    words: dict[str, Any] = {"cloud": seen.inventory.cloud}
    if asked.management_group is not None:
        words["managementGroup"] = asked.management_group.lower()
    elif asked.all_subscriptions:
        words["allSubscriptions"] = True
    else:
        words["subscriptions"] = sorted(_subscriptions(asked, seen.report))
    lists = {
        "resourceGroups": asked.resource_group,
        "registries": asked.registry,
        "select": asked.select,
        "exclude": asked.exclude,
    }
    words |= {name: sorted({word.lower() for word in said}) for name, said in lists.items() if said}
    return words | ({"noBuiltin": True} if asked.no_builtin else {})


def _subscriptions(asked: ScanOptions, report: Report) -> set[str]:
    """The ids that a scope names; else those of what was judged; else the words of the command line."""
    named = report.run.scope.get("subscriptions", ())
    hidden = [each.where for each in report.notices if each.kind == "unreadable-subscription"]
    ids = {str(name).lower() for name in (*named, *hidden)}
    judged = {each.resource.subscription for each in report.findings} - {""}
    return ids or judged or {name.lower() for name in asked.subscription}


def gone(seen: Collected, key: str) -> bool:
    """Whether a resource that a run did not judge is proven to be there no more.

    Only where the run saw all of its subscription and all resources of its type, or its registry is gone.
    A bare file vouches for that with --assume-complete alone.
    """
    inventory = seen.inventory
    vouched = inventory.collected is None or "subscriptions" in seen.report.run.scope
    inside = segment_after(key, "subscriptions") in inventory.subscriptions
    return inventory.complete and vouched and inside and _missing(inventory, key)


def _missing(inventory: Inventory, key: str) -> bool:
    kind = type_of_id(key)
    if kind is None or key in inventory.resources:
        return False
    parent = parent_key(key)
    known = relations().get(type_of_id(parent) or "", {})
    lists = [
        each.list or each.also for each in known.values() if each.kind == "children" and each.type == kind
    ]
    return (
        inventory.collects(kind)
        or any(name is not None and inventory.listed(parent, name) for name in lists)
        or _missing(inventory, parent)
    )


@contextmanager
def _loaded() -> Iterator[None]:
    """Around imports of the extra: UsageError with the command that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in _PACKAGES:
            raise
        raise UsageError(f"a history needs {error.name}, which is not installed", help=EXTRA) from error
