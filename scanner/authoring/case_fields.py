"""The fields of a case's rows are those of the catalogue: a misspelt one would prove what nobody meant."""

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from scanner.catalog.fields import resource_types
from scanner.errors import did_you_mean

_EVERY_ROW = frozenset({"id", "name", "type", "location"})
_KEY = re.compile(r"\[[^\]]*\]")
_STEP = re.compile(r"[^.\[]+|\[\*\]")
_ALIKE = 0.85
"""How alike two keys are, of 1, where one is taken for the other misspelt."""


def check(resource_type: str, path: str, value: Any) -> None:
    """ValueError where the catalogue lists no such path for a type, or a key in the value is one misspelt."""
    if path in _EVERY_ROW:
        return
    place, known = _KEY.sub("[*]", path), _known(resource_type)
    wrong = place if place not in known else next(_misspelt(place, value, known), None)
    if wrong is not None:
        kind = resource_types()[resource_type].name
        raise ValueError(f"{kind} has no field {wrong!r} in the catalogue{did_you_mean(wrong, known)}")


def _misspelt(place: str, value: Any, known: frozenset[str]) -> Iterator[str]:
    """The keys inside of a value that are nearly one of the catalogue's; Azure's rows hold many others."""
    match value:
        case dict() if f"{place}[*]" not in known:
            siblings = {each.rpartition(".")[2] for each in known if each.rpartition(".")[0] == place}
            for key, member in value.items():
                if key in siblings:
                    yield from _misspelt(f"{place}.{key}", member, known)
                elif difflib.get_close_matches(key, siblings, 1, _ALIKE):
                    yield f"{place}.{key}"
        case dict():
            for member in value.values():
                yield from _misspelt(f"{place}[*]", member, known)
        case list():
            for member in value:
                yield from _misspelt(f"{place}[*]", member, known)


@lru_cache(maxsize=64)
def _known(resource_type: str) -> frozenset[str]:
    """Every path of a type, and of every object and array on the way."""
    steps = (_STEP.findall(path) for path in resource_types()[resource_type].fields)
    return frozenset(
        ".".join(parts[:end]).replace(".[*]", "[*]") for parts in steps for end in range(1, len(parts) + 1)
    )
