"""Which ARM reads would settle what a scan could not: the third truth value drives the reading."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scanner.catalog.fields import resource_types
from scanner.model.inventory import Inventory
from scanner.model.resource import RequiredRead, parent_key, type_of_id
from scanner.model.truth import Truth
from scanner.result.finding import Verdict
from scanner.result.finding_table import FindingTable
from scanner.sources.azure.reads import ReadRequest
from scanner.sources.files.snapshot import CHILDREN

SELF = "self"
CALLBACK = "callbackConfig"
LISTED: Mapping[str, str] = {
    "microsoft.containerregistry/registries/tasks": "tasks",
    "microsoft.containerregistry/registries/agentpools": "agentPools",
}
"""Types of which one list below the registry answers for all; a single GET follows only where it did not."""

_Place = tuple[str, str]
"""Whom a read is of, and what is read."""


@dataclass(slots=True)
class Hydration:
    """The reads that were asked for so far: none is asked for twice."""

    webhook_endpoints: bool = False
    _done: set[tuple[str, str, str]] = field(default_factory=set)

    def wanted(self, findings: FindingTable, inventory: Inventory) -> list[ReadRequest]:
        """The reads on which verdicts hinge now, in the order of ids."""
        fields: defaultdict[_Place, set[str]] = defaultdict(set)
        spelled: dict[_Place, str] = {}
        doubted: set[_Place] = set()
        for need, confirms in _needs(findings):
            if need.what == CALLBACK and not self.webhook_endpoints:
                continue
            of, what = self._place(need)
            place = of.lower(), what
            spelled.setdefault(place, of)
            fields[place].update([need.field] if need.field is not None else [])
            if not confirms:
                doubted.add(place)
        reads = [
            read
            for place in sorted(fields)
            for read in _reads(
                spelled[place], place[1], sorted(fields[place]), inventory, confirms=place not in doubted
            )
        ]
        new = _lists_first([read for read in reads if _key(read) not in self._done])
        self._done.update(map(_key, new))
        return new

    def _place(self, need: RequiredRead) -> _Place:
        """What is read for a need: one list below the registry instead of many single reads, at first."""
        listed = LISTED.get(type_of_id(need.of) or "") if need.what == SELF else None
        if listed is not None:
            registry = parent_key(need.of)
            if not any(of == registry.lower() and what == listed for of, what, _ in self._done):
                return registry, listed
        return need.of, need.what


def _key(read: ReadRequest) -> tuple[str, str, str]:
    return read.of.lower(), read.what, read.versions[0]


def _lists_first(reads: Sequence[ReadRequest]) -> list[ReadRequest]:
    """The reads without those of registries of which a list may settle the verdicts; their turn comes."""
    listed = {read.of.lower() for read in reads if read.what in LISTED.values()}
    return [read for read in reads if read.what != SELF or read.of.lower() not in listed]


def _needs(findings: FindingTable) -> Iterator[tuple[RequiredRead, bool]]:
    """The reads that could settle unknown verdicts, and those that confirm a fail by default."""
    for _, finding in findings.with_verdicts({Verdict.UNKNOWN, Verdict.FAIL}):
        for leaf in finding.evidence:
            if finding.verdict is Verdict.UNKNOWN and leaf.fact.truth is Truth.UNKNOWN:
                yield from ((need, False) for need in leaf.needs)
            elif finding.verdict is Verdict.FAIL and leaf.fact.assumed:
                yield from ((need, True) for need in leaf.needs)


def _reads(
    of: str, what: str, fields: list[str], inventory: Inventory, *, confirms: bool
) -> Iterator[ReadRequest]:
    """One read for each api-version that it takes to show all fields."""
    kind = CHILDREN[what][0] if what in CHILDREN else type_of_id(of) or ""
    known = resource_types().get(kind)
    if known is None or not known.read:
        return
    if what != SELF:
        resource = inventory.get(of.lower())
        row = None if resource is None else resource.rows[0]
        yield ReadRequest(of, what, tuple(fields), known.read, row, confirms)
        return
    by_first: defaultdict[str, list[str]] = defaultdict(list)
    for path in fields or [""]:
        by_first[_versions(kind, path)[0]].append(path)
    for paths in by_first.values():
        good = [_versions(kind, path) for path in paths]
        versions = tuple(version for version in good[0] if all(version in others for others in good))
        yield ReadRequest(of, what, tuple(path for path in paths if path), versions, None, confirms)


def _versions(kind: str, path: str) -> tuple[str, ...]:
    """The api-versions of a type that return a field, best first; all of them where none is known to."""
    known = resource_types()[kind]
    chain = [path[:index] for index, letter in enumerate(path) if letter == "."] + [path]
    seen = [info.seen_in for each in chain if (info := known.fields.get(each)) is not None and info.seen_in]
    good = tuple(version for version in known.read if all(one.returned_by(version) for one in seen))
    return good or known.read
