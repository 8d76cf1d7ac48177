"""What was collected, and what was not and why: the only thing an engine may look at."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scanner.model.resource import Resource, Row, Source, segment_after
from scanner.model.store import InMemory, ResourceIndex, Resources, Store


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be seen, as a snapshot's `unseen` entries write it.

    `what` is a lower-cased type, or a type and a property (`…/registries/properties.sku`); `where` a
    lower-cased subscription id or resource id, or empty for the whole scope.
    """

    what: str
    where: str
    reason: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One ARM read about a resource: `what` is self, tasks, agentPools, cacheRules and so on."""

    of: str
    """The lower-cased id that was asked about."""
    what: str
    api_version: str
    status: int
    rows: int


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row that cannot be used: where it stands (file and line or row), and what is wrong with it."""

    where: str
    reason: str


@dataclass(frozen=True)
class Inventory:
    """Resources by lower-cased id in code point order, and the bounds of what they can prove.

    `collected` holds the types whose rows are all here, but for `gaps`; None stands for every type.
    `subscriptions` are those that were collected, lower case; a resource of another one is unseen.
    """

    resources: Mapping[str, Resource]
    collected: frozenset[str] | None = None
    gaps: tuple[Gap, ...] = ()
    reads: Sequence[Read] = ()
    unusable: tuple[Unusable, ...] = ()
    subscriptions: frozenset[str] = frozenset()
    cloud: str = "Public"
    _lists: dict[tuple[str, str], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        answered = {(read.of, read.what): True for read in self.reads if read.status == 200}
        object.__setattr__(self, "_lists", answered)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and every row was usable."""
        return not self.gaps and not self.unusable

    @property
    def rows(self) -> int:
        """How many usable rows there are; a resource may have several."""
        return self._store.rows

    def get(self, key: str) -> Resource | None:
        """The resource of a lower-cased id, or None: which proves nothing by itself."""
        return self.resources.get(key)

    def of_type(self, resource_type: str) -> Resources:
        """The resources of a lower-cased type, in the order of their ids."""
        return self.of_types((resource_type,))

    def of_types(self, types: Collection[str]) -> Resources:
        """The resources of some lower-cased types, in the order of their ids."""
        return self._store.of(types)

    def children(self, key: str, resource_type: str) -> Sequence[Resource]:
        """The resources of a type directly below an id, in the order of their ids."""
        return self._store.children(key, resource_type)

    def several(self) -> Iterable[Resource]:
        """The resources of which there are several rows, in the order of their ids."""
        return self._store.several()

    def subset(self, resources: Iterable[Resource]) -> Resources:
        """Some of the resources, which come in the order of their ids, to be kept for long."""
        return self._store.subset(resources)

    def index_by(self, under: Iterable[tuple[str, Resource]]) -> ResourceIndex:
        """Some of the resources, which come in the order of their ids, to be kept by a text."""
        return self._store.index_by(under)

    def collects(self, resource_type: str) -> bool:
        """Whether all rows of a type are here, but for gaps."""
        return self.collected is None or resource_type in self.collected

    def listed(self, key: str, what: str) -> bool:
        """Whether an ARM list below a resource came back whole, or is vouched for (`--assume-complete`)."""
        return self.collected is None or (key, what) in self._lists

    def gap(self, what: str, key: str) -> Gap | None:
        """Why a type, or a property of it, is unseen at an id; None if nothing says that it is."""
        if what not in self._gaps:
            return None
        return next((gap for gap in self.gaps_at(key) if gap.what == what), None)

    def gaps_at(self, key: str) -> tuple[Gap, ...]:
        """The gaps that an id, a subscription id or the whole scope (empty) lies in, in their order."""
        if not self.gaps:
            return ()
        above = {"", key, segment_after(key, "subscriptions")}
        above.update(key[:end] for end, letter in enumerate(key) if letter == "/")
        found = [each for where in above for each in self._gaps_by_place.get(where, ())]
        return tuple(gap for _, gap in sorted(found, key=lambda each: each[0]))

    def gap_anywhere(self, resource_type: str) -> Gap | None:
        """The first gap of a type in the scanned scope."""
        return next(iter(self._gaps.get(resource_type, ())), None)

    def inside(self, key: str) -> bool:
        """Whether an id lies in the collected subscriptions (or above all subscriptions)."""
        subscription = segment_after(key, "subscriptions")
        return not subscription or subscription in self.subscriptions

    @cached_property
    def _store(self) -> Store:
        return self.resources if isinstance(self.resources, Store) else InMemory(self.resources)

    @cached_property
    def _gaps_by_place(self) -> Mapping[str, Sequence[tuple[int, Gap]]]:
        groups: defaultdict[str, list[tuple[int, Gap]]] = defaultdict(list)
        for number, gap in enumerate(self.gaps):
            groups[gap.where].append((number, gap))
        return groups

    @cached_property
    def _gaps(self) -> Mapping[str, Sequence[Gap]]:
        groups: defaultdict[str, list[Gap]] = defaultdict(list)
        for gap in self.gaps:
            groups[gap.what].append(gap)
        return groups


def by_id(rows: Iterable[Row]) -> Store:
    """Rows grouped into resources, ordered by lower-cased id, the best row of each first."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.id.lower()].append(row)
    return InMemory({key: Resource(key, best_first(groups[key])) for key in sorted(groups)})


def best_first(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows of one id: ARM before Resource Graph, newer api-versions before older ones."""
    return tuple(sorted(rows, key=_rank) if len(rows) > 1 else rows)


def _rank(row: Row) -> tuple[bool, list[int]]:
    """ARM before Resource Graph, newer api-versions before older ones, none last; otherwise as given."""
    version = (row.api_version or "").encode()
    return row.source is Source.RESOURCE_GRAPH, [-byte for byte in version[:10]] or [0]
