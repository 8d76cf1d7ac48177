"""Which resource types the selected policies look at, and so must be collected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanner.catalog.relations import relations
from scanner.policy.model import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Count,
    Is,
    Not,
    Of,
    Policy,
    Term,
    Traffic,
    Way,
)
from scanner.policy.templates import Template


def needed_types(policies: Iterable[Policy], terms: Mapping[str, Term]) -> frozenset[str]:
    """The lower-cased types that the policies judge, and those that their conditions come to."""
    found: set[str] = set()
    for policy in policies:
        found.update(policy.types)
        for condition in (policy.when, policy.require):
            if condition is not None:
                found.update(_types(condition, policy.types, policy.types, terms))
        for message in policy.messages.values():
            found.update(_placeholders(message, policy.types))
    return frozenset(found)


def _types(
    condition: Condition, types: Sequence[str], roots: Sequence[str], terms: Mapping[str, Term]
) -> Iterator[str]:
    match condition:
        case AllOf(_, parts) | AnyOf(_, parts):
            for part in parts:
                yield from _types(part, types, roots, terms)
        case Not(_, part) | Way(_, _, part):
            yield from _types(part, types, roots, terms)
        case Is(_, name):
            own = (terms[name].resource,)
            yield from _types(terms[name].condition, own, own, terms)
        case Of(_, relation, part):
            targets = _targets(relation, types)
            yield from targets
            yield from _types(part, targets[:1], roots, terms)
        case Comparison():
            yield from _operands(condition.operand, roots)
            for segment in condition.field.segments:
                yield from _operands(getattr(segment, "name", None), roots)
        case Count():
            targets = list(types) if condition.relation is None else _targets(condition.relation, types)
            yield from targets
            yield from _operands(condition.operand, roots)
            if condition.where is not None:
                yield from _types(condition.where, targets[:1], roots, terms)


def _targets(relation: str, types: Sequence[str]) -> list[str]:
    """The type that a relation leads to, first, and the types that it looks at."""
    found = [relations()[each][relation] for each in types if relation in relations().get(each, {})]
    return [kind for one in found for kind in (one.type, *one.asks)]


def _operands(operand: Any, roots: Sequence[str]) -> Iterator[str]:
    match operand:
        case Template():
            yield from _placeholders(operand, roots)
        case Traffic(peer=peer):
            yield from _placeholders(peer, roots)
        case tuple():
            for item in operand:
                yield from _operands(item, roots)


def _placeholders(template: Template, roots: Sequence[str]) -> Iterator[str]:
    for path in template.placeholders:
        yield from _targets(path.partition(".")[0], roots)
