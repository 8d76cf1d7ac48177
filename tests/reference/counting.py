"""Counts as intervals: matches known so far, up to those plus the unknown ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reference.comparison import operand_value
from reference.judgement import Judgement, Leaf
from reference.subject import Subject
from reference.words import blamed, doubted
from scanner.engine.traffic.prefixes import listed
from scanner.model.resource import Absent, Answer, Unseen, Value
from scanner.model.truth import Truth
from scanner.policy.model import Condition, Count
from scanner.policy.operators import NEGATIVES


@dataclass(frozen=True, slots=True)
class Interval:
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
class Counted:
    """What was counted: who matches, how many more may, and who could not be looked at."""

    field: str
    matches: Sequence[Any]
    name: Callable[[Any], str]
    """What one that matches is called."""
    unsure: int
    uncertain: Sequence[Unseen] = ()
    """Why each further one is unseen."""
    unseen: Unseen | None = None
    """Why there may be others again."""


_SURE = Judgement(Truth.TRUE)


def counted(
    condition: Count, subject: Subject, evaluate: Callable[[Condition, Subject], Judgement]
) -> Judgement:
    """How many members or related resources satisfy `where`, compared with a number."""
    field, subjects, uncertain, unseen = (
        _related(condition.relation, subject)
        if condition.relation is not None
        else _members(condition, subject)
    )
    judged = [_SURE if condition.where is None else evaluate(condition.where, each) for each in subjects]
    unsure = tuple(each for each in judged if each.truth is Truth.UNKNOWN)
    matches = [one for one, each in zip(subjects, judged, strict=True) if each.truth is Truth.TRUE]
    found = Counted(field, matches, _name, len(unsure), uncertain, unseen)
    leaf = count_leaf(condition, subject.resource.id, operand_value(condition.operand, subject), found)
    if leaf.truth is Truth.UNKNOWN and leaf.reason is None:
        leaf = replace(leaf, optional=all(part.optional for each in unsure for part in each.because()))
    return Judgement(leaf.truth, leaf, parts=unsure if leaf.truth is Truth.UNKNOWN else ())


def count_leaf(condition: Count, resource: str, operand: Answer, found: Counted) -> Leaf:
    """A count of a resource's in words; whether what is unsure of it is optional is not said here."""
    low = len(found.matches)
    most = None if found.unseen is not None else low + found.unsure + len(found.uncertain)
    actual = str(interval := Interval(low, most))
    said, names = f"counts {actual}", f": {listed(found.matches, found.name)}" if found.matches else ""
    about = (resource, found.field, condition.operator)
    if isinstance(operand, Unseen):
        leaf = doubted(Leaf(Truth.UNKNOWN, *about, said, actual=actual), operand)
        return replace(leaf, text=f"{leaf.text}{names}")
    number = operand.value if isinstance(operand, Value) else None
    if not isinstance(number, int | float) or isinstance(number, bool):
        text, reason = f"{said}, and {number!r} is no number{names}", "its operand is no number"
        return Leaf(Truth.UNKNOWN, *about, text, number, actual, reason=reason)
    truth, words = _compared(condition.operator, interval, number)
    text = f"{said}, wanted {words} {number}"
    doubt = found.unseen or next(iter(found.uncertain), None)
    if truth is not Truth.UNKNOWN or doubt is None:
        return Leaf(truth, *about, f"{text}{names}", number, actual)
    text = f"{text}; not all could be seen ({doubt.reason}){names}"
    return blamed(Leaf(truth, *about, text, number, actual), doubt, found.uncertain)


def _compared(operator: str, interval: Interval, number: float) -> tuple[Truth, str]:
    """What an operator says of a count, and how it is read."""
    compare, words = COUNTS[NEGATIVES.get(operator, operator)]
    truth = compare(interval, number)
    return (truth.negated(), "other than") if operator in NEGATIVES else (truth, words)


def _name(subject: Subject) -> str:
    """What a counted resource or member is called."""
    return subject.resource.name if subject.member is None else member_name(subject.member.value)


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


_Found = tuple[str, Sequence[Subject], Sequence[Unseen], Unseen | None]


def _related(relation: str, subject: Subject) -> _Found:
    related = subject.world.related(subject.resource, relation)
    subjects = [subject.of(target) for target in related.targets]
    return relation, subjects, related.uncertain, related.unseen


def _members(condition: Count, subject: Subject) -> _Found:
    if condition.field is None:
        raise AssertionError("a count has a relation or a field")
    asked = subject.ask(condition.field)
    match asked.answer:
        case Unseen():
            return asked.field, (), (), asked.answer
        case Absent():
            return asked.field, (), (), None
    members = [subject.at(member) for member in asked.members if isinstance(member, Value)]
    return asked.field, members, [member for member in asked.members if isinstance(member, Unseen)], None
