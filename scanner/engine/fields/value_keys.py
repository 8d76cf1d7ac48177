"""Keys for values of JSON, which may be compared and hashed."""

from collections.abc import Hashable
from hashlib import blake2b
from typing import Any

import msgspec

_LONGEST = 64
"""Bytes of an array or object in a key; of longer ones, their digest."""

_encoded = msgspec.json.encode


def value_key(value: Any) -> Hashable:
    """What stands for a value: equal where JSON is, and never equal to another kind's."""
    if value.__class__ is float:
        return float, repr(value)  # 0.0 and -0.0 are equal, and read differently
    if value.__class__ is dict or value.__class__ is list:
        text = _encoded(value)
        return text if len(text) <= _LONGEST else blake2b(text, digest_size=24).digest()
    return value.__class__, value
