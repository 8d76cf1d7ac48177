"""The findings of a scan: kept as who can tell of each, and made when they are looked at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from scanner.model.resource import Resource
from scanner.policy.model import Policy
from scanner.result.finding import Finding, Ruling, Teller


class Findings(Protocol):
    """Findings in the order of every report: by the ids of their policies, then by those of resources."""

    def __iter__(self) -> Iterator[Finding]: ...
    def __len__(self) -> int: ...


class Judged(Teller, Protocol):
    """What was ruled, of one resource or of many, and can be told of each."""

    @property
    def ruling(self) -> Ruling: ...


def finding_of(policy: Policy, resource: Resource, judged: Judged) -> Finding:
    """The finding of a policy on a resource of which that was ruled."""
    verdict, ways, gates, ungated = judged.ruling
    return Finding(policy, resource, verdict, judged, ways, gates, ungated)


@dataclass(frozen=True, slots=True)
class Column:
    """What a policy says of some resources, which are in the order of their keys."""

    policy: Policy
    resources: Sequence[Resource]
    rulings: Sequence[Judged]

    def __iter__(self) -> Iterator[Finding]:
        policy = self.policy
        return (finding_of(policy, *each) for each in zip(self.resources, self.rulings, strict=True))


Stretch = Sequence[Column]
"""What all policies, in the order of their ids, say of a stretch of the resources."""


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
            if number == len(self._judged):
                stretch = next(self.ahead, None)
                if stretch is None:
                    break
                self._judged.append(stretch)
            yield self._judged[number]
        there = sum(len(column.rulings) for stretch in self._judged for column in stretch)
        if there != self.number:
            raise AssertionError(f"{there} of {self.number} findings were judged")

    def __iter__(self) -> Iterator[Finding]:
        for columns in zip(*self.stretches(), strict=True):
            for column in columns:
                yield from column

    def __len__(self) -> int:
        return self.number


@dataclass(frozen=True, slots=True)
class Amended:
    """Findings of which some are others now, by their number."""

    findings: Findings
    changed: Mapping[int, Finding]

    def __iter__(self) -> Iterator[Finding]:
        changed = self.changed
        return (changed.get(number, each) for number, each in enumerate(self.findings))

    def __len__(self) -> int:
        return len(self.findings)


def amended(findings: Findings, changed: Mapping[int, Finding]) -> Findings:
    """The findings with these in the place of those of their numbers."""
    return Amended(findings, changed) if changed else findings


def amendments(findings: Findings) -> Iterable[Finding]:
    """The findings that are others than what was judged; the later ones hold."""
    if isinstance(findings, Amended):
        yield from amendments(findings.findings)
        yield from findings.changed.values()
