"""Does what a policy says of plans and templates fit the catalog and the policy's ways."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.catalog.fields import Field, resource_types
from scanner.errors import Problem, did_you_mean
from scanner.policy.model import Location, Policy

REGISTRY = "microsoft.containerregistry/registries"
_KINDS: Mapping[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "integer": int}


def check_value(spot: Location, field: Field, value: Any) -> Iterator[Problem]:
    """A value of the field's type, and one of those that Azure documents for it."""
    kind = _KINDS.get(field.type)
    if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        yield _problem(spot, f"{field.path} is of type {field.type}, so it is never {value!r}")
    elif field.values and str(value).lower() not in {known.lower() for known in field.values}:
        known = ", ".join(field.values)
        hint = did_you_mean(str(value), field.values)
        yield _problem(spot, f"{field.path} is one of {known}, never {value!r}{hint}")


def check_plan(policy: Policy, ways: Sequence[str]) -> Iterator[Problem]:
    """What a plan sets are settings of the registry, of their types; templates open ways that there are."""
    sets = {} if policy.plan is None else policy.plan.sets
    spot, registry = policy.at("plan.sets"), resource_types()[REGISTRY]
    if sets and policy.types != (REGISTRY,):
        yield _problem(spot, f"a plan sets what a registry has, and the policy judges {policy.resources[0]}")
    for path, value in sets.items():
        field = registry.fields.get(path)
        if field is None:
            hint = did_you_mean(path, registry.fields)
            yield _problem(spot, f"{registry.name} has no {path!r} in scanner/catalog/fields.yaml{hint}")
        else:
            yield from check_value(spot, field, value)
    for name in sorted({each.way for each in policy.deploy if each.way is not None} - set(ways)):
        yield _problem(policy.at("deploy"), f"there is no way {name!r}{did_you_mean(name, ways)}")


def _problem(spot: Location, message: str) -> Problem:
    return Problem(spot.file, spot.line, spot.field, message)
