"""A field against an operand.

On what is absent every positive operator is FALSE, on what is unseen UNKNOWN; a negative operator is defined
as not its positive.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scanner.engine.compile.condition import (
    FALSE,
    TRUE,
    TRUTHS,
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
    found_fact,
    reads_of,
    unknown_operand,
    wrong_type,
)
from scanner.engine.compile.fields import FieldReader
from scanner.engine.compile.operand import Operand, normal_regions
from scanner.engine.fields.array_paths import read_member
from scanner.engine.fields.lookup import LookupPath
from scanner.engine.language.operators import OPERATORS
from scanner.engine.language.world import World
from scanner.model.resource import Absent, Answer, RequiredRead, Resource, Unseen, Value
from scanner.policy.operators import NEGATIVES
from scanner.result.finding import Evidence, EvidenceFact

_MOST = 4096
"""Values whose truth a comparison keeps."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of the language on what is known of a field, and on its operand."""

    name: str
    positive: str
    negative: bool

    @classmethod
    def named(cls, name: str) -> "Operator":
        """The operator of a name: a positive one, or the negation of one."""
        return cls(name, NEGATIVES.get(name, name), name in NEGATIVES)

    def truth(self, answer: Answer, operand: Answer) -> int:
        """The truth of the comparison; UNKNOWN also for values whose types cannot be compared."""
        if isinstance(answer, Unseen):
            return UNKNOWN
        if self.positive == "exists":
            is_set = isinstance(answer, Value) and not answer.assumed
            return TRUE if isinstance(operand, Value) and is_set is operand.value else FALSE
        if isinstance(operand, Unseen):
            return UNKNOWN
        if isinstance(answer, Absent) or isinstance(operand, Absent):
            return TRUE if self.negative else FALSE
        return self.of_value(answer.value, operand.value)

    def of_value(self, value: Any, operand: Any) -> int:
        """The truth on two values."""
        truth = to_code(OPERATORS[self.positive](value, operand))
        return TRUE - truth if self.negative else truth

    def fact(self, path: str, answer: Answer, operand: Answer) -> EvidenceFact:
        """What the comparison found, in words."""
        expected = operand.value if isinstance(operand, Value) else None
        truth = TRUTHS[self.truth(answer, operand)]
        found = found_fact(path, self.name, expected, answer, truth)
        if isinstance(answer, Unseen) or self.positive == "exists":
            return found
        if isinstance(operand, Unseen):
            return unknown_operand(found, operand)
        compared = isinstance(answer, Value) and isinstance(operand, Value)
        return wrong_type(found) if compared and truth is TRUTHS[UNKNOWN] else found


@dataclass(frozen=True, slots=True)
class FieldComparison(CompiledCondition[Subject]):
    """Any field against any operand."""

    reader: FieldReader[Subject]
    operator: Operator
    operand: Operand

    def truth(self, subject: Subject, root: Resource) -> int:
        return self.operator.truth(self.reader.read(subject, root).answer, self._operand(subject, root))

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        reading, operand = self.reader.read(subject, root), self._operand(subject, root)
        answer = reading.answer
        fact = self.operator.fact(reading.field, answer, operand)
        blamed = operand if isinstance(operand, Unseen) and not isinstance(answer, Unseen) else None
        reads = reads_of(blamed) if blamed is not None else reads_behind(answer)
        return Grounds(to_code(fact.truth), [Evidence(fact, subject.id, None, reads)])

    def _operand(self, subject: Subject, root: Resource) -> Answer:
        operand = self.operand.value(root)
        is_region = self.reader.path.text == "location" and not isinstance(subject, Member)
        if is_region and isinstance(operand, Value):
            return Value(normal_regions(operand.value))
        return operand


def reads_behind(answer: Answer) -> tuple[RequiredRead, ...]:
    """The ARM read that would show a field, or confirm the default that is assumed for it."""
    return () if isinstance(answer, Absent) or answer.need is None else (answer.need,)


@dataclass(frozen=True, slots=True)
class ConstantTest:
    """An operator with a constant operand, on values that are there."""

    operator: Operator
    operand: Value
    _known: dict[Hashable, int] = field(default_factory=dict)

    def truth(self, value: Any) -> int:
        """The truth of a value; worked out once for each scalar, since an estate repeats few."""
        if value.__class__ is list or value.__class__ is dict:
            return self._of(value)
        place = value.__class__, value
        truth = self._known.get(place)
        if truth is None:
            truth = self._of(value)
            if len(self._known) < _MOST:
                self._known[place] = truth
        return truth

    def _of(self, value: Any) -> int:
        if self.operator.positive == "exists":
            return TRUE if self.operand.value is True else FALSE
        return self.operator.of_value(value, self.operand.value)


_MISSING: Any = object()
_SHARED = frozenset({str, bool, int})
"""Types whose equal values are written alike; 0.0 and -0.0 are equal, and are not."""


class _Found(NamedTuple):
    """A truth, its fact, and what to read of the resource to see more: self or a list, and the field."""

    truth: int
    fact: EvidenceFact
    reads: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ConstantComparison(ResourceCondition):
    """A field of plain names against a constant: the commonest condition, asked of every resource.

    Rows are read directly. What a missing value means is looked up once for all rows of one profile.
    """

    world: World
    path: str
    keys: LookupPath
    test: ConstantTest
    _silences: dict[Hashable, int] = field(default_factory=dict)
    _found: dict[Hashable, _Found] = field(default_factory=dict)

    def truth(self, subject: Resource, root: Resource) -> int:
        value, profile = self._read(subject)
        if value is not _MISSING:
            return self.test.truth(value)
        truth = None if profile is None else self._silences.get(profile)
        if truth is None:
            answer = self.world.look(subject, self.keys)
            truth = self.test.operator.truth(answer, self.test.operand)
            if profile is not None:
                self._silences[profile] = truth
        return truth

    def grounds(self, subject: Resource, root: Resource) -> Grounds:
        value, place = self._read(subject)
        if value.__class__ in _SHARED:
            row = subject.rows[0]
            place = value.__class__, value, row.source, row.api_version
        found = None if place is None else self._found.get(place)
        if found is None:
            found = self._look(subject)
            if place is not None and len(self._found) < _MOST:
                self._found[place] = found
        needs = tuple([RequiredRead(subject.id, *read) for read in found.reads]) if found.reads else ()
        return Grounds(found.truth, (Evidence(found.fact, subject.id, None, needs),))

    def _read(self, resource: Resource) -> tuple[Any, Hashable | None]:
        """The value that the best row has; else _MISSING, and what stands for all rows that lack it so.

        That is None where silence means something else for each resource.
        """
        node: Any = resource.rows[0].body
        for depth, name in enumerate(self.keys.names):
            if node.__class__ is not dict:
                return _MISSING, None
            inner = node.get(name)
            if inner is None or inner == "":
                profile = self.world.shape(resource)
                return _MISSING, None if profile is None else (profile, depth, inner is None and name in node)
            node = inner
        return node, None

    def _look(self, resource: Resource) -> _Found:
        answer = self.world.look(resource, self.keys)
        fact = self.test.operator.fact(self.path, answer, self.test.operand)
        reads = tuple((each.what, each.field) for each in reads_behind(answer))
        return _Found(to_code(fact.truth), fact, reads)


@dataclass(frozen=True, slots=True)
class MemberComparison(MemberCondition):
    """A field of plain names of an array's member, against a constant; a key that it lacks is absent."""

    path: str
    names: tuple[str, ...]
    test: ConstantTest

    def truth(self, subject: Member, root: Resource) -> int:
        return self.of_member(subject.value)

    def of_member(self, value: Any) -> int:
        """The truth on a member itself."""
        for name in self.names:
            if value.__class__ is not dict:
                return UNKNOWN
            value = value.get(name)
            if value is None or value == "":
                return self.test.operator.truth(Absent(), self.test.operand)
        return self.test.truth(value)

    def grounds(self, subject: Member, root: Resource) -> Grounds:
        answer = read_member(subject.value, self.names, lambda _: Absent())
        fact = self.test.operator.fact(self.path, answer, self.test.operand)
        return Grounds(to_code(fact.truth), (Evidence(fact, subject.id),))
