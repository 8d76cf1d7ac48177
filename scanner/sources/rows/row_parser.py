"""From one decoded object to a row, without its secrets; or why it cannot be used."""

import re
from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Any

import msgspec

from scanner.model.inventory import Unusable
from scanner.model.resource import Row, Source, type_of_id
from scanner.sources.rows.redaction import redacted

DEEPEST = 64
"""How many objects and arrays may lie in each other; Azure's deepest rows have about 12."""
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?")
"""An api-version that can be compared with others; a row of any other text is one of unknown version."""


def parse_row(
    found: object,
    *,
    where: str,
    source: Source = Source.RESOURCE_GRAPH,
    api_version: str | None = None,
    sound: bool = False,
) -> Row | Unusable:
    """The row that an object is; `source` and `api_version` hold unless it names its own.

    `sound` says that it is known to hold no half of a surrogate pair, and to be no deeper than allowed.
    """
    try:
        return _row(found, source, api_version, sound)
    except _InvalidRow as flaw:
        return Unusable(where, str(flaw))


class _InvalidRow(Exception):
    pass


def _row(found: object, source: Source, api_version: str | None, sound: bool) -> Row:
    if not isinstance(found, dict):
        raise _InvalidRow(f"a row must be an object, not {kind_of(found)}")
    if not sound:
        _check_text(found)
    resource_id, resource_type = _identity(found)
    properties = found.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise _InvalidRow(f"`properties` must be an object, not {kind_of(properties)}")
    body = found.copy()
    version, named = body.pop("apiVersion", None), body.pop("source", source)
    if isinstance(version, str):
        api_version = _comparable(version) if version else api_version
    elif version is not None:
        raise _InvalidRow(f"`apiVersion` must be a string, not {kind_of(version)}")
    if named is not source:
        source = _source(named)
    return Row(resource_id, resource_type, redacted(resource_type, body), source, api_version)


def _identity(found: Mapping[str, Any]) -> tuple[str, str]:
    resource_id, given = found.get("id"), found.get("type")
    if not isinstance(resource_id, str):
        wrong = "the row has no `id`" if resource_id is None else None
        raise _InvalidRow(wrong or f"`id` must be a string, not {kind_of(resource_id)}")
    if not resource_id.isprintable():
        raise _InvalidRow(f"`id` holds characters that cannot be printed: {resource_id[:200]!a}")
    spelt = type_of_id(resource_id)
    if spelt is None:
        raise _InvalidRow(f"`id` is no resource id: {resource_id[:200]!r}")
    if isinstance(given, str):
        if given != spelt and given.lower() != spelt:
            raise _InvalidRow(f"`type` is {given[:200]!r}, but its id spells {spelt}")
    elif given is not None:
        raise _InvalidRow(f"`type` must be a string, not {kind_of(given)}")
    return resource_id, intern(spelt)


@lru_cache(maxsize=256)  # a snapshot has some ten of them, on thousands of rows
def _comparable(version: str) -> str | None:
    lowered = version.lower()
    return lowered if _VERSION.fullmatch(lowered) else None


def _source(named: object) -> Source:
    match named:
        case "arm":
            return Source.ARM
        case "resourceGraph":
            return Source.RESOURCE_GRAPH
        case _:
            raise _InvalidRow(f"`source` must be arm or resourceGraph, not {ascii(named)[:200]}")


def _check_text(found: Mapping[str, Any]) -> None:
    """Refuse what could be read but never be written out again."""
    try:
        text = msgspec.json.encode(found)
    except UnicodeEncodeError:
        raise _InvalidRow("the row holds half a surrogate pair, which is no text") from None
    except RecursionError:
        raise _InvalidRow(f"the row is nested deeper than {DEEPEST} levels") from None
    if text.count(b"{") + text.count(b"[") > DEEPEST and _deeper(found, DEEPEST):
        raise _InvalidRow(f"the row is nested deeper than {DEEPEST} levels")


def _deeper(value: object, levels: int) -> bool:
    match value:
        case dict():
            return levels == 0 or any(_deeper(member, levels - 1) for member in value.values())
        case list():
            return levels == 0 or any(_deeper(member, levels - 1) for member in value)
        case _:
            return False


def kind_of(value: object) -> str:
    """What a JSON value is, in JSON's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
