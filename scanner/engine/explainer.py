"""Why a condition has its truth: the leaves that decided it, found by looking at the parts that did.

Each condition becomes a function that is told the truth and finds its grounds. What the parts are worth it
asks of the compiled tests; only the leaves that decide are put into words, by the evaluator.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any

from scanner.engine.comparison import compared, operand_value
from scanner.engine.compiled import Compiler
from scanner.engine.compiled_fields import MAYBE, NO, YES, Test, code, constant, inner_names, reader
from scanner.engine.counting import Counted, count_leaf, member_name
from scanner.engine.fill import Filler
from scanner.engine.grounds import grounds
from scanner.engine.leaves import Reason, Worded, needs_of, reason_of, said, shared
from scanner.engine.members import head
from scanner.engine.prefixes import PREFIX_OPERATORS
from scanner.engine.subject import Subject
from scanner.engine.walk import opt_in, walk
from scanner.engine.words import About, told
from scanner.model.judgement import Leaf
from scanner.model.resource import Absent, Answer, Resource
from scanner.model.truth import Truth
from scanner.policy.model import AllOf, AnyOf, Comparison, Condition, Count, Is, Not, Of, Way
from scanner.policy.paths import Path

_NAME = attrgetter("name")
Parameters = Mapping[str, Any]
Grounds = Callable[[Resource, Resource, int], Iterator[tuple[str | None, Reason]]]
"""By way the leaves that decided: of a resource, the one that placeholders speak of, and the truth."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Makes the functions that find grounds, with the tests of a compiler."""

    compiler: Compiler

    def grounds(self, condition: Condition, parameters: Parameters, *, by_way: bool = True) -> Grounds:
        """The leaves that decided; `by_way` those of the named ways too, whatever came of them."""
        match condition:
            case Way(_, name, part):
                inner = self.grounds(part, parameters, by_way=False)
                return (lambda *asked: ((name, reason) for _, reason in inner(*asked))) if by_way else inner
            case AllOf(_, parts) | AnyOf(_, parts):
                agreed = YES if isinstance(condition, AllOf) else NO
                return _of_parts([self._part(part, parameters, by_way=by_way) for part in parts], agreed)
            case Not(_, part):
                inner = self.grounds(part, parameters, by_way=by_way)
                return lambda resource, root, truth: inner(resource, root, YES - truth)
            case Is(_, name):
                inner = self.grounds(self.compiler.evaluator.terms[name].condition, {}, by_way=by_way)
                return lambda resource, _, truth: inner(resource, resource, truth)
            case Of(_, relation, part):
                return self._of_related(relation, self._part(part, parameters, by_way=by_way))
            case Comparison():
                return self._of_comparison(condition, parameters)
            case Count(relation=str(relation)):
                return self._of_count(condition, relation, parameters)
            case Count(field=Path() as path):
                return self._of_members(condition, path, parameters)
        return self._asked(condition, parameters)

    def _part(self, part: Condition, parameters: Parameters, *, by_way: bool) -> "_Part":
        test = self.compiler.compiled(part, parameters)
        named = self._named(part) if by_way else _never
        return test, self.grounds(part, parameters, by_way=by_way), named

    def _named(self, condition: Condition) -> "_Named":
        """Whether there are named ways in it: none below a relation that leads to nobody."""
        terms = self.compiler.evaluator.terms
        if not any(isinstance(each, Way) for each in walk(condition, terms)):
            return _never
        match condition:
            case Is(_, name):
                return self._named(terms[name].condition)
            case Of(_, relation, part):
                related, below = self.compiler.evaluator.world.related, self._named(part)
                return lambda resource: any(map(below, related(resource, relation).targets))
            case AllOf(_, parts) | AnyOf(_, parts):
                of_parts = [self._named(part) for part in parts]
                return lambda resource: any(each(resource) for each in of_parts)
            case Not(_, part):
                return self._named(part)
            case Way():
                return lambda _: True
            case _:
                return _never

    def _of_related(self, relation: str, part: "_Part") -> Grounds:
        """Those of whom it holds, or does not; what could not be seen; or that there is none."""
        related = self.compiler.evaluator.world.related
        (test, inner, named), worded = part, Worded()

        def of_related(resource: Resource, root: Resource, truth: int) -> Iterator[tuple[str | None, Reason]]:
            found = related(resource, relation)
            for target in found.targets:
                held = test(target, root)
                if held == truth or named(target):
                    yield from inner(target, root, held)
            if truth == MAYBE:
                for doubt in found.possible if found.unseen is None else (*found.possible, found.unseen):
                    about = About(resource.id, relation, "of", relation)
                    ground = worded(said(doubt), partial(told, about, doubt, Truth.UNKNOWN))
                    yield None, Reason(ground, resource.id, needs_of(doubt))
            elif truth == NO and not found.targets:
                leaf = partial(Leaf, Truth.FALSE, resource.id, relation, "of", f"has no {relation}", relation)
                yield None, Reason(worded(NO, leaf), resource.id)

        return of_related

    def _of_comparison(self, condition: Comparison, parameters: Parameters) -> Grounds:
        """A field against an operand; in an object of the row, and for all the same, worded once a value."""
        world, names = self.compiler.evaluator.world, inner_names(condition.field)

        def worded(resource: Resource, root: Resource, truth: int) -> Reason:
            leaf = compared(condition, Subject(world, resource, Filler(world, root, parameters)))
            _agree(condition, resource, truth, code(leaf.truth))
            return reason_of(leaf)

        varies = constant(condition.operand, parameters) is None or condition.operator in PREFIX_OPERATORS
        if names is None or varies or condition.field.pattern in opt_in():
            return lambda *asked: iter(((None, worded(*asked)),))
        known = shared(world, names)

        def of_comparison(
            resource: Resource, root: Resource, truth: int
        ) -> Iterator[tuple[str | None, Reason]]:
            reason = known(resource, lambda: worded(resource, root, truth))
            _agree(condition, resource, truth, code(reason.ground.truth))
            yield None, reason

        return of_comparison

    def _of_count(self, condition: Count, relation: str, parameters: Parameters) -> Grounds:
        """How many of those related; where that is not known, why it is not of each."""
        world, operand = self.compiler.evaluator.world, self._operand(condition, parameters)
        where = None if condition.where is None else self._part(condition.where, parameters, by_way=False)
        alike, nobody = constant(condition.operand, parameters) is not None, Worded()

        def of_count(resource: Resource, root: Resource, truth: int) -> Iterator[tuple[str | None, Reason]]:
            found = world.related(resource, relation)
            held = [YES if where is None else where[0](target, root) for target in found.targets]
            matches = [target for target, each in zip(found.targets, held, strict=True) if each == YES]
            counted = Counted(relation, matches, _NAME, held.count(MAYBE), found.possible, found.unseen)

            def leaf() -> Leaf:
                return count_leaf(condition, resource.id, operand(resource, root), counted)

            if alike and not found.targets and not found.possible:
                ground = nobody(said(found.unseen), leaf)
                _agree(condition, resource, truth, code(ground.truth))
                yield None, Reason(ground, resource.id, needs_of(found.unseen) if truth == MAYBE else ())
                return
            reasons = [
                reason
                for target, each in zip(found.targets, held, strict=True)
                if where is not None and each == MAYBE == truth
                for reason in where[1](target, root, each)
            ]
            one = leaf()
            _agree(condition, resource, truth, code(one.truth))
            if truth == MAYBE and one.reason is None:
                one = replace(one, optional=all(reason.ground.optional for _, reason in reasons))
            yield None, reason_of(one)
            yield from reasons

        return of_count

    def _operand(self, condition: Count, parameters: Parameters) -> Callable[[Resource, Resource], Answer]:
        """What a count is compared with."""
        known, world = constant(condition.operand, parameters), self.compiler.evaluator.world
        if known is not None:
            return lambda *_: known
        return lambda resource, root: operand_value(
            condition.operand, Subject(world, resource, Filler(world, root, parameters))
        )

    def _of_members(self, condition: Count, path: Path, parameters: Parameters) -> Grounds:
        """How many members of an array that stands in the resource itself."""
        asked = self._asked(condition, parameters)
        parted = None if path.named else head(path, lambda _: Absent())
        if not isinstance(parted, tuple) or len(parted[1]) != 1:
            return asked
        names, operand = parted[0].names, self._operand(condition, parameters)
        read, world = reader(names), self.compiler.evaluator.world
        where = None if condition.where is None else self.compiler.of_member(condition.where, parameters)
        varies = constant(condition.operand, parameters) is None or ".".join(names) in opt_in()
        unread = None if varies else shared(world, names)

        def of_members(resource: Resource, root: Resource, truth: int) -> Iterator[tuple[str | None, Reason]]:
            array = read(resource)
            if array.__class__ is not list and unread and world.shape(resource) is not None:
                reason = unread(resource, lambda: next(asked(resource, root, truth))[1])
                _agree(condition, resource, truth, code(reason.ground.truth))
                return iter(((None, reason),))
            if array.__class__ is not list or truth == MAYBE:
                return asked(resource, root, truth)
            held = [YES if where is None else where(member, resource, root) for member in array]
            matches = [member for member, each in zip(array, held, strict=True) if each == YES]
            counted = Counted(path.text, matches, member_name, held.count(MAYBE))
            leaf = count_leaf(condition, resource.id, operand(resource, root), counted)
            _agree(condition, resource, truth, code(leaf.truth))
            return iter(((None, reason_of(leaf)),))

        return of_members

    def _asked(self, condition: Condition, parameters: Parameters) -> Grounds:
        """The evaluator's own grounds."""
        evaluator = self.compiler.evaluator

        def asked(resource: Resource, root: Resource, truth: int) -> Iterator[tuple[str | None, Reason]]:
            subject = Subject(evaluator.world, resource, Filler(evaluator.world, root, parameters))
            judgement = evaluator.evaluate(condition, subject)
            _agree(condition, resource, truth, code(judgement.truth))
            for way, leaf in grounds(judgement):
                yield way, reason_of(leaf)

        return asked


_Named = Callable[[Resource], bool]
_Part = tuple[Test, Grounds, _Named]
"""A part's test and grounds, and whether it has named ways, which are told of whatever they are worth."""


def _never(_: Resource) -> bool:
    return False


def _of_parts(parts: Sequence[_Part], agreed: int) -> Grounds:
    """Those of the parts that decided; all of them have the truth that the whole has if they are agreed."""

    def of_parts(resource: Resource, root: Resource, truth: int) -> Iterator[tuple[str | None, Reason]]:
        for test, inner, named in parts:
            held = truth if truth == agreed else test(resource, root)
            if held == truth or named(resource):
                yield from inner(resource, root, held)

    return of_parts


def _agree(condition: Condition, resource: Resource, told: int, judged: int) -> None:
    """What decided must be what it was taken for: the tests and the evaluator are two programs."""
    if told != judged:
        spot = condition.spot
        raise AssertionError(
            f"{spot.file}:{spot.line} is {judged} of {resource.id}, and was taken for {told}"
        )
