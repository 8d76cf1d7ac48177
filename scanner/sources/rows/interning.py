"""Equal values of many rows as one object, and no value that nobody asks for."""

from dataclasses import dataclass
from typing import Any

import msgspec

_encoded = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """The keys of rows, and of their `properties`, that somebody asks for; None stands for all."""

    row: frozenset[str] | None = None
    properties: frozenset[str] | None = None


ALL_FIELDS = FieldFilter()


class Interner:
    """What the rows of one reading have in common. It sees their secrets, and lasts no longer than that."""

    MOST = 10_000
    """Texts and values that are known at a time: what is new in each row must not fill the memory."""
    LONGEST = 4096
    """Bytes of JSON of a value that is known; a task's whole script is hardly ever said twice."""

    def __init__(self, kept: FieldFilter = ALL_FIELDS) -> None:
        self.kept = kept
        self._texts: dict[str, str] = {}
        self._values: dict[bytes, Any] = {}

    def shared(self, found: dict[str, Any], kept: FieldFilter, *, stays: bool = True) -> dict[str, Any]:
        """The row with what was seen before in the place of its equals, and without what is not kept.

        Where it does not stay in memory, there is nothing to share.
        """
        if not stays:
            return _only(found, kept)
        if len(self._texts) > self.MOST:
            self._texts.clear()
        if len(self._values) > self.MOST:
            self._values.clear()
        try:
            row = self._shared(found, kept.row)
            if (properties := row.get("properties")).__class__ is dict:
                row["properties"] = self._shared(properties, kept.properties)
        except (UnicodeEncodeError, RecursionError):  # the intake knows how to say it
            return found
        return row

    def _shared(self, members: dict[str, Any], kept: frozenset[str] | None) -> dict[str, Any]:
        text, values, shared = self._texts.setdefault, self._values, dict[str, Any]()
        for key, member in members.items():
            if kept is not None and key not in kept:
                continue
            kind = member.__class__
            if kind is str:
                shared[key] = text(member, member)
            elif key != "properties" and (kind is dict or kind is list):
                said = _encoded(member)  # JSON: 1, 1.0 and true are equal, and not the same
                known = values.get(said)
                if known is None and len(said) <= self.LONGEST:
                    values[said] = member
                shared[key] = member if known is None else known
            else:
                shared[key] = member
        return shared


def _only(found: dict[str, Any], kept: FieldFilter) -> dict[str, Any]:
    """A row without what is not kept."""
    row = found if kept.row is None else {key: found[key] for key in found if key in kept.row}
    properties = row.get("properties")
    if kept.properties is None or properties.__class__ is not dict:
        return row
    return row | {"properties": {key: properties[key] for key in properties if key in kept.properties}}
