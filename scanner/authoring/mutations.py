"""Small changes to policies that a case must notice: what no case notices, no case proves."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from scanner.authoring.cases import Case, run_case
from scanner.policy.load import Pack
from scanner.policy.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Count,
    Is,
    Location,
    Not,
    Of,
    Policy,
    Term,
    Traffic,
    Way,
)
from scanner.policy.templates import Template

_NEIGHBORS: Mapping[str, Sequence[str]] = {
    "less": ("lessOrEquals",),
    "lessOrEquals": ("less",),
    "greater": ("greaterOrEquals",),
    "greaterOrEquals": ("greater",),
    "coversServiceTag": ("overlapsServiceTag",),
    "overlapsServiceTag": ("coversServiceTag",),
    "insideServiceTag": ("overlapsServiceTag",),
    "prefixLengthLess": ("prefixLengthLessOrEquals",),
    "prefixLengthLessOrEquals": ("prefixLengthLess",),
    "prefixLengthGreater": ("prefixLengthGreaterOrEquals",),
    "prefixLengthGreaterOrEquals": ("prefixLengthGreater",),
}
"""Operators that are easily taken for one another; every leaf is also negated."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A pack in which one thing is changed: where, and what."""

    spot: Location
    change: str
    pack: Pack

    def __str__(self) -> str:
        return f"{self.spot.file}:{self.spot.line}: {self.spot.field}: {self.change}"


def survivors(policy: Policy, pack: Pack, cases: Sequence[Case]) -> list[Mutant]:
    """The mutants of a policy, and of the terms that it uses, that none of its cases notices."""
    return [
        mutant for mutant in mutants(policy, pack) if not any(_notices(case, mutant.pack) for case in cases)
    ]


def mutants(policy: Policy, pack: Pack) -> Iterator[Mutant]:
    """Every small change of a policy's conditions and of the terms that they use."""
    if policy.when is not None:
        yield _mutant(pack, replace(policy, when=None), policy.spot, "`when` removed")
        for spot, change, condition in changes(policy.when):
            yield _mutant(pack, replace(policy, when=condition), spot, change)
    for spot, change, condition in changes(policy.require):
        yield _mutant(pack, replace(policy, require=condition), spot, change)
    for name in sorted(_terms(policy, pack.terms)):
        term = pack.terms[name]
        for spot, change, condition in changes(term.condition):
            terms = {**pack.terms, name: replace(term, condition=condition)}
            yield Mutant(spot, f"{policy.id}: {change}", replace(pack, terms=terms))


def changes(condition: Condition) -> Iterator[tuple[Location, str, Condition]]:
    """A condition with one small change at a time: where, what, and the changed condition."""
    spot = condition.spot
    match condition:
        case AllOf(_, parts) | AnyOf(_, parts):
            yield from _group_changes(condition, parts)
        case Not(_, part):
            yield spot, "`not` removed", part
            yield from ((where, what, Not(spot, inner)) for where, what, inner in changes(part))
        case Of(_, relation, part):
            yield from ((where, what, Of(spot, relation, inner)) for where, what, inner in changes(part))
        case Way(_, name, part):
            yield from ((where, what, Way(spot, name, inner)) for where, what, inner in changes(part))
        case Is(_, name):
            yield spot, f"`is: {name}` negated", Not(spot, condition)
        case Comparison():
            yield spot, f"{condition.operator} negated", Not(spot, condition)
            yield from _leaf_changes(condition)
        case Count():
            yield spot, f"count {condition.operator} negated", Not(spot, condition)
            yield from _leaf_changes(condition)
            if condition.where is not None:
                yield spot, "`where` removed", replace(condition, where=None)
                for where, what, inner in changes(condition.where):
                    yield where, what, replace(condition, where=inner)


def _group_changes(
    group: AllOf | AnyOf, parts: Sequence[Condition]
) -> Iterator[tuple[Location, str, Condition]]:
    kind, other = (AllOf, AnyOf) if isinstance(group, AllOf) else (AnyOf, AllOf)
    if len(parts) > 1:
        yield group.spot, f"{kind.__name__} became {other.__name__}", other(group.spot, tuple(parts))
    for index, part in enumerate(parts):
        rest = (*parts[:index], *parts[index + 1 :])
        if rest:
            yield part.spot, "removed", kind(group.spot, rest)
        for where, what, inner in changes(part):
            yield where, what, kind(group.spot, (*parts[:index], inner, *parts[index + 1 :]))


def _leaf_changes(leaf: Comparison | Count) -> Iterator[tuple[Location, str, Condition]]:
    """Another operator, another operand."""
    for operator in _NEIGHBORS.get(leaf.operator, ()):
        yield leaf.spot, f"{leaf.operator} became {operator}", replace(leaf, operator=operator)
    for what, operand in _operands(leaf.operand):
        yield leaf.spot, f"operand {what}", replace(leaf, operand=operand)
    if isinstance(leaf, Comparison) and leaf.except_region is not None:
        yield leaf.spot, "`exceptRegion` removed", replace(leaf, except_region=None)


def _operands(operand: Any) -> Iterator[tuple[str, Any]]:
    match operand:
        case bool():
            yield f"{operand} flipped", not operand
        case int():
            yield f"{operand} became {operand + 1}", operand + 1
            yield f"{operand} became {operand - 1}", operand - 1
        case Template():
            yield "became another text", Template(("no such value",))
        case Traffic(direction, _, port):
            other = "Outbound" if direction == "Inbound" else "Inbound"
            yield "became the other direction", replace(operand, direction=other)
            yield "became another peer", replace(operand, peer=Template(("192.0.2.1",)))
            yield "became another port", replace(operand, port=port + 1)
        case tuple() if len(operand) > 1:
            for index in range(len(operand)):
                yield f"[{index}] removed", (*operand[:index], *operand[index + 1 :])
        case tuple():
            yield "[0] became another text", (Template(("no such value",)),)


def _mutant(pack: Pack, policy: Policy, spot: Location, change: str) -> Mutant:
    policies = tuple(policy if each.id == policy.id else each for each in pack.policies)
    return Mutant(spot, f"{policy.id}: {change}", replace(pack, policies=policies))


def _notices(case: Case, pack: Pack) -> bool:
    policy = next(each for each in pack.policies if each.id == case.policy.id)
    return run_case(dataclasses.replace(case, policy=policy), pack).complaint is not None


def _terms(policy: Policy, terms: Mapping[str, Term]) -> set[str]:
    """The terms that a policy uses, through other terms too."""
    found: set[str] = set()
    waiting = [condition for condition in (policy.when, policy.require) if condition is not None]
    while waiting:
        match waiting.pop():
            case Is(_, name) if name not in found:
                found.add(name)
                waiting.append(terms[name].condition)
            case AllOf(_, parts) | AnyOf(_, parts):
                waiting.extend(parts)
            case Not(_, part) | Of(_, _, part) | Way(_, _, part):
                waiting.append(part)
            case Count(where=inner) if inner is not None:
                waiting.append(inner)
    return found
