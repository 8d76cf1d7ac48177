"""The catalogue of fields: what a missing one means, and which api-version shows it."""

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec
import yaml

from scanner.model.resource import Row, Source

KNOWN_STABLE, KNOWN_PREVIEW = "2019-04-01", "2019-06-01-preview"
"""A row of unknown version shows only what every version since 2019-04-01 returns: these came first."""


class SeenIn(msgspec.Struct, frozen=True):
    """Which rows show a field; `proven` where absence from a Resource Graph row proves absence."""

    stable: str | None
    preview: str | None
    exceptions: frozenset[str]
    proven: bool

    @property
    def first(self) -> str:
        """The oldest version that returns the field."""
        return min(version for version in (self.stable, self.preview) if version is not None)

    def returned_by(self, version: str | None) -> bool:
        """Whether an api-version returns the field. Visibility is not monotone, so previews stand apart."""
        if version is None:
            return self._always
        first = self.preview if version.endswith("-preview") else self.stable
        return first is not None and version >= first and version not in self.exceptions

    def good_for(self, row: Row) -> bool:
        """Whether the row's source is good for the field."""
        return self.proven or row.source is Source.ARM

    @property
    def _always(self) -> bool:
        if self.stable is None or self.preview is None:
            return False
        late = any(version >= KNOWN_STABLE for version in self.exceptions)
        return self.stable <= KNOWN_STABLE and self.preview <= KNOWN_PREVIEW and not late


class Field(msgspec.Struct, frozen=True):
    """What we know of one field of a type."""

    path: str
    type: str
    values: tuple[str, ...]
    has_default: bool
    default: Any
    seen_in: SeenIn | None
    without_premium: bool
    """Whether a registry of another SKU has the default, whatever its row shows: only Premium can close."""
    withheld: bool
    """Whether a null at or below it is kept back rather than absent."""
    action: str | None
    """The read that alone shows it: callbackConfig."""


class ResourceType(msgspec.Struct, frozen=True, dict=True):
    """A type in ARM's spelling, the api-versions it is read by, and its fields by path."""

    name: str
    table: str | None
    """Where Resource Graph has it; None where only ARM does."""
    newest: str
    read: tuple[str, ...]
    fields: Mapping[str, Field]

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The fields, and every object on the way to them."""
        return frozenset(
            ".".join(parts[: depth + 1])
            for path in self.fields
            for parts in [path.split(".")]
            for depth in range(len(parts))
        )


@cache
def resource_types() -> Mapping[str, ResourceType]:
    """Every type of the catalogue, by its lower-cased name."""
    return {key: _resource_type(data) for key, data in read_data("fields.yaml").items()}


def read_data(name: str) -> Mapping[str, Any]:
    """A data file of the catalogue."""
    text = Path(__file__).with_name(name).read_text("utf-8")
    data: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    return data


def _resource_type(data: Mapping[str, Any]) -> ResourceType:
    fields = {path: _field(path, field) for path, field in data["fields"].items()}
    table = None if data.get("table") == "none" else data.get("table", "resources")
    return ResourceType(data["name"], table, data["newest"], tuple(data.get("read", ())), fields)


def _field(path: str, data: Mapping[str, Any]) -> Field:
    seen = data.get("seenIn")
    return Field(
        path,
        data["type"],
        tuple(map(str, data.get("values", ()))),
        "default" in data,
        data.get("default"),
        None if seen is None else _seen_in(seen),
        data.get("withoutPremium") == "default",
        data.get("withheld", False),
        data.get("action"),
    )


def _seen_in(data: Mapping[str, Any]) -> SeenIn:
    exceptions = frozenset(data.get("except", ()))
    return SeenIn(
        data.get("stable"), data.get("preview"), exceptions, data.get("resourceGraph") != "unproven"
    )
