"""The findings of a scan: kept as who can tell of each, and made when they are looked at."""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, count
from typing import Protocol

from scanner.model.resource import Resource
from scanner.model.store import Resources
from scanner.policy.model import Policy
from scanner.result.finding import Explainer, Finding, Ruling, Verdict

Numbered = Iterator[tuple[int, Finding]]
"""Findings after their numbers in the order of reports."""
Standing = tuple[Policy, Verdict, Verdict | None]
"""Whose a finding is, its verdict, and what of it gates."""


class Findings(Protocol):
    """Findings in the order of every report: by the ids of their policies, then by those of resources."""

    def __iter__(self) -> Iterator[Finding]: ...
    def __len__(self) -> int: ...
    def standings(self) -> Iterator[Standing]:
        """What is counted of each; no resource is looked at for it."""
        ...

    def at(self, numbers: Iterable[int]) -> Numbered:
        """Those of some numbers, which ascend; no other resources are looked at."""
        ...

    def pieces(self, verdicts: Container[Verdict]) -> Iterator[Numbered]:
        """Those of some verdicts in another order: on a few resources, then on the next ones."""
        ...


def of(findings: Findings, verdicts: Container[Verdict]) -> Numbered:
    """The findings of some verdicts, in their order."""
    standings = enumerate(findings.standings())
    return findings.at(number for number, (_, verdict, _) in standings if verdict in verdicts)


def by_resource(findings: Findings, verdicts: Container[Verdict]) -> Numbered:
    """The findings of some verdicts by the ids of their resources, then by those of their policies."""
    for piece in findings.pieces(verdicts):
        yield from sorted(piece, key=lambda each: (each[1].resource.key, each[0]))


def anyhow(findings: Findings, verdicts: Container[Verdict] = frozenset(Verdict)) -> Numbered:
    """The findings of some verdicts, in the order that costs least."""
    return chain.from_iterable(findings.pieces(verdicts))


@dataclass(frozen=True, slots=True)
class Column:
    """What a policy says of some resources, which are in the order of their keys."""

    policy: Policy
    resources: Resources
    rulings: Sequence[Ruling]
    explainer: Explainer

    def __post_init__(self) -> None:
        if len(self.rulings) != len(self.resources):
            raise AssertionError(f"{len(self.rulings)} of {len(self.resources)} findings were judged")

    def __iter__(self) -> Iterator[Finding]:
        return map(self._finding, self.resources, self.rulings)

    def standings(self) -> Iterator[Standing]:
        """What is counted of each finding."""
        for verdict, _, gates, _ in self.rulings:
            yield self.policy, verdict, gates

    def at(self, number: int) -> Finding:
        """The finding on the resource of a number."""
        return self._finding(self.resources[number], self.rulings[number])

    def of(self, verdicts: Container[Verdict], start: int) -> Numbered:
        """The findings of some verdicts; the first of all has the number `start`."""
        for number, ruling in enumerate(self.rulings):
            if ruling.verdict in verdicts:
                yield start + number, self._finding(self.resources[number], ruling)

    def _finding(self, resource: Resource, ruling: Ruling) -> Finding:
        return finding_of(self.policy, resource, ruling, self.explainer)


def finding_of(policy: Policy, resource: Resource, ruling: Ruling, explainer: Explainer) -> Finding:
    """The finding of a policy on a resource."""
    verdict, ways, gates, reason = ruling
    return Finding(policy, resource, verdict, explainer, ways, gates, reason)


class Made(tuple[Finding, ...]):
    """Findings that are made already."""

    __slots__ = ()

    def standings(self) -> Iterator[Standing]:
        """What is counted of each."""
        return ((each.policy, each.verdict, each.gates) for each in self)

    def at(self, numbers: Iterable[int]) -> Numbered:
        """Those of some numbers."""
        return ((number, self[number]) for number in numbers)

    def pieces(self, verdicts: Container[Verdict]) -> Iterator[Numbered]:
        """Those of some verdicts, all at once."""
        yield of(self, verdicts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What all policies, in the order of their ids, say of a stretch of the resources."""

    resources: Resources
    columns: Sequence[Column]


@dataclass(slots=True)
class Stretches:
    """Findings as they are judged: all policies on a few resources, then on the next ones."""

    ahead: Iterator[Stretch]
    number: int
    """How many findings there are, judged or not yet."""
    _judged: list[Stretch] = field(default_factory=list)

    def stretches(self) -> Iterator[Stretch]:
        """All of them, each as soon as it is judged: who takes it now finds at hand what was looked up.

        AssertionError where there are fewer than there have to be: what is missing would count as judged.
        """
        for number in count():
            if number < len(self._judged):
                yield self._judged[number]
            elif (stretch := next(self.ahead, None)) is not None:
                self._judged.append(stretch)
                yield stretch
            else:
                break
        there = sum(len(column.rulings) for stretch in self._judged for column in stretch.columns)
        if there != self.number:
            raise AssertionError(f"{there} of {self.number} findings were judged")

    def __iter__(self) -> Iterator[Finding]:
        for column in self._columns():
            yield from column

    def __len__(self) -> int:
        return self.number

    def standings(self) -> Iterator[Standing]:
        """What is counted of each; no resource is looked at for it."""
        for column in self._columns():
            yield from column.standings()

    def at(self, numbers: Iterable[int]) -> Numbered:
        """Those of some numbers, which ascend; no other resources are looked at."""
        columns, here, start, end = self._columns(), None, 0, 0
        for number in numbers:
            while number >= end:
                here = next(columns)
                start, end = end, end + len(here.rulings)
            if here is not None:
                yield number, here.at(number - start)

    def pieces(self, verdicts: Container[Verdict]) -> Iterator[Numbered]:
        """Those of some verdicts, stretch by stretch."""
        stretches = self._kept()
        lengths = [[len(column.rulings) for column in stretch.columns] for stretch in stretches]
        *starts, _ = 0, *accumulate(map(sum, zip(*lengths, strict=True)))
        for stretch, here in zip(stretches, lengths, strict=True):
            stretch.resources.fetch()
            numbered = zip(stretch.columns, starts, strict=True)
            yield chain.from_iterable(column.of(verdicts, start) for column, start in numbered)
            starts = [start + length for start, length in zip(starts, here, strict=True)]

    def _columns(self) -> Iterator[Column]:
        """Policy by policy."""
        for columns in zip(*(stretch.columns for stretch in self._kept()), strict=True):
            yield from columns

    def _kept(self) -> Sequence[Stretch]:
        """All of them, once they are judged, and only what is kept of each."""
        deque(self.stretches(), maxlen=0)
        return self._judged


@dataclass(frozen=True, slots=True)
class Amended:
    """Findings of which some are others now, by their number."""

    findings: Findings
    changed: Mapping[int, Finding]

    def __iter__(self) -> Iterator[Finding]:
        return (each for _, each in self._now(enumerate(self.findings)))

    def __len__(self) -> int:
        return len(self.findings)

    def standings(self) -> Iterator[Standing]:
        """What is counted of each; no resource is looked at for it."""
        for number, standing in enumerate(self.findings.standings()):
            now = self.changed.get(number)
            yield standing if now is None else (now.policy, now.verdict, now.gates)

    def at(self, numbers: Iterable[int]) -> Numbered:
        """Those of some numbers, which ascend; no other resources are looked at."""
        return self._now(self.findings.at(numbers))

    def pieces(self, verdicts: Container[Verdict]) -> Iterator[Numbered]:
        """Those of some verdicts in another order."""
        for piece in self.findings.pieces(frozenset(Verdict)):
            yield (each for each in self._now(piece) if each[1].verdict in verdicts)

    def _now(self, findings: Numbered) -> Numbered:
        return ((number, self.changed.get(number, each)) for number, each in findings)


def amended(findings: Findings, changed: Mapping[int, Finding]) -> Findings:
    """The findings with these in the place of those of their numbers."""
    return Amended(findings, changed) if changed else findings


def amendments(findings: Findings) -> Iterable[Finding]:
    """The findings that are others than what was judged; the later ones hold."""
    if isinstance(findings, Amended):
        yield from amendments(findings.findings)
        yield from findings.changed.values()
