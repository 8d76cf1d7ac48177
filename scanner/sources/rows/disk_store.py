"""Resources on disk: more rows than a scan wants to hold at once, each read again when it is looked at.

They lie in the order of their keys, so that a registry and what is below it are read together.
"""

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, overload
from weakref import WeakValueDictionary

import msgspec

from scanner.model.resource import Resource, Row, parent_key
from scanner.model.store import ResourceIndex, Resources, Store
from scanner.sources.rows.row_file import RowFile, disk_full_error, disk_full_handling
from scanner.sources.rows.row_index import RowIndex

PREFETCH_SPAN = 4096
"""Resources that are read at once, where those who are asked for lie together."""
TOGETHER = 64
"""Resources that are read at once, where they lie apart."""
FILED = 1024
"""Resources that are filed at once."""
CACHE_SIZE = 512
"""Answers of each kind that are kept after they were asked for."""

_decoded = msgspec.json.Decoder(tuple[Row, ...]).decode


def rows_in(held: bytes) -> tuple[Row, ...]:
    """The rows of a resource as the file holds them. ScanError where somebody spoilt it."""
    try:
        return _decoded(held)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise disk_full_error(error) from error


class DiskStore(Store):
    """Resources in a file, by their numbers in the order of their keys."""

    def __init__(self, file: RowFile, kinds: RowIndex) -> None:
        self._file = file
        self.kinds = kinds
        self._of: dict[frozenset[str], DiskSubset] = {}
        self._places = 0
        self._held: WeakValueDictionary[int, Resource] = WeakValueDictionary()
        """What somebody holds, by its number: many findings are of one resource."""
        self._clear()

    def _clear(self) -> None:
        self._fetched: Sequence[int] = ()
        self._window: Mapping[int, Resource] = {}
        self._near: Mapping[str, Resource] = {}
        self._bounds: tuple[str, str] | None = None
        self._below: Mapping[tuple[str, str], Sequence[Resource]] | None = None
        self._far: dict[str, Resource | None] = {}
        self._known: Mapping[str, int] = {}

    def __getstate__(self) -> tuple[RowFile, RowIndex]:
        return self._file, self.kinds

    def __setstate__(self, state: tuple[RowFile, RowIndex]) -> None:
        self.__init__(*state)  # type: ignore[misc] # nothing of what is at hand is told

    def __len__(self) -> int:
        return len(self.kinds.types)

    def __iter__(self) -> Iterator[str]:
        with disk_full_handling():
            for (key,) in self._file.db.execute("SELECT key FROM resource ORDER BY n"):
                yield key

    def __getitem__(self, key: str) -> Resource:
        found = self._found(key)
        if found is None:
            raise KeyError(key)
        return found

    @overload
    def get(self, key: str, /) -> Resource | None: ...
    @overload
    def get(self, key: str, /, default: Any) -> Any: ...
    def get(self, key: str, /, default: Any = None) -> Any:
        """The resource of a key."""
        found = self._found(key)
        return default if found is None else found

    def _found(self, key: str) -> Resource | None:
        if key in self._near:
            return self._near[key]
        if self._bounds is not None and self._bounds[0] <= key <= self._bounds[1]:
            return None
        if key not in self._far:
            if len(self._far) >= CACHE_SIZE:
                self._far.clear()
            asked = self._asked("SELECT rows FROM resource WHERE key = ?", key)
            self._far[key] = Resource(key, rows_in(asked[0][0])) if asked else None
        return self._far[key]

    def at(self, number: int) -> Resource:
        """The resource of a number."""
        if number in self._window:
            return self._window[number]
        found = self._held.get(number)
        if found is None:
            [(key, rows)] = self._asked("SELECT key, rows FROM resource WHERE n = ?", number)
            found = self._hold(number, key, rows)
        return found

    def _hold(self, number: int, key: str, rows: bytes) -> Resource:
        found = self._held[number] = Resource(key, rows_in(rows))
        return found

    def all_at(self, numbers: Sequence[int]) -> Iterator[Resource]:
        """The resources of some numbers, which are in their order."""
        window = self._window
        if all(map(window.__contains__, numbers)):
            return map(window.__getitem__, numbers)
        return self._together(numbers)

    def _together(self, numbers: Sequence[int]) -> Iterator[Resource]:
        """The same, not one by one."""
        for start in range(0, len(numbers), TOGETHER):
            some = numbers[start : start + TOGETHER]
            places = ",".join("?" * len(some))
            asked = self._asked(
                f"SELECT n, key, rows FROM resource WHERE n IN ({places}) ORDER BY n",  # noqa: S608 - marks alone
                *some,
            )
            self._known = {key: n for n, key, _ in asked}
            for number, key, rows in asked:
                held = self._held.get(number)
                yield self._hold(number, key, rows) if held is None else held

    def of(self, types: Collection[str]) -> "DiskSubset":
        """The resources of some lower-cased types."""
        asked = frozenset(types)
        if asked not in self._of:
            self._of[asked] = DiskSubset(self, self.kinds.only(range(len(self)), asked))
        return self._of[asked]

    def children(self, key: str, resource_type: str) -> Sequence[Resource]:
        """The resources of a type directly below an id, in the order of their ids."""
        first, behind = f"{key}/", f"{key}0"  # what follows the slash
        if self._bounds is not None and self._bounds[0] <= first and behind <= self._bounds[1]:
            if self._below is None:
                self._below = _by_parent(self._near)
            return self._below.get((key, resource_type), ())
        asked = self._asked("SELECT n, key FROM resource WHERE key > ? AND key < ?", first, behind)
        below = (number for number, each in asked if parent_key(each) == key)
        return DiskSubset(self, self.kinds.only(below, (resource_type,)))

    def several(self) -> Iterable[Resource]:
        """The resources that have several rows, in the order of their ids."""
        return DiskSubset(self, self.kinds.several())

    def subset(self, resources: Iterable[Resource]) -> "DiskSubset":
        """Some of its resources, which come in the order of their keys."""
        return DiskSubset(self, array("I", (self._number(each) for each in resources)))

    def index_by(self, under: Iterable[tuple[str, Resource]]) -> ResourceIndex:
        """Some of its resources by a text; what is filed lies on disk too."""
        self._places += 1
        place = self._places
        pairs = iter(under)
        with disk_full_handling():
            db = self._file.db
            db.execute(
                "CREATE TEMP TABLE IF NOT EXISTS filed (place INTEGER, text TEXT, n INTEGER,"
                " PRIMARY KEY (place, text, n)) WITHOUT ROWID"
            )
            while some := [(place, text, self._number(each)) for text, each in islice(pairs, FILED)]:
                db.executemany("INSERT OR IGNORE INTO filed VALUES (?, ?, ?)", some)

        known: dict[str, Sequence[Resource]] = {}

        def found(text: str) -> Sequence[Resource]:
            if text not in known:
                if len(known) >= CACHE_SIZE:
                    known.clear()
                asked = self._asked(
                    "SELECT n FROM filed WHERE place = ? AND text = ? ORDER BY n", place, text
                )
                known[text] = DiskSubset(self, array("I", [n for (n,) in asked])) if asked else ()
            return known[text]

        return found

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self.kinds.rows)

    def fetch(self, numbers: Sequence[int]) -> None:
        """Read what is looked at next, with what lies between it, unless it lies far apart."""
        if not numbers or numbers == self._fetched:
            return
        self._clear()
        first, last = numbers[0], numbers[-1]
        if last - first < PREFETCH_SPAN:
            asked = self._asked("SELECT n, key, rows FROM resource WHERE n BETWEEN ? AND ?", first, last)
            self._window = {n: Resource(key, rows_in(rows)) for n, key, rows in asked}
            self._bounds = self._window[first].key, self._window[last].key
        else:
            self._window = {number: self.at(number) for number in numbers}
        self._near = {each.key: each for each in self._window.values()}
        self._fetched = numbers

    def _number(self, resource: Resource) -> int:
        key = resource.key
        if key not in self._known:
            self._known = dict(self._asked("SELECT key, n FROM resource WHERE key = ?", key))
        return self._known[key]

    def _asked(self, statement: str, *values: int | str) -> Sequence[Any]:
        try:
            return self._file.db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise disk_full_error(error) from error


def _by_parent(resources: Mapping[str, Resource]) -> Mapping[tuple[str, str], Sequence[Resource]]:
    groups: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
    for key, resource in resources.items():
        groups[parent_key(key), resource.type].append(resource)
    return groups


class DiskSubset(Resources):
    """Some resources of a shelf: their numbers, in their order."""

    __slots__ = ("_numbers", "_of", "_shelf")
    stay = False

    def __init__(self, shelf: DiskStore, numbers: "array[int]") -> None:
        self._shelf = shelf
        self._numbers = numbers
        self._of: dict[frozenset[str], DiskSubset] | None = None

    def __getstate__(self) -> tuple[DiskStore, "array[int]"]:
        return self._shelf, self._numbers

    def __setstate__(self, state: tuple[DiskStore, "array[int]"]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Resource]:
        return self._shelf.all_at(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Resource: ...
    @overload
    def __getitem__(self, index: slice) -> "DiskSubset": ...
    def __getitem__(self, index: int | slice) -> "Resource | DiskSubset":
        if isinstance(index, slice):
            return DiskSubset(self._shelf, self._numbers[index])
        return self._shelf.at(self._numbers[index])

    @property
    def rows(self) -> int:
        """How many rows they have."""
        return self._shelf.kinds.rows_of(self._numbers)

    @property
    def types(self) -> Collection[str]:
        """The lower-cased types that they have."""
        return self._shelf.kinds.types_of(self._numbers)

    def of(self, types: Collection[str]) -> "DiskSubset":
        """Those of some lower-cased types."""
        asked = frozenset(types)
        known = self._of = {} if self._of is None else self._of
        if asked not in known:
            known[asked] = DiskSubset(self._shelf, self._shelf.kinds.only(self._numbers, asked))
        return known[asked]

    def fetch(self) -> None:
        """Have them at hand, with what lies between them."""
        self._shelf.fetch(self._numbers)
