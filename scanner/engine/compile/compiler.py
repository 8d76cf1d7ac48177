"""From a policy's conditions to compiled ones; each kind of condition has a module of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.engine.compile.comparison import (
    ConstantComparison,
    ConstantTest,
    FieldComparison,
    MemberComparison,
    Operator,
)
from scanner.engine.compile.condition import (
    CompiledCondition,
    MemberCondition,
    OnOwner,
    ResourceCondition,
    Subject,
)
from scanner.engine.compile.count import Bound, MemberCount, RelatedCount
from scanner.engine.compile.fields import FieldReader, plain_names
from scanner.engine.compile.groups import AllOfParts, AnyOfParts, NamedWay, Negation
from scanner.engine.compile.operand import Operand, operand_of
from scanner.engine.compile.related import OfRelated, SharedTerm
from scanner.engine.compile.service_tags import ServiceTagComparison
from scanner.engine.compile.traffic import TrafficComparison
from scanner.engine.fields.lookup import LookupPath
from scanner.engine.fields.opt_in import opt_in_fields
from scanner.engine.language.world import World
from scanner.engine.traffic.prefixes import PREFIX_OPERATORS
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
from scanner.policy.paths import FieldPath

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles conditions over a world, with the terms that policies share."""

    world: World
    terms: Mapping[str, Term]
    _compiled_terms: dict[str, SharedTerm] = field(default_factory=dict)

    def on_resource(self, condition: Condition, parameters: Parameters) -> ResourceCondition:
        """A condition on a resource."""
        match condition:
            case Is(_, name):
                return self.term(name)
            case Of(_, relation, part):
                return OfRelated(self.world, relation, self.on_resource(part, parameters))
            case Count(relation=str(relation), where=where):
                those = None if where is None else self.on_resource(where, parameters)
                return RelatedCount(self.world, relation, those, self._bound(condition, parameters))
            case Comparison(field=path):
                operator, operand = self._operator(condition), self._operand(condition, parameters)
                names = plain_names(path)
                # what an opt-in field's silence means depends on what else the same read showed
                if (
                    operator
                    and operand.constant
                    and names is not None
                    and path.pattern not in opt_in_fields()
                ):
                    test = ConstantTest(operator, operand.constant)
                    return ConstantComparison(self.world, path.text, LookupPath(names, names), test)
        return self._of_any(condition, parameters, self.on_resource)

    def on_member(self, condition: Condition, parameters: Parameters) -> MemberCondition:
        """A condition on a member of one of a resource's arrays."""
        match condition:
            case Is() | Of() | Count(relation=str()):
                return OnOwner(self.on_resource(condition, parameters))
            case Comparison(field=path):
                operator, operand = self._operator(condition), self._operand(condition, parameters)
                if operator and operand.constant and not path.named and not path.many:
                    test = ConstantTest(operator, operand.constant)
                    return MemberComparison(path.text, tuple(map(str, path.segments)), test)
        return self._of_any(condition, parameters, self.on_member)

    def _of_any(
        self,
        condition: Condition,
        parameters: Parameters,
        compiled: Callable[[Condition, Parameters], CompiledCondition[Subject]],
    ) -> CompiledCondition[Subject]:
        """The kinds of condition that are the same on a resource and on a member."""
        match condition:
            case AllOf(_, parts):
                return AllOfParts(tuple(compiled(each, parameters) for each in parts))
            case AnyOf(_, parts):
                return AnyOfParts(tuple(compiled(each, parameters) for each in parts))
            case Not(_, part):
                return Negation(compiled(part, parameters))
            case Way(_, name, part):
                return NamedWay(name, compiled(part, parameters))
            case Count(field=FieldPath() as path, where=where):
                members = None if where is None else self.on_member(where, parameters)
                reader: FieldReader[Subject] = FieldReader(self.world, path, parameters)
                return MemberCount(reader, members, self._bound(condition, parameters))
            case Comparison():
                return self._comparison(condition, parameters)
            case _:
                raise AssertionError(f"no way to compile {condition}")

    def term(self, name: str) -> SharedTerm:
        """A shared term; it has no parameters."""
        if name not in self._compiled_terms:
            self._compiled_terms[name] = SharedTerm(self.on_resource(self.terms[name].condition, {}))
        return self._compiled_terms[name]

    def _comparison(self, condition: Comparison, parameters: Parameters) -> CompiledCondition[Subject]:
        reader: FieldReader[Subject] = FieldReader(self.world, condition.field, parameters)
        operator, operand = self._operator(condition), self._operand(condition, parameters)
        if operator is not None:
            return FieldComparison(reader, operator, operand)
        if isinstance(condition.operand, Traffic):
            traffic = condition.operand
            return TrafficComparison(self.world, reader, traffic.direction, operand, traffic.port)
        region = condition.except_region
        except_region = None if region is None else operand_of(self.world, region, parameters)
        return ServiceTagComparison(self.world, condition.operator, reader, operand, except_region)

    def _operator(self, condition: Comparison) -> Operator | None:
        """The operator of a comparison by value; None for those by service tag, and for traffic."""
        by_value = condition.operator not in PREFIX_OPERATORS and not isinstance(condition.operand, Traffic)
        return Operator.named(condition.operator) if by_value else None

    def _operand(self, condition: Comparison, parameters: Parameters) -> Operand:
        raw = condition.operand
        return operand_of(self.world, raw.peer if isinstance(raw, Traffic) else raw, parameters)

    def _bound(self, condition: Count, parameters: Parameters) -> Bound:
        return Bound(condition.operator, operand_of(self.world, condition.operand, parameters))
