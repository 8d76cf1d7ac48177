"""What a policy is made of, known before it is judged."""

from collections.abc import Iterator, Mapping
from functools import cache

from scanner.catalog.fields import resource_types
from scanner.policy.model import Comparison, Condition, Count, Is, Policy, Term, inner


def walk(condition: Condition, terms: Mapping[str, Term]) -> Iterator[Condition]:
    """A condition and all that it is made of, the terms that it uses too."""
    yield condition
    below = (terms[condition.term].condition,) if isinstance(condition, Is) else inner(condition)
    for part in below:
        yield from walk(part, terms)


def asks_what_is_opt_in(policy: Policy, terms: Mapping[str, Term]) -> bool:
    """Whether a policy asks a field that only an opt-in read shows, by itself or by a term."""
    conditions = [condition for condition in (policy.when, policy.require) if condition is not None]
    return any(
        each.field is not None and each.field.pattern in opt_in()
        for condition in conditions
        for each in walk(condition, terms)
        if isinstance(each, Comparison | Count)
    )


@cache
def opt_in() -> frozenset[str]:
    """The paths of fields that only an action shows, of whatever type."""
    return frozenset(
        path for known in resource_types().values() for path, info in known.fields.items() if info.action
    )
