"""Tokens: what stands for a field's value in a key. Equal where JSON is, and never equal to another kind's.

A text stands for itself. A number below zero says how far a row goes that does not have the field.
"""

from collections.abc import Callable, Hashable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

Names = tuple[str, ...]

_LONGEST = 64
"""Bytes of an array or object in a key; of longer ones, their digest."""

_encoded = msgspec.json.encode


def token_reader(names: Names) -> Callable[[Mapping[str, Any]], Hashable]:
    """Reads the token of a field of plain names from a row's body."""
    if len(names) == 2:  # noqa: PLR2004 - nearly all are: sku.name, properties.x
        return _short(*names)

    def read(body: Mapping[str, Any]) -> Hashable:
        node: Any = body
        for depth, name in enumerate(names):
            if node.__class__ is not dict:
                return _ODD - depth
            inner_ = node.get(name, _NOTHING)
            if inner_ is None or inner_ == "" or inner_ is _NOTHING:
                return _missing(inner_, depth)
            node = inner_
        return node if node.__class__ is str else token(node)

    return read


def _short(first: str, second: str) -> Callable[[Mapping[str, Any]], Hashable]:
    """The same for two names."""

    def read(body: Mapping[str, Any]) -> Hashable:
        node = body.get(first, _NOTHING)
        if node.__class__ is not dict:
            if node is None or node == "" or node is _NOTHING:
                return _missing(node, 0)
            return _ODD - 1
        inner_ = node.get(second, _NOTHING)
        if inner_.__class__ is str and inner_:
            return inner_
        if inner_ is None or inner_ == "" or inner_ is _NOTHING:
            return _missing(inner_, 1)
        return token(inner_)

    return read


_NOTHING = object()
_ODD = -1000


def _missing(found: object, depth: int) -> int:
    """A number for a key that is missing, null or empty, at a depth."""
    return -1 - 3 * depth - (0 if found is _NOTHING else 1 if found is None else 2)


def token(value: Any) -> Hashable:
    """What stands for a value other than a text."""
    if value.__class__ is float:
        return float, repr(value)  # 0.0 and -0.0 are equal, and read differently
    if value.__class__ is dict or value.__class__ is list:
        text = _encoded(value)
        return text if len(text) <= _LONGEST else blake2b(text, digest_size=24).digest()
    return value.__class__, value
