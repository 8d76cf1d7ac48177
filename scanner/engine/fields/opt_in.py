"""The fields that only a read shows which users have to ask for."""

from collections.abc import Mapping
from functools import cache

from scanner.catalog.fields import resource_types
from scanner.policy.model import Comparison, Count, Policy, Term
from scanner.policy.walk import walk


def uses_opt_in_field(policy: Policy, terms: Mapping[str, Term]) -> bool:
    """Whether a policy asks a field that only an opt-in read shows, by itself or by a term."""
    conditions = [condition for condition in (policy.when, policy.require) if condition is not None]
    return any(
        each.field is not None and each.field.pattern in opt_in_fields()
        for condition in conditions
        for each in walk(condition, terms)
        if isinstance(each, Comparison | Count)
    )


@cache
def opt_in_fields() -> frozenset[str]:
    """The paths of fields that only an action shows, of whatever type."""
    return frozenset(
        path for known in resource_types().values() for path, info in known.fields.items() if info.action
    )
