"""From a policy's conditions to compiled ones; each kind of condition has a module of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.engine.compile.comparison import (
    ConstantComparison,
    ConstantTest,
    FieldComparison,
    MemberComparison,
    Operator,
)
from scanner.engine.compile.condition import CompiledCondition
from scanner.engine.compile.count import Bound, MemberCount, RelatedCount
from scanner.engine.compile.fields import FieldReader, plain_names
from scanner.engine.compile.groups import AllOfParts, AnyOfParts, NamedWay, Negation
from scanner.engine.compile.operand import operand_of
from scanner.engine.compile.related import OfRelated, SharedTerm
from scanner.engine.compile.service_tags import TagComparison
from scanner.engine.compile.traffic import TrafficComparison
from scanner.engine.lookup import Keys
from scanner.engine.prefixes import PREFIX_OPERATORS
from scanner.engine.walk import opt_in
from scanner.engine.world import World
from scanner.policy.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Count,
    Is,
    Not,
    Of,
    Term,
    Traffic,
    Way,
)
from scanner.policy.paths import Path

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles conditions over a world, with the terms that policies share."""

    world: World
    terms: Mapping[str, Term]
    _compiled_terms: dict[str, SharedTerm] = field(default_factory=dict)

    def compiled(
        self, condition: Condition, parameters: Parameters, *, of_member: bool = False
    ) -> CompiledCondition:
        """A condition on a resource; with `of_member`, on a member of one of its arrays."""
        match condition:
            case AllOf(_, parts):
                return AllOfParts(
                    tuple(self.compiled(each, parameters, of_member=of_member) for each in parts)
                )
            case AnyOf(_, parts):
                return AnyOfParts(
                    tuple(self.compiled(each, parameters, of_member=of_member) for each in parts)
                )
            case Not(_, part):
                return Negation(self.compiled(part, parameters, of_member=of_member))
            case Way(_, name, part):
                return NamedWay(name, self.compiled(part, parameters, of_member=of_member))
            case Is(_, name):
                return self.term(name)
            case Of(_, relation, part):
                return OfRelated(self.world, relation, self.compiled(part, parameters))
            case Comparison():
                return self._comparison(condition, parameters, of_member=of_member)
            case Count():
                return self._count(condition, parameters)

    def term(self, name: str) -> SharedTerm:
        """A shared term; it has no parameters."""
        if name not in self._compiled_terms:
            self._compiled_terms[name] = SharedTerm(self.compiled(self.terms[name].condition, {}))
        return self._compiled_terms[name]

    def _comparison(
        self, condition: Comparison, parameters: Parameters, *, of_member: bool
    ) -> CompiledCondition:
        path, raw = condition.field, condition.operand
        reader = FieldReader(self.world, path, parameters)
        if isinstance(raw, Traffic):
            peer = operand_of(self.world, raw.peer, parameters)
            return TrafficComparison(self.world, reader, raw.direction, peer, raw.port)
        operand = operand_of(self.world, raw, parameters)
        if condition.operator in PREFIX_OPERATORS:
            region = condition.except_region
            except_region = None if region is None else operand_of(self.world, region, parameters)
            return TagComparison(self.world, condition.operator, reader, operand, except_region)
        operator = Operator.named(condition.operator)
        if operand.constant is not None:
            test = ConstantTest(operator, operand.constant)
            if of_member and not path.named and not path.many:
                return MemberComparison(path.text, tuple(map(str, path.segments)), test)
            names = None if of_member else plain_names(path)
            # what an opt-in field's silence means depends on what else the same read showed
            if names is not None and path.pattern not in opt_in():
                return ConstantComparison(self.world, path.text, Keys(names, names), test)
        return FieldComparison(reader, operator, operand)

    def _count(self, condition: Count, parameters: Parameters) -> CompiledCondition:
        bound = Bound(condition.operator, operand_of(self.world, condition.operand, parameters))
        match condition:
            case Count(relation=str(relation), where=where):
                part = None if where is None else self.compiled(where, parameters)
                return RelatedCount(self.world, relation, part, bound)
            case Count(field=Path() as path, where=where):
                part = None if where is None else self.compiled(where, parameters, of_member=True)
                return MemberCount(FieldReader(self.world, path, parameters), part, bound)
            case _:
                raise AssertionError("a count has a relation or a field")
