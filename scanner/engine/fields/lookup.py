"""Provenance: what a resource's rows say of a field, and whether silence means anything.

The rules and their order are those of ARCHITECTURE, "What silence means": a value; contents withheld; a SKU
that cannot close; a row that is not whole; the field's own visibility; its parent's.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from scanner.catalog.fields import Field, resource_types
from scanner.model.inventory import Gap, Inventory
from scanner.model.resource import (
    Absent,
    Answer,
    RequiredRead,
    Resource,
    Row,
    Source,
    Unseen,
    Value,
    normal_location,
)

UNFINISHED = frozenset({"creating", "failed"})
"""Provisioning states in which a registry's row lacks fields that it has."""

ARM_HELP = "an ARM read shows it; scan with --arm-reads auto"
WEBHOOK_HELP = (
    "scan with --webhook-endpoints; it needs the permission "
    "Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action"
)


class LookupPath(msgspec.Struct, frozen=True):
    """A path whose bracketed names are filled in, and its pattern as the catalogue lists it."""

    names: tuple[str, ...]
    pattern: tuple[str, ...]
    """Like `names`, with `[*]` in the place of each bracketed one."""
    bracketed: frozenset[int] = frozenset()
    """Which of the names are data, and compare without case."""


@lru_cache(maxsize=4096)
def plain_keys(path: str) -> LookupPath:
    """The keys of a path without brackets."""
    names = tuple(path.split("."))
    return LookupPath(names, names)


AT_HAND = 5_000
"""Answers of each kind that are kept: those on the resources that are judged now, and some more."""

RowProfile = int
"""A number for a row's type, api-version, source and state, whether it can close, and the gaps it is in."""


@dataclass(slots=True)
class Lookup:
    """Answers questions about fields from the rows of an inventory."""

    inventory: Inventory
    _seen: dict[tuple[str, tuple[str, ...]], Answer] = field(default_factory=dict)
    _shapes: dict[str, RowProfile | None] = field(default_factory=dict)
    _numbers: dict[Hashable, RowProfile] = field(default_factory=dict)

    def shape(self, resource: Resource) -> RowProfile | None:
        """All that says what a field means that is missing; None where the resource is a case of its own."""
        if resource.key in self._shapes:
            return self._shapes[resource.key]
        if len(self._shapes) >= AT_HAND:
            self._shapes.clear()
        shape = None
        if len(resource.rows) == 1:
            (row,) = resource.rows
            said = row.type, row.api_version, row.source, _other_than_premium(row), _unfinished(row)
            place = *said, self.inventory.gaps_at(resource.key)
            shape = self._numbers.setdefault(place, len(self._numbers))
        self._shapes[resource.key] = shape
        return shape

    def look(self, resource: Resource, keys: LookupPath) -> Answer:
        """The first answer that was seen, from the best row down; else the first row's Unseen."""
        known = self._seen.get((resource.key, keys.names))
        if known is None:
            if len(self._seen) >= AT_HAND:
                self._seen.clear()
            known = self._seen[resource.key, keys.names] = self._look(resource, keys)
        return known

    def _look(self, resource: Resource, keys: LookupPath) -> Answer:
        first: Answer | None = None
        rows = _placed(resource.rows) if keys.names == LOCATION else resource.rows
        for row in rows:
            answer = self._in_row(resource, row, keys)
            if not isinstance(answer, Unseen):
                return answer
            first = first or answer
        if first is None:
            raise AssertionError("a resource has at least one row")
        return first

    def _in_row(self, resource: Resource, row: Row, keys: LookupPath) -> Answer:
        node: Any = row.body
        for depth, name in enumerate(keys.names):
            if not isinstance(node, Mapping):
                return Unseen(f"{'.'.join(keys.names[:depth])} is no object", None, row)
            there, value = member(node, name, loose=depth in keys.bracketed)
            if value is None or value == "":
                return self._missing(resource, row, keys, depth, withheld=there and value is None)
            node = value
        region = isinstance(node, str) and keys.names == LOCATION
        return Value(normal_location(node) if region else node, row)

    def _missing(
        self, resource: Resource, row: Row, keys: LookupPath, depth: int, *, withheld: bool
    ) -> Answer:
        """What it means that the path breaks off at a depth."""
        chain, infos = _chain(row.type, keys.pattern)
        target = infos[-1]
        read = RequiredRead(resource.id, "self", chain[-1])
        if withheld and any(info is not None and info.withheld for info in infos[: depth + 1]):
            return Unseen(
                "a list keeps these contents back", "an ARM GET of the task may show them", row, need=read
            )
        if (gap := self._gap(resource, chain)) is not None:
            return Unseen(gap.reason, gap.help, row)
        if keys.names in _IN_THE_ID:
            return Value(_IN_THE_ID[keys.names](resource), row)
        if target is not None and target.action is not None:
            return _not_understood(row) if _shows(row, chain[-1]) else _unasked(target.action, row, read)
        if any(info is not None and info.without_premium for info in infos[depth:]) and _other_than_premium(
            row
        ):
            return _default(target, row)
        if (state := _unfinished(row)) is not None:
            return Unseen(
                f"the resource is in provisioningState {state}, whose rows are not whole", None, row
            )
        if keys.names[depth] == "properties":
            return Unseen(
                "the row has no properties", "query Resource Graph with `properties`, or GET it", row
            )
        for info in infos[depth:]:
            if info is not None and (unseen := _hidden(info, row, read)) is not None:
                return unseen
        return _default(target, row, read)

    def _gap(self, resource: Resource, chain: Sequence[str]) -> Gap | None:
        """A gap of the field, of what it stands in, or of the state that says whether rows are whole."""
        if not self.inventory.gaps:
            return None
        paths = (*chain, "properties", "properties.provisioningState")
        gaps = (self.inventory.gap(f"{resource.type}/{path}", resource.key) for path in paths)
        return next((gap for gap in gaps if gap is not None), None)


LOCATION = ("location",)


def _placed(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows that show where a resource lies, if any does: an answer may leave it out."""
    return [row for row in rows if row.body.get("location")] or rows


HEADERS = "properties.customHeaderNames"
"""What the same action shows beside the address."""

_IN_THE_ID: Mapping[tuple[str, ...], Callable[[Resource], str]] = {
    ("id",): lambda resource: resource.id,
    ("name",): lambda resource: resource.name,
    ("type",): lambda resource: resource.type,
}
"""What the id of a row says even where nothing else does."""


def member(node: Mapping[str, Any], name: str, *, loose: bool = False) -> tuple[bool, Any]:
    """Whether an object has a key (without case, if `loose`), and its value."""
    if name in node:
        return True, node[name]
    if loose:
        for key, value in node.items():
            if key.lower() == name.lower():
                return True, value
    return False, None


@lru_cache(maxsize=4096)
def _chain(resource_type: str, pattern: tuple[str, ...]) -> tuple[Sequence[str], Sequence[Field | None]]:
    """A path and all objects on the way to it, outermost first, and what the catalogue knows of each."""
    chain = [".".join(pattern[:end]).replace(".[*]", "[*]") for end in range(1, len(pattern) + 1)]
    known = resource_types().get(resource_type)
    return chain, [None if known is None else known.fields.get(path) for path in chain]


def _default(info: Field | None, row: Row, read: RequiredRead | None = None) -> Answer:
    """Azure's default, or Absent; `read` would confirm a default that a Resource Graph row leaves out."""
    if info is None or not info.has_default:
        return Absent(row)
    return Value(info.default, row, assumed=True, need=read if row.source is Source.RESOURCE_GRAPH else None)


def _other_than_premium(row: Row) -> bool:
    match row.body.get("sku"):
        case {"name": str(name)} if name:
            return name.lower() != "premium"
        case _:
            return False


def _unfinished(row: Row) -> str | None:
    match row.body.get("properties"):
        case {"provisioningState": str(state)} if state.lower() in UNFINISHED:
            return state
        case _:
            return None


def _unasked(action: str, row: Row, read: RequiredRead) -> Unseen:
    """Only an action that the user has to ask for shows it, whatever the row's version and state."""
    need = RequiredRead(read.of, action, read.field)
    return Unseen(f"only {action} shows it", WEBHOOK_HELP, row, optional=True, need=need)


def _shows(row: Row, path: str) -> bool:
    """Whether a row holds what the action said of the address: of every address it has a scheme, or null."""
    properties = row.body.get("properties")
    return isinstance(properties, dict) and "serviceScheme" in properties and path != HEADERS


def _not_understood(row: Row) -> Unseen:
    return Unseen("the address was read, and is none that can be understood", None, row)


def _hidden(info: Field, row: Row, read: RequiredRead) -> Unseen | None:
    """Why a row does not show a field; None if it does."""
    seen = info.seen_in
    if seen is None:
        return None
    if not seen.returned_by(row.api_version):
        return Unseen(_too_early(seen.first, row.api_version), ARM_HELP, row, need=read)
    if not seen.good_for(row):
        return Unseen("Resource Graph is not known to show it", ARM_HELP, row, need=read)
    return None


def _too_early(first: str, version: str | None) -> str:
    if version is None:
        return f"read with an unknown apiVersion; it came with {first}"
    if version[:10] < first[:10]:
        return f"read with an apiVersion older than {first}"
    return f"apiVersion {version} does not return it"
