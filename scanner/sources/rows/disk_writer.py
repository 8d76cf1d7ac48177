"""Rows on their way to a shelf, in whatever order they come."""

import msgspec

from scanner.model.inventory import best_first
from scanner.model.resource import Row
from scanner.sources.rows.disk_store import DiskStore, rows_in
from scanner.sources.rows.row_file import RowFile, disk_full_handling
from scanner.sources.rows.row_index import RowIndex

AT_ONCE = 1024
"""Resources that are written at once."""

_encoded = msgspec.json.Encoder().encode  # unlike MessagePack it holds an integer of any size


class DiskWriter:
    """Rows on their way to a shelf."""

    def __init__(self) -> None:
        self._file = RowFile()
        self._kinds = RowIndex()
        self._ordered = True
        self._key = ""
        self._rows: list[Row] = []
        self._batch: list[tuple[int, str, bytes]] = []
        with disk_full_handling():
            self._file.db.execute("CREATE TABLE resource (n INTEGER PRIMARY KEY, key TEXT, rows BLOB)")

    def add(self, row: Row) -> None:
        """The next row, which may be one more of the same resource."""
        key = row.id.lower()
        if key != self._key:
            self._end_resource()
            self._ordered = self._ordered and key > self._key
            self._key = key
        self._rows.append(row)

    def shelf(self) -> DiskStore:
        """All of them by their keys."""
        self._end_resource()
        self._end_batch()
        if not self._ordered:
            return self._in_order().shelf()
        with disk_full_handling():
            self._file.db.execute("CREATE UNIQUE INDEX by_key ON resource (key)")
        return DiskStore(self._file, self._kinds)

    def _in_order(self) -> "DiskWriter":
        """The same rows in the order of their keys; those of one id as they came."""
        again = DiskWriter()
        with disk_full_handling():
            self._file.db.execute("CREATE INDEX by_key ON resource (key)")
            for (rows,) in self._file.db.execute("SELECT rows FROM resource ORDER BY key, n"):
                for row in rows_in(rows):
                    again.add(row)
        return again

    def _end_resource(self) -> None:
        if self._rows:
            rows = best_first(self._rows) if self._ordered else self._rows
            self._batch.append((len(self._kinds.types), self._key, _encoded(rows)))
            self._kinds.add(rows)
            self._rows = []
        if len(self._batch) >= AT_ONCE:
            self._end_batch()

    def _end_batch(self) -> None:
        with disk_full_handling():
            self._file.db.execute("BEGIN")
            self._file.db.executemany("INSERT INTO resource VALUES (?, ?, ?)", self._batch)
            self._file.db.execute("COMMIT")
        self._batch = []
