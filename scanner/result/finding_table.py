"""The findings of a scan as a table: for each policy the resources that it judges, and a ruling on each.

The order is that of every report: by policy id, then by lower-cased resource id, by code point. A finding is
made when somebody looks at it; a ruling is one object for all findings that share it.
"""

from array import array
from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from scanner.model.resource import Resource
from scanner.model.store import Resources
from scanner.policy.model import Policy
from scanner.result.finding import Explainer, Finding, Ruling, Verdict

Numbered = tuple[int, Finding]
"""A finding after its number in the order of reports."""


class Rulings(Sequence[Ruling]):
    """Rulings, of which few differ: two bytes for each."""

    def __init__(self, rulings: Iterable[Ruling] = ()) -> None:
        self._numbers = array("H")
        self._distinct: dict[Ruling, int] = {}
        self._by_number: list[Ruling] = []
        self.extend(rulings)

    def append(self, ruling: Ruling) -> None:
        """Add a ruling."""
        self._numbers.append(self._number(ruling))

    def extend(self, rulings: Iterable[Ruling]) -> None:
        """Add some rulings."""
        self._numbers.extend(map(self._number, rulings))

    def counts(self) -> Counter[Ruling]:
        """How often each of them is there."""
        return Counter({self._by_number[n]: count for n, count in Counter(self._numbers).items()})

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Ruling]:
        return map(self._by_number.__getitem__, self._numbers)

    @overload
    def __getitem__(self, index: int) -> Ruling: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Ruling]: ...
    def __getitem__(self, index: int | slice) -> Ruling | Sequence[Ruling]:
        if isinstance(index, slice):
            return [self._by_number[number] for number in self._numbers[index]]
        return self._by_number[self._numbers[index]]

    def _number(self, ruling: Ruling) -> int:
        number = self._distinct.get(ruling)
        if number is None:
            number = self._distinct[ruling] = len(self._by_number)
            self._by_number.append(ruling)
        return number


@dataclass(slots=True)
class PolicyResults:
    """What one policy says of resources; `rulings` grows while they are judged."""

    policy: Policy
    resources: Resources
    explainer: Explainer
    rulings: Rulings = field(default_factory=Rulings)

    def finding(self, number: int) -> Finding:
        """The finding on the resource of a number."""
        return self.of(self.resources[number], self.rulings[number])

    def of(self, resource: Resource, ruling: Ruling) -> Finding:
        """The finding on a resource."""
        return Finding(self.policy, resource, self.explainer, *ruling)

    def __iter__(self) -> Iterator[Finding]:
        return map(self.of, self.resources, self.rulings)


@dataclass(frozen=True, slots=True)
class FindingTable:
    """All findings, what does not apply included."""

    results: Sequence[PolicyResults] = ()

    def __iter__(self) -> Iterator[Finding]:
        for each in self.results:
            yield from each

    def __len__(self) -> int:
        return sum(len(each.rulings) for each in self.results)

    def check(self) -> None:
        """AssertionError where a resource was not judged: what is missing would count as judged."""
        for each in self.results:
            if len(each.rulings) != len(each.resources):
                raise AssertionError(
                    f"{len(each.rulings)} of {len(each.resources)} findings of {each.policy.id} were judged"
                )

    def rulings(self) -> Iterator[tuple[Policy, Ruling]]:
        """What is counted of each finding; no resource is looked at for it."""
        for each in self.results:
            policy = each.policy
            for ruling in each.rulings:
                yield policy, ruling

    def at(self, numbers: Iterable[int]) -> Iterator[Numbered]:
        """The findings of some numbers, which ascend; no other resources are looked at."""
        results, here, start, end = iter(self.results), None, 0, 0
        for number in numbers:
            while number >= end:
                here = next(results)
                start, end = end, end + len(here.rulings)
            if here is not None:
                yield number, here.finding(number - start)

    def with_verdicts(self, verdicts: Container[Verdict]) -> Iterator[Numbered]:
        """The findings of some verdicts, in order."""
        numbered = enumerate(self.rulings())
        return self.at(number for number, (_, ruling) in numbered if ruling.verdict in verdicts)

    def by_resource(self, verdicts: Container[Verdict]) -> Iterator[Finding]:
        """The findings of some verdicts by resource id, then by policy id; each resource is read once."""
        for findings in self.by_batch():
            wanted = [
                (finding.resource.key, number, finding)
                for number, (_, of_policy) in enumerate(findings)
                for finding in of_policy
                if finding.verdict in verdicts
            ]
            yield from (finding for _, _, finding in sorted(wanted, key=lambda each: each[:2]))

    def by_batch(self) -> Iterator[Sequence[tuple[PolicyResults, Sequence[Finding]]]]:
        """All findings on some resources, then on the next ones; within them in the order of the table."""
        ahead = [_Ahead(iter(each)) for each in self.results]
        while any(each.first is not None for each in ahead):
            last = min(key for each in ahead if (key := each.last_key(BATCH_SIZE)) is not None)
            taken = [[*each.up_to(last)] for each in ahead]
            yield [*zip(self.results, taken, strict=True)]


BATCH_SIZE = 512
"""Resources of a type that are looked at together."""


@dataclass(slots=True)
class _Ahead:
    """The findings of a policy, some of them looked at ahead of their turn."""

    findings: Iterator[Finding]
    held: deque[Finding] = field(default_factory=deque)

    @property
    def first(self) -> Finding | None:
        """The next finding, if there is one."""
        self._hold(1)
        return self.held[0] if self.held else None

    def last_key(self, size: int) -> str | None:
        """The resource of the last of so many findings; None where there is none any more."""
        self._hold(size)
        return self.held[-1].resource.key if self.held else None

    def up_to(self, key: str) -> Iterator[Finding]:
        """The next findings, as far as those on a resource."""
        while (first := self.first) is not None and first.resource.key <= key:
            yield self.held.popleft()

    def _hold(self, size: int) -> None:
        while len(self.held) < size and (finding := next(self.findings, None)) is not None:
            self.held.append(finding)
