"""What is known of resources by their numbers alone, without looking at any: some bytes of each."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from scanner.model.resource import Row


@dataclass(slots=True)
class RowIndex:
    """Of each resource, by its number: the number of its type's name, and how many rows it has."""

    names: dict[str, int] = field(default_factory=dict)
    types: "array[int]" = field(default_factory=lambda: array("I"))
    rows: "array[int]" = field(default_factory=lambda: array("I"))

    def add(self, rows: Sequence[Row]) -> None:
        """The next resource."""
        self.types.append(self.names.setdefault(rows[0].type, len(self.names)))
        self.rows.append(len(rows))

    def only(self, numbers: Iterable[int], types: Collection[str]) -> "array[int]":
        """Those of some numbers that are of some lower-cased types."""
        kinds = self.types
        wanted = {self.names[each] for each in types if each in self.names}
        return array("I", (number for number in numbers if kinds[number] in wanted))

    def several(self) -> "array[int]":
        """Those that have several rows."""
        return array("I", (number for number, rows in enumerate(self.rows) if rows > 1))

    def types_of(self, numbers: Iterable[int]) -> Collection[str]:
        """The types of some numbers."""
        here = set(map(self.types.__getitem__, numbers))
        return {name for name, number in self.names.items() if number in here}

    def rows_of(self, numbers: Iterable[int]) -> int:
        """How many rows there are of some numbers."""
        return sum(map(self.rows.__getitem__, numbers))
