"""What is kept of findings whose resources are not: which ruling each has, and who can tell of it again."""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.engine.precedents import Precedent
from scanner.engine.verdict import Judge, Retold
from scanner.model.store import Resources
from scanner.policy.model import Policy
from scanner.result.finding import Ruling
from scanner.result.findings import Column, Judged, Repeated, Stretch

_MOST = 512
"""Precedents of a policy that are kept, since they know why; of others one looks again."""


@dataclass(slots=True)
class _Known:
    """Who tells of a policy's findings, and the number of each by its precedent or ruling."""

    numbers: dict[Precedent | Ruling, int] = field(default_factory=dict)
    tellers: list[Judged] = field(default_factory=list)

    def number(self, key: Precedent | Ruling, teller: Judged) -> int:
        """The number of one who is new, or not."""
        number = self.numbers.setdefault(key, len(self.tellers))
        if number == len(self.tellers):
            self.tellers.append(teller)
        return number

    def column(self, policy: Policy, resources: Resources, numbers: Iterable[int]) -> Column:
        """The findings of these."""
        found = [*numbers]
        kept = array(typecode(max(found, default=0)), found)
        return Column(policy, resources, Repeated(self.tellers, kept))


def typecode(largest: int) -> str:
    """The smallest array that holds a number."""
    return "B" if largest < 2**8 else "H" if largest < 2**16 else "L"


@dataclass(slots=True)
class Memory:
    """What was ruled by each policy, of which a scan has little, however many resources there are."""

    judge: Judge
    _known: defaultdict[str, _Known] = field(default_factory=lambda: defaultdict(_Known))

    def kept(self, stretch: Stretch) -> Stretch:
        """The same findings without what is known of any resource alone."""
        return Stretch(stretch.resources, [self._kept(column) for column in stretch.columns])

    def column(self, policy: Policy, resources: Resources, rulings: Iterable[Ruling]) -> Column:
        """The findings of a policy on resources of which that was ruled elsewhere, one after the other."""
        known = self._known[policy.id]
        numbers = (known.number(ruling, Retold(self.judge, policy, ruling)) for ruling in rulings)
        return known.column(policy, resources, numbers)

    def _kept(self, column: Column) -> Column:
        known = self._known[column.policy.id]
        numbers = (self._number(known, column.policy, each) for each in column.rulings)
        return known.column(column.policy, column.resources, numbers)

    def _number(self, known: _Known, policy: Policy, judged: Judged) -> int:
        if isinstance(judged, Precedent):
            if judged in known.numbers:
                return known.numbers[judged]
            if judged.cited and len(known.tellers) < _MOST:
                return known.number(judged, judged)
        return known.number(judged.ruling, Retold(self.judge, policy, judged.ruling))
