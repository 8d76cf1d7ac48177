"""Rows as they are read, in any order: in memory, and on disk where there are many."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from scanner.model.inventory import by_id
from scanner.model.resource import Row
from scanner.model.store import Store

IN_MEMORY = 100_000
"""Rows that a scan of a snapshot holds. The disk costs a third of judging (samples/bench), so it waits for
estates of more than some 15,000 registries: below that, memory stays under 250 MB."""


class _Written(Protocol):
    """Rows on disk (`Writing`, which loads SQLite)."""

    def add(self, row: Row) -> None: ...
    def shelf(self) -> Store: ...


class RowBuffer:
    """Rows in memory; where there are more than `most`, all of them on disk."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._rows: list[Row] = []
        self._written: _Written | None = None
        self._resources: Store | None = None

    @property
    def stay(self) -> bool:
        """Whether rows stay in memory, so far."""
        return self._written is None

    def append(self, row: Row) -> None:
        """Take in a row. ScanError where there is no room for it, AssertionError where it would be lost."""
        if self._resources is not None:
            raise AssertionError(f"{row.id} comes after the resources of all rows were asked for")
        if self._written is not None:
            self._written.add(row)
            return
        self._rows.append(row)
        if self._most is not None and len(self._rows) > self._most:
            self._written = _writing(self._rows)
            self._rows = []

    def extend(self, rows: Iterable[Row]) -> None:
        """Take in some rows."""
        for row in rows:
            self.append(row)

    def resources(self) -> Store:
        """The resources of all rows, of which none comes after this. ScanError where there is no room."""
        if self._resources is None:
            self._resources = by_id(self._rows) if self._written is None else self._written.shelf()
        return self._resources

    def __iter__(self) -> Iterator[Row]:
        if self._written is None:
            return iter(self._rows)
        return (row for resource in self.resources().values() for row in resource.rows)

    def __len__(self) -> int:
        return len(self._rows) if self._written is None else self.resources().rows


def _writing(rows: Iterable[Row]) -> _Written:
    from scanner.sources.rows.disk_writer import DiskWriter

    writing = DiskWriter()
    for row in rows:
        writing.add(row)
    return writing
