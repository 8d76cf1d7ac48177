"""The truth of conditions alone, compiled to closures once per scan: what is asked of every resource.

`Evaluator` says the same truth with its grounds, and `Explainer` lets it word what decided; every leaf that
is worded compares the two. What is rare here is asked there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.engine.compiled_fields import MAYBE, NO, YES, Field, Test, code, constant, inner_names, reader
from scanner.engine.counting import COUNTS, Interval
from scanner.engine.evaluate import Evaluator
from scanner.engine.fill import Filler
from scanner.engine.lookup import AT_HAND
from scanner.engine.members import head, spread
from scanner.engine.prefixes import PREFIX_OPERATORS, compare
from scanner.engine.subject import Subject
from scanner.model.resource import Absent, Resource, Unseen, Value
from scanner.policy.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Count,
    Is,
    Not,
    Of,
    Traffic,
    Way,
)
from scanner.policy.operators import NEGATIVES

Parameters = Mapping[str, Any]
MemberTest = Callable[[Any, Resource, Resource], int]
"""A member of an array, the resource that has it, and the one that placeholders speak of."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """Makes closures that take a resource, and the resource that placeholders speak of."""

    evaluator: Evaluator
    _terms: dict[str, Test] = field(default_factory=dict)

    def compiled(self, condition: Condition, parameters: Parameters) -> Test:
        """The truth of a condition on a resource: NO, MAYBE or YES."""
        match condition:
            case AllOf(_, parts):
                return _all_of([self.compiled(part, parameters) for part in parts])
            case AnyOf(_, parts):
                return _any_of([self.compiled(part, parameters) for part in parts])
            case Not(_, part):
                test = self.compiled(part, parameters)
                return lambda resource, root: YES - test(resource, root)
            case Way(_, _, part):
                return self.compiled(part, parameters)
            case Is(_, name):
                return self._term(name)
            case Of(_, relation, part):
                return self._of(relation, self.compiled(part, parameters))
            case Comparison():
                return self._comparison(condition, parameters)
            case Count():
                return self._count(condition, parameters)

    def _term(self, name: str) -> Test:
        """A term's truth is asked of a resource once, whichever policies use it; terms have no parameters."""
        if name in self._terms:
            return self._terms[name]
        test = self.compiled(self.evaluator.terms[name].condition, {})
        known: dict[str, int] = {}

        def term(resource: Resource, _: Resource) -> int:
            truth = known.get(resource.key)
            if truth is None:
                if len(known) >= AT_HAND:
                    known.clear()
                truth = known[resource.key] = test(resource, resource)
            return truth

        self._terms[name] = term
        return term

    def _of(self, relation: str, part: Test) -> Test:
        related = self.evaluator.world.related

        def of(resource: Resource, root: Resource) -> int:
            found = related(resource, relation)
            most = NO if found.unseen is None and not found.possible else MAYBE
            for target in found.targets:
                truth = part(target, root)
                if truth > most:
                    if truth == YES:
                        return YES
                    most = truth
            return most

        return of

    def _comparison(self, condition: Comparison, parameters: Parameters) -> Test:
        path = condition.field
        if condition.operator in PREFIX_OPERATORS:
            return self._prefixes(condition, parameters)
        operand, names = constant(condition.operand, parameters), inner_names(path)
        if operand is None or names is None or isinstance(condition.operand, Traffic):
            return self._asked(condition, parameters)
        return Field(self.evaluator.world, names, condition.operator, operand.value).test()

    def _asked(self, condition: Condition, parameters: Parameters) -> Test:
        """What is rare: the evaluator's own answer."""
        evaluator = self.evaluator

        def asked(resource: Resource, root: Resource) -> int:
            subject = Subject(evaluator.world, resource, Filler(evaluator.world, root, parameters))
            return code(evaluator.evaluate(condition, subject).truth)

        return asked

    def _prefixes(self, condition: Comparison, parameters: Parameters) -> Test:
        """The members of an array against a service tag."""
        world, operator, region = self.evaluator.world, condition.operator, condition.except_region
        asked = self._asked(condition, parameters)
        parted = None if condition.field.named else head(condition.field, lambda _: Absent())
        if not isinstance(parted, tuple) or not parted[1]:
            return asked
        keys, tail = parted
        read = reader(keys.names)

        def prefixes(resource: Resource, root: Resource) -> int:
            array = read(resource)
            if array.__class__ is not list:
                return asked(resource, root)
            members = spread(array, tail, lambda _: Absent())
            rules = [
                each.value for each in members if isinstance(each, Value) and isinstance(each.value, str)
            ]
            fill = Filler(world, root, parameters)
            name = fill.value(condition.operand)
            except_region = None if region is None else fill.value(region)
            truth = code(compare(operator, world.tags, rules, name, except_region).truth)
            odd = truth != YES and any(isinstance(each, Unseen) for each in members)
            return MAYBE if odd else truth

        return prefixes

    def _count(self, condition: Count, parameters: Parameters) -> Test:
        operand = constant(condition.operand, parameters)
        if operand is None or not isinstance(operand.value, int | float) or isinstance(operand.value, bool):
            return self._asked(condition, parameters)
        number, negative = operand.value, condition.operator in NEGATIVES
        compare_, _ = COUNTS[NEGATIVES.get(condition.operator, condition.operator)]

        known: dict[tuple[int, int | None], int] = {}

        def within(low: int, high: int | None) -> int:
            truth = known.get((low, high))
            if truth is None:
                truth = code(compare_(Interval(low, high), number))
                truth = known[low, high] = YES - truth if negative else truth
            return truth

        if condition.relation is not None:
            where = None if condition.where is None else self.compiled(condition.where, parameters)
            return self._count_related(condition.relation, where, within)
        return self._count_members(condition, parameters, within)

    def _count_related(
        self, relation: str, where: Test | None, within: Callable[[int, int | None], int]
    ) -> Test:
        related = self.evaluator.world.related

        def count(resource: Resource, root: Resource) -> int:
            found = related(resource, relation)
            low = high = len(found.targets)
            if where is not None:
                truths = [where(target, root) for target in found.targets]
                low = truths.count(YES)
                high = low + truths.count(MAYBE)
            return within(low, None if found.unseen is not None else high + len(found.possible))

        return count

    def _count_members(
        self, condition: Count, parameters: Parameters, within: Callable[[int, int | None], int]
    ) -> Test:
        """The members of an array that stands in the resource itself."""
        path = condition.field
        parted = None if path is None or path.named else head(path, lambda _: Absent())
        if not isinstance(parted, tuple) or len(parted[1]) != 1:
            return self._asked(condition, parameters)
        keys, look = parted[0], self.evaluator.world.look
        read = reader(keys.names)
        where = None if condition.where is None else self.of_member(condition.where, parameters)

        def count(resource: Resource, root: Resource) -> int:
            array = read(resource)
            if array.__class__ is not list:
                answer = look(resource, keys)
                if isinstance(answer, Absent):
                    return within(0, 0)
                if isinstance(answer, Unseen) or not isinstance(answer.value, list):
                    return within(0, None)
                array = answer.value
            if where is None:
                return within(len(array), len(array))
            truths = [where(item, resource, root) for item in array]
            low = truths.count(YES)
            return within(low, low + truths.count(MAYBE))

        return count

    def of_member(self, condition: Condition, parameters: Parameters) -> MemberTest:
        """The truth of a condition on a member of an array."""
        evaluator, world = self.evaluator, self.evaluator.world
        match condition:
            case AllOf(_, parts) | AnyOf(_, parts):
                tests = [self.of_member(part, parameters) for part in parts]
                bound = min if isinstance(condition, AllOf) else max
                return lambda item, resource, root: bound([test(item, resource, root) for test in tests])
            case Not(_, part):
                inverse = self.of_member(part, parameters)
                return lambda item, resource, root: YES - inverse(item, resource, root)
            case Comparison(_, path, operator, operand) if operator not in PREFIX_OPERATORS:
                known = constant(operand, parameters)
                if known is not None and not path.named and not path.many:
                    names = tuple(str(segment) for segment in path.segments)
                    return Field(world, names, operator, known.value).member_test()

        def asked(item: Any, resource: Resource, root: Resource) -> int:
            subject = Subject(world, resource, Filler(world, root, parameters), Value(item))
            return code(evaluator.evaluate(condition, subject).truth)

        return asked


def _all_of(tests: list[Test]) -> Test:
    def all_of(resource: Resource, root: Resource) -> int:
        least = YES
        for test in tests:
            truth = test(resource, root)
            if truth < least:
                if truth == NO:
                    return NO
                least = truth
        return least

    return all_of


def _any_of(tests: list[Test]) -> Test:
    def any_of(resource: Resource, root: Resource) -> int:
        most = NO
        for test in tests:
            truth = test(resource, root)
            if truth > most:
                if truth == YES:
                    return YES
                most = truth
        return most

    return any_of
