"""The truth of each comparison, on values that were seen. On a value of the wrong type it is UNKNOWN."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scanner.model.truth import Truth, any_of, truth_of
from scanner.network import ipv4

_VERSION = re.compile(r"[0-9]{1,400}(\.[0-9]{1,400})+")


def equals(value: Any, operand: Any) -> Truth:
    """Strings compare without case; a value of another type than the operand's is UNKNOWN."""
    if isinstance(value, str) and isinstance(operand, str):
        return truth_of(value.casefold() == operand.casefold())
    if isinstance(value, bool) or isinstance(operand, bool):
        return (
            truth_of(value is operand)
            if isinstance(value, bool) and isinstance(operand, bool)
            else Truth.UNKNOWN
        )
    if _number(value) and _number(operand):
        return truth_of(value == operand)
    return Truth.UNKNOWN


def in_(value: Any, operand: Sequence[Any]) -> Truth:
    """Equal to one of the operands."""
    return any_of(equals(value, item) for item in operand)


def contains(value: Any, operand: Any) -> Truth:
    """A part of a text, or a member of an array."""
    if isinstance(value, str) and isinstance(operand, str):
        return truth_of(operand.casefold() in value.casefold())
    if isinstance(value, list):
        return any_of(equals(item, operand) for item in value)
    return Truth.UNKNOWN


def like(value: Any, operand: Any) -> Truth:
    """A text, or some member of an array, against a pattern with at most one `*`."""
    if isinstance(value, list):
        return any_of(like(item, operand) for item in value)
    if not isinstance(value, str) or not isinstance(operand, str):
        return Truth.UNKNOWN
    text, pattern = value.casefold(), operand.casefold()
    start, star, end = pattern.partition("*")
    if not star:
        return truth_of(text == pattern)
    return truth_of(len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end))


def less(value: Any, operand: Any) -> Truth:
    """Numbers and dotted versions compare as such, other texts without case."""
    if _number(value) and _number(operand):
        return truth_of(value < operand)
    if not isinstance(value, str) or not isinstance(operand, str):
        return Truth.UNKNOWN
    if _VERSION.fullmatch(value) and _VERSION.fullmatch(operand):
        return truth_of(_version(value) < _version(operand))
    return truth_of(value.casefold() < operand.casefold())


def less_or_equals(value: Any, operand: Any) -> Truth:
    """Less, or equal."""
    return less(operand, value).negated()


def greater(value: Any, operand: Any) -> Truth:
    """The operand is less."""
    return less(operand, value)


def greater_or_equals(value: Any, operand: Any) -> Truth:
    """Not less."""
    return less(value, operand).negated()


def public_ipv4(value: Any, operand: Any) -> Truth:
    """An IPv4 address or prefix wholly outside of private and reserved space; another text is none."""
    if not isinstance(value, str):
        return Truth.UNKNOWN
    interval = ipv4.parse(value)
    return equals(interval is not None and ipv4.is_public(interval), operand)


def _by_length(compare: Callable[[Any, Any], Truth]) -> Callable[[Any, Any], Truth]:
    def by_length(value: Any, operand: Any) -> Truth:
        length = ipv4.prefix_length(value) if isinstance(value, str) else None
        return Truth.UNKNOWN if length is None else compare(length, operand)

    return by_length


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _version(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]


OPERATORS: Mapping[str, Callable[[Any, Any], Truth]] = {
    "equals": equals,
    "in": in_,
    "contains": contains,
    "like": like,
    "less": less,
    "lessOrEquals": less_or_equals,
    "greater": greater,
    "greaterOrEquals": greater_or_equals,
    "prefixLengthLess": _by_length(less),
    "prefixLengthLessOrEquals": _by_length(less_or_equals),
    "prefixLengthGreater": _by_length(greater),
    "prefixLengthGreaterOrEquals": _by_length(greater_or_equals),
    "publicIPv4": public_ipv4,
}
"""The positive operators on one value; `policy/operators.py` says which others are their negations."""
