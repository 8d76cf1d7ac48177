"""Policies that can never pass: their `require` contradicts their `when`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.catalog.relations import relations
from scanner.engine.language.operators import equals
from scanner.errors import Problem
from scanner.model.truth import Truth
from scanner.policy.model import AllOf, AnyOf, Comparison, Condition, Is, Not, Of, Policy, Term, Way
from scanner.policy.templates import Template


@dataclass(frozen=True, slots=True)
class _Claim:
    """Something that must be so of a field: whom it is asked of, and whether the value is one of these."""

    relation: str
    field: str
    values: tuple[Any, ...]
    positive: bool

    def contradicts(self, other: "_Claim") -> bool:
        """Whether both cannot be so. Only what is sure counts."""
        if (self.relation, self.field) != (other.relation, other.field):
            return False
        if self.positive and other.positive:
            return not any(_same(mine, theirs) for mine in self.values for theirs in other.values)
        if self.positive == other.positive:
            return False
        wanted, refused = (self, other) if self.positive else (other, self)
        return all(any(_same(value, no) for no in refused.values) for value in wanted.values)


def cannot_hold(policy: Policy, terms: Mapping[str, Term]) -> Problem | None:
    """The problem of a policy that fails wherever it applies, as far as equalities tell."""
    if policy.when is None:
        claims: tuple[_Claim, ...] = ()
    else:
        claims = tuple(_claims(policy.when, "", terms))
    if _possible(policy.require, "", terms, claims):
        return None
    message = "cannot hold where `when` does, so the policy can never pass"
    spot = policy.at("require")
    return Problem(spot.file, spot.line, spot.field, message)


def _claims(condition: Condition, relation: str, terms: Mapping[str, Term]) -> Iterator[_Claim]:
    """What must be so wherever a condition holds."""
    match condition:
        case AllOf(_, parts):
            for part in parts:
                yield from _claims(part, relation, terms)
        case AnyOf(_, (part,)) | Way(_, _, part):
            yield from _claims(part, relation, terms)
        case Of(_, other, part) if _leads_to_one(other):
            yield from _claims(part, f"{relation}/{other}", terms)
        case Is(_, name) if name in terms:
            yield from _claims(terms[name].condition, relation, terms)
        case Comparison():
            claim = _claim(condition, relation, positive=True)
            if claim is not None:
                yield claim
        case Not(_, Comparison() as inner):
            claim = _claim(inner, relation, positive=False)
            if claim is not None:
                yield claim


def _claim(condition: Comparison, relation: str, *, positive: bool) -> _Claim | None:
    match condition.operator:
        case "equals" | "in":
            pass
        case "notEquals" | "notIn":
            positive = not positive
        case _:
            return None
    operands = condition.operand if isinstance(condition.operand, tuple) else (condition.operand,)
    values = [_literal(operand) for operand in operands]
    if any(value is None for value in values):
        return None
    return _Claim(relation, condition.field.text, tuple(values), positive)


def _possible(
    condition: Condition, relation: str, terms: Mapping[str, Term], claims: tuple[_Claim, ...]
) -> bool:
    """Whether a condition may hold beside the claims."""
    match condition:
        case AllOf(_, parts):
            inner = (*claims, *_claims(condition, relation, terms))
            return all(_possible(part, relation, terms, inner) for part in parts)
        case AnyOf(_, parts):
            return any(_possible(part, relation, terms, claims) for part in parts)
        case Way(_, _, part):
            return _possible(part, relation, terms, claims)
        case Of(_, other, part):
            return _possible(part, f"{relation}/{other}", terms, claims)
        case Is(_, name) if name in terms:
            return _possible(terms[name].condition, relation, terms, claims)
        case Comparison() | Not(_, Comparison()):
            own = tuple(_claims(condition, relation, terms))
            return not any(claim.contradicts(other) for claim in own for other in claims)
        case _:
            return True


def _leads_to_one(relation: str) -> bool:
    """Whether a relation leads to one resource: two claims about webhooks may be about two webhooks."""
    kinds = {named[relation].kind for named in relations().values() if relation in named}
    return kinds <= {"parent", "named"}


def _literal(operand: Any) -> Any:
    """The value of an operand without placeholders, or None."""
    if isinstance(operand, Template):
        return None if operand.placeholders else "".join(str(part) for part in operand.parts)
    return operand


def _same(one: Any, other: Any) -> bool:
    return equals(one, other) is Truth.TRUE
