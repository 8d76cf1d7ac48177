"""Do the names in policies mean something: fields, relations, terms, ways, parameters and placeholders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scanner.catalog.fields import Field, resource_types
from scanner.catalog.relations import relations
from scanner.engine.language.plan_checks import check_plan, check_value
from scanner.errors import Problem, did_you_mean
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
from scanner.policy.operators import NEGATIVES, SET_OPERATORS
from scanner.policy.paths import FieldKey, FieldPath
from scanner.policy.templates import Template


@dataclass(frozen=True, slots=True)
class _Place:
    """Whom a condition speaks of, and whom its placeholders do; `below` is the array of a member."""

    types: Sequence[str]
    roots: Sequence[str]
    parameters: Sequence[str]
    terms: Mapping[str, Term]
    below: str = ""


def check_policy(policy: Policy, terms: Mapping[str, Term]) -> Iterator[Problem]:
    """Every name in a policy that means nothing, or means something else than it is used for."""
    unknown = [name for name in policy.resources if name.lower() not in resource_types()]
    for name in unknown:
        yield _problem(policy.at("resource"), _unknown_type(name))
    if unknown:
        return
    place = _Place(policy.types, policy.types, tuple(policy.parameters), terms)
    for condition in (policy.when, policy.require):
        if condition is not None:
            yield from _check(condition, place)
    yield from _check_remedies(policy)
    yield from check_plan(policy, list(_way_names(policy.require)))
    for key, message in policy.messages.items():
        yield from _check_template(message, policy.at(f"messages.{key}"), place, extra=("way",))


def check_term(term: Term, terms: Mapping[str, Term]) -> Iterator[Problem]:
    """Every name in a term that means nothing."""
    if term.resource not in resource_types():
        yield _problem(term.spot, f"resource: {_unknown_type(term.resource)}")
        return
    yield from _check(term.condition, _Place((term.resource,), (term.resource,), (), terms))
    if _uses(term.condition, term.name, terms, frozenset()):
        yield _problem(term.spot, f"the term {term.name!r} stands on itself")


def _check(condition: Condition, place: _Place) -> Iterator[Problem]:
    match condition:
        case AllOf(_, parts) | AnyOf(_, parts):
            yield from (problem for part in parts for problem in _check(part, place))
        case Not(_, part):
            yield from _check(part, place)
        case Way(_, _, part):
            yield from _check(part, place)
        case Is(spot, name):
            yield from _check_term_use(spot, name, place)
        case Of():
            yield from _check_of(condition, place)
        case Comparison():
            yield from _check_comparison(condition, place)
        case Count():
            yield from _check_count(condition, place)


def _check_of(condition: Of, place: _Place) -> Iterator[Problem]:
    target = _target(condition.relation, place)
    if target is None:
        yield _problem(condition.spot, _unknown_relation(condition.relation, place))
    else:
        yield from _check(condition.part, replace(place, types=(target,)))


def _check_term_use(spot: Location, name: str, place: _Place) -> Iterator[Problem]:
    term = place.terms.get(name)
    if term is None:
        yield _problem(spot, f"there is no term {name!r}{did_you_mean(name, place.terms)}")
    elif any(term.resource != each for each in place.types) or place.below:
        subject = f"a member of {place.below}" if place.below else " and ".join(map(_spelled, place.types))
        yield _problem(spot, f"the term {name!r} speaks of {_spelled(term.resource)}, and here of {subject}")


def _check_comparison(condition: Comparison, place: _Place) -> Iterator[Problem]:
    spot = condition.spot
    yield from _check_names(condition.field, spot, place)
    for template in _templates(condition.operand):
        yield from _check_template(template, spot, place)
    if condition.except_region is not None:
        yield from _check_template(condition.except_region, spot, place)
    for each in place.types:
        field = _field(condition.field, each, place)
        if field is None:
            yield _problem(spot, _unknown_field(condition.field, each, place))
        elif condition.operator == "nsgAllows" and field.path != "properties.securityRules":
            yield _problem(spot, "nsgAllows is asked of properties.securityRules, the rules of a whole group")
        else:
            yield from _check_operand(condition, field)


def _check_operand(condition: Comparison, field: Field) -> Iterator[Problem]:
    """An operand of the field's type, and one of the values that Azure documents for it."""
    operator = NEGATIVES.get(condition.operator, condition.operator)
    if operator in SET_OPERATORS or operator not in {"equals", "in"}:
        return
    for operand in condition.operand if isinstance(condition.operand, tuple) else (condition.operand,):
        if isinstance(operand, Template) and operand.placeholders:
            continue
        value: Any = "".join(map(str, operand.parts)) if isinstance(operand, Template) else operand
        yield from check_value(condition.spot, field, value)


def _check_count(condition: Count, place: _Place) -> Iterator[Problem]:
    for template in _templates(condition.operand):
        yield from _check_template(template, condition.spot, place)
    if condition.relation is not None:
        target = _target(condition.relation, place)
        if target is None:
            yield _problem(condition.spot, _unknown_relation(condition.relation, place))
        elif condition.where is not None:
            yield from _check(condition.where, replace(place, types=(target,), below=""))
        return
    if condition.field is None:
        return
    yield from _check_names(condition.field, condition.spot, place)
    for each in place.types:
        if not _is_array(condition.field, each, place):
            yield _problem(condition.spot, _unknown_field(condition.field, each, place))
        elif condition.where is not None:
            below = f"{place.below}{condition.field.pattern}."
            yield from _check(condition.where, replace(place, below=below))


def _check_remedies(policy: Policy) -> Iterator[Problem]:
    """Every way has a remedy, and every remedy's way exists."""
    ways = list(_way_names(policy.require))
    told = {remedy.way for remedy in policy.remediation}
    for way in dict.fromkeys(ways):
        if way not in told and None not in told:
            yield _problem(policy.at("remediation"), f"the way {way!r} has no remedy; say how to open it")
    for name in sorted(way for way in told if way is not None):
        if name not in ways:
            yield _problem(policy.at("remediation"), f"there is no way {name!r}{did_you_mean(name, ways)}")
    for way in {way for way in ways if ways.count(way) > 1}:
        yield _problem(policy.at("require"), f"the way {way!r} is named twice")


def _check_names(path: FieldPath, spot: Location, place: _Place) -> Iterator[Problem]:
    for segment in path.segments:
        if isinstance(segment, FieldKey):
            yield from _check_template(segment.name, spot, place)


def _check_template(
    template: Template, spot: Location, place: _Place, *, extra: Sequence[str] = ()
) -> Iterator[Problem]:
    for path in template.placeholders:
        first, _, rest = path.partition(".")
        if path in extra:
            continue
        if first == "param":
            if rest not in place.parameters:
                hint = did_you_mean(rest, place.parameters)
                yield _problem(spot, f"there is no parameter {rest!r}{hint}")
            continue
        for root in place.roots:
            known = relations().get(root, {})
            owner, field = (known[first].type, rest) if rest and first in known else (root, path)
            if field not in resource_types()[owner].fields and field not in {"name", "id", "location"}:
                hint = did_you_mean(field, resource_types()[owner].fields)
                yield _problem(spot, f"{{{path}}}: {_spelled(owner)} has no {field!r} in the catalogue{hint}")


def _templates(operand: Any) -> Iterator[Template]:
    match operand:
        case Template():
            yield operand
        case Traffic(peer=peer):
            yield peer
        case tuple():
            for item in operand:
                yield from _templates(item)


def _field(path: FieldPath, resource_type: str, place: _Place) -> Field | None:
    return resource_types()[resource_type].fields.get(place.below + path.pattern)


def _is_array(path: FieldPath, resource_type: str, place: _Place) -> bool:
    field = resource_types()[resource_type].fields.get((place.below + path.pattern).removesuffix("[*]"))
    return field is not None and field.type == "array"


def _target(relation: str, place: _Place) -> str | None:
    """The type that a relation leads to, from every type that may be asked."""
    if place.below:
        return None
    known = [relations().get(each, {}).get(relation) for each in place.types]
    first = known[0]
    return None if first is None or any(each is None for each in known) else first.type


def _way_names(condition: Condition) -> Iterator[str]:
    match condition:
        case Way(_, name, part):
            yield name
            yield from _way_names(part)
        case AllOf(_, parts) | AnyOf(_, parts):
            for part in parts:
                yield from _way_names(part)
        case Not(_, part) | Of(_, _, part):
            yield from _way_names(part)


def _uses(condition: Condition, name: str, terms: Mapping[str, Term], seen: frozenset[str]) -> bool:
    """Whether a condition comes to a term, through other terms too."""
    match condition:
        case Is(_, other):
            if other == name:
                return True
            inner = terms.get(other)
            return (
                inner is not None
                and other not in seen
                and _uses(inner.condition, name, terms, seen | {other})
            )
        case AllOf(_, parts) | AnyOf(_, parts):
            return any(_uses(part, name, terms, seen) for part in parts)
        case Not(_, part) | Of(_, _, part) | Way(_, _, part):
            return _uses(part, name, terms, seen)
        case Count(where=inner_condition) if inner_condition is not None:
            return _uses(inner_condition, name, terms, seen)
        case _:
            return False


def _unknown_field(path: FieldPath, resource_type: str, place: _Place) -> str:
    known = [name.removeprefix(place.below) for name in resource_types()[resource_type].fields]
    where = f"a member of {place.below.rstrip('.')}" if place.below else _spelled(resource_type)
    return (
        f"{where} has no {path.pattern!r} in scanner/catalog/fields.yaml{did_you_mean(path.pattern, known)}"
        "; a new field is added there, with its default and where Azure documents it"
    )


def _unknown_relation(relation: str, place: _Place) -> str:
    if place.below:
        return "a member of an array has no relations; ask them outside of the count"
    known = sorted({name for each in place.types for name in relations().get(each, {})})
    names = ", ".join(known) or "none"
    hint = did_you_mean(relation, known)
    return f"{' and '.join(map(_spelled, place.types))} has no relation {relation!r}{hint}; it has {names}"


def _unknown_type(name: str) -> str:
    known = [each.name for each in resource_types().values()]
    return f"{name!r} is no type of the catalogue{did_you_mean(name, known)}"


def _spelled(resource_type: str) -> str:
    return resource_types()[resource_type].name


def _problem(spot: Location, message: str) -> Problem:
    return Problem(spot.file, spot.line, spot.field, message)
