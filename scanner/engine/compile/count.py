"""Counts as intervals: matches known so far, up to those plus the ones that are not known."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple, TypeGuard

import msgspec

from scanner.engine.compile.comparison import MemberComparison
from scanner.engine.compile.condition import (
    TRUE,
    UNKNOWN,
    CompiledCondition,
    Grounds,
    Member,
    MemberCondition,
    ResourceCondition,
    Subject,
    to_code,
)
from scanner.engine.compile.facts import (
    because_unseen,
    reads_of,
    unknown_operand,
    unseen_key,
)
from scanner.engine.compile.fields import FieldReader, array_names, raw_value
from scanner.engine.compile.operand import Operand
from scanner.engine.language.world import World
from scanner.engine.traffic.prefixes import listed
from scanner.model.resource import Answer, Related, Resource, Unseen, Value
from scanner.model.truth import Truth
from scanner.policy.operators import NEGATIVES
from scanner.result.finding import Evidence, EvidenceFact

_NAME: Callable[[Any], str] = attrgetter("name")


class Interval(NamedTuple):
    """A count lies between `low` and `high`, both included; None is no upper bound."""

    low: int
    high: int | None

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low} or more"
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"

    def all_less(self, bound: float) -> Truth:
        """Whether all, some or none of its numbers are less than a bound."""
        if self.low >= bound:
            return Truth.FALSE
        return Truth.TRUE if self.high is not None and self.high < bound else Truth.UNKNOWN

    def all_equal(self, number: float) -> Truth:
        """Whether all, some or none of its numbers are this one."""
        if number < self.low or (self.high is not None and number > self.high) or number != int(number):
            return Truth.FALSE
        return Truth.TRUE if self.low == self.high else Truth.UNKNOWN


COUNTS: Mapping[str, tuple[Callable[[Interval, float], Truth], str]] = {
    "equals": (Interval.all_equal, "exactly"),
    "less": (Interval.all_less, "less than"),
    "lessOrEquals": (lambda interval, bound: interval.all_less(int(bound // 1) + 1), "at most"),
    "greater": (lambda interval, bound: interval.all_less(int(bound // 1) + 1).negated(), "more than"),
    "greaterOrEquals": (lambda interval, bound: interval.all_less(bound).negated(), "at least"),
}
"""If every number of the interval gives the same answer, that is the answer."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The operator of a count and the number that it compares with."""

    operator: str
    operand: Operand
    _known: dict[Interval, int] = field(default_factory=dict)

    def truth(self, interval: Interval, root: Resource) -> int:
        """What the bound says of an interval."""
        constant = self.operand.constant
        if constant is None:
            return self._of(interval, self.operand.value(root))
        truth = self._known.get(interval)
        if truth is None:
            truth = self._known[interval] = self._of(interval, constant)
        return truth

    def _of(self, interval: Interval, operand: Answer) -> int:
        number = operand.value if isinstance(operand, Value) else None
        return to_code(self._compare(interval, number)) if _is_number(number) else UNKNOWN

    def _compare(self, interval: Interval, number: float) -> Truth:
        truth = COUNTS[NEGATIVES.get(self.operator, self.operator)][0](interval, number)
        return truth.negated() if self.operator in NEGATIVES else truth

    def evidence(self, resource: Resource, path: str, counted: "Counted", root: Resource) -> Evidence:
        """What was counted of a resource, and what was expected."""
        interval, operand = counted.interval, self.operand.value(root)
        actual = str(interval)
        found = f"counts {actual}"
        names = f": {listed(counted.matches, counted.name)}" if counted.matches else ""
        if isinstance(operand, Unseen):
            fact = unknown_operand(
                EvidenceFact(path, self.operator, found, Truth.UNKNOWN, actual=actual), operand
            )
            fact = msgspec.structs.replace(fact, text=f"{fact.text}{names}")
            return Evidence(fact, resource.id, None, reads_of(operand))
        number = operand.value if isinstance(operand, Value) else None
        if not _is_number(number):
            text, reason = f"{found}, and {number!r} is no number{names}", "its operand is no number"
            fact = EvidenceFact(path, self.operator, text, Truth.UNKNOWN, number, actual, reason=reason)
            return Evidence(fact, resource.id)
        truth = self._compare(interval, number)
        text = f"{found}, wanted {self._words} {number}"
        doubts = counted.doubts
        if truth is not Truth.UNKNOWN or not doubts:
            return Evidence(
                EvidenceFact(path, self.operator, f"{text}{names}", truth, number, actual), resource.id
            )
        text = f"{text}; not all could be seen ({doubts[0].reason}){names}"
        fact = because_unseen(EvidenceFact(path, self.operator, text, truth, number, actual), doubts[0])
        return Evidence(fact, resource.id, None, reads_of(*doubts))

    @property
    def _words(self) -> str:
        """How the operator is read before a number."""
        return "other than" if self.operator in NEGATIVES else COUNTS[self.operator][1]


class Counted(NamedTuple):
    """What was counted: which things match, how many more may, and which could not be looked at."""

    matches: Sequence[Any]
    name: Callable[[Any], str]
    """What a thing that matches is called."""
    unsure: int
    """How many may match."""
    uncertain: Sequence[Unseen] = ()
    """Why each further one is unseen."""
    unseen: Unseen | None = None
    """Why there may be others again."""

    @property
    def interval(self) -> Interval:
        """From those that match to all that may."""
        low = len(self.matches)
        return Interval(low, None if self.unseen is not None else low + self.unsure + len(self.uncertain))

    @property
    def doubts(self) -> Sequence[Unseen]:
        """All that could not be seen, the gravest first."""
        return self.uncertain if self.unseen is None else (self.unseen, *self.uncertain)


@dataclass(frozen=True, slots=True)
class RelatedCount(ResourceCondition):
    """How many of the resources that a relation leads to satisfy `where`."""

    world: World
    relation: str
    where: ResourceCondition | None
    bound: Bound
    _nobody: dict[Hashable, Evidence] = field(default_factory=dict)
    """The evidence where the relation leads to nobody, by why there may be somebody."""

    def truth(self, subject: Resource, root: Resource) -> int:
        related = self.world.related(subject, self.relation)
        low = high = len(related.targets)
        if self.where is not None:
            truths = [self.where.truth(target, root) for target in related.targets]
            low = truths.count(TRUE)
            high = low + truths.count(UNKNOWN)
        most = None if related.unseen is not None else high + len(related.uncertain)
        return self.bound.truth(Interval(low, most), root)

    def grounds(self, subject: Resource, root: Resource) -> Grounds:
        related = self.world.related(subject, self.relation)
        truths, unsure = _judged(self.where, related.targets, root)
        matches = [target for target, truth in zip(related.targets, truths, strict=True) if truth == TRUE]
        counted = Counted(matches, _NAME, truths.count(UNKNOWN), related.uncertain, related.unseen)
        return _grounds(self._evidence(subject, root, related, counted), unsure)

    def _evidence(self, resource: Resource, root: Resource, related: Related, counted: Counted) -> Evidence:
        """The count's evidence; of most resources that a relation leads nowhere from, it is the same."""
        if self.bound.operand.constant is None or related.targets or related.uncertain:
            return self.bound.evidence(resource, self.relation, counted, root)
        key = None if related.unseen is None else unseen_key(related.unseen)
        known = self._nobody.get(key)
        if known is None:
            known = self.bound.evidence(resource, self.relation, counted, root)
            self._nobody[key] = known
        reads = reads_of(related.unseen) if known.needs else ()
        return Evidence(known.fact, resource.id, None, reads)


@dataclass(frozen=True, slots=True)
class MemberCount(CompiledCondition[Subject]):
    """How many members of an array satisfy `where`."""

    reader: FieldReader[Subject]
    where: MemberCondition | None
    bound: Bound

    def truth(self, subject: Subject, root: Resource) -> int:
        values, unread, unseen = self._members(subject, root)
        if unseen is not None:
            return self.bound.truth(Interval(0, None), root)
        low = high = len(values)
        if self.where is not None:
            if isinstance(self.where, MemberComparison):
                truths = [self.where.of_member(value) for value in values]
            else:
                owner, where = _owner(subject), self.where
                truths = [where.truth(Member(owner, value), root) for value in values]
            low = truths.count(TRUE)
            high = low + truths.count(UNKNOWN)
        return self.bound.truth(Interval(low, high + len(unread)), root)

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        resource = _owner(subject)
        values, unread, unseen = self._members(subject, root)
        unsure: list[Evidence] = []
        matches: Sequence[Any] = values
        doubtful = 0
        if self.where is not None:
            truths, unsure = _judged(self.where, [Member(resource, value) for value in values], root)
            matches = [value for value, truth in zip(values, truths, strict=True) if truth == TRUE]
            doubtful = truths.count(UNKNOWN)
        counted = Counted(matches, member_name, doubtful, unread, unseen)
        return _grounds(self.bound.evidence(resource, self.reader.path.text, counted, root), unsure)

    def _members(
        self, subject: Subject, root: Resource
    ) -> tuple[Sequence[Any], Sequence[Unseen], Unseen | None]:
        """The members of the array, why others are not known, and why the array is not, if it is not."""
        split = array_names(self.reader.path)
        if split is not None and isinstance(subject, Resource) and len(split[1]) == 1:
            array = raw_value(subject, split[0])
            if array.__class__ is list:  # the best row has it
                return array, (), None
        reading = self.reader.read(subject, root)
        if isinstance(reading.answer, Unseen):
            return (), (), reading.answer
        values = [each.value for each in reading.members if isinstance(each, Value)]
        return values, [each for each in reading.members if isinstance(each, Unseen)], None


def _owner(subject: Resource | Member) -> Resource:
    return subject if isinstance(subject, Resource) else subject.owner


def _judged(
    where: CompiledCondition[Subject] | None, subjects: Sequence[Subject], root: Resource
) -> tuple[list[int], list[Evidence]]:
    """The truth of each, and the evidence of those that are not known."""
    if where is None:
        return [TRUE] * len(subjects), []
    judged = [where.grounds(each, root) for each in subjects]
    unsure = (one for each in judged if each.truth == UNKNOWN for one in each.evidence)
    return [each.truth for each in judged], [*unsure]


def _grounds(evidence: Evidence, unsure: list[Evidence]) -> Grounds:
    """The count's own evidence, with that of the things that leave it open."""
    truth = to_code(evidence.fact.truth)
    if truth != UNKNOWN:
        return Grounds(truth, (evidence,))
    if evidence.fact.reason is None:
        fact = msgspec.structs.replace(evidence.fact, optional=all(each.fact.optional for each in unsure))
        evidence = Evidence(fact, evidence.resource, None, evidence.needs)
    return Grounds(truth, (evidence, *unsure))


def member_name(member: Any) -> str:
    """What a counted member of an array is called: its name, its value, or the end of its id."""
    match member:
        case {"name": str(name)} | {"value": str(name)}:
            return name
        case {"id": str(path)} | {"virtualNetworkSubnetResourceId": str(path)}:
            return path.rsplit("/", 1)[-1]
        case dict():
            return "one without a name"
        case value:
            return str(value)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
