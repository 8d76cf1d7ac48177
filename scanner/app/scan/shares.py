"""What a worker sends of the share that it judged, and the table that all shares make."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scanner.engine.scan import Workload
from scanner.result.finding import Ruling
from scanner.result.finding_table import FindingTable

Places = Mapping[str, "array[int]"]
"""By section where each of its texts starts, and how many bytes it has."""


@dataclass(frozen=True, slots=True)
class ShareResult:
    """The rulings on a share, and where its texts are."""

    rulings: tuple[Ruling, ...]
    numbers: "Mapping[str, array[int]]"
    """By policy id which of the rulings each finding has, in the order of resources."""
    places: Mapping[str, Places]
    """By format."""


def result_of(table: FindingTable, places: Mapping[str, Places]) -> ShareResult:
    """A share's findings as they travel."""
    known: dict[Ruling, int] = {}
    numbers = {
        each.policy.id: array("I", (known.setdefault(ruling, len(known)) for ruling in each.rulings))
        for each in table.results
    }
    return ShareResult(tuple(known), numbers, {name: dict(of) for name, of in places.items()})


def table_of(workload: Workload, results: Iterable[ShareResult]) -> FindingTable:
    """The table of the whole from the results of its shares, which follow each other."""
    table = workload.table(workload.judge())
    for result in results:
        for each in table.results:
            each.rulings.extend(map(result.rulings.__getitem__, result.numbers[each.policy.id]))
    table.check()
    return table
