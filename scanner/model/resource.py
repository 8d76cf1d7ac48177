"""Resources as Azure's answers show them, and the three answers to a question about a field."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec


class Source(Enum):
    """Where a row came from. Absence in Resource Graph is weaker evidence than in ARM."""

    ARM = "arm"
    RESOURCE_GRAPH = "resourceGraph"

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes their names, in Python


class Row(msgspec.Struct, frozen=True, gc=False):  # JSON holds no cycles, so that nobody need look for them
    """One resource as one answer of Azure showed it.

    `type` is lower case; `body` holds ARM's keys in ARM's spelling (id, name, location, properties, …).
    """

    id: str
    type: str
    body: Mapping[str, Any]
    source: Source
    api_version: str | None


class RequiredRead(msgspec.Struct, frozen=True):
    """An ARM read that would show something: `what` is self, or a list or action below the resource.

    `field` is the path that is asked for, as the catalogue lists it, or None where any version will do.
    """

    of: str
    what: str
    field: str | None = None


class Value(msgspec.Struct, frozen=True):
    """The field has this value.

    `assumed` where it is missing and the value is Azure's documented default; `need` is then the read that
    would confirm it, where the row is one of Resource Graph, in which absence is weak evidence.
    """

    value: Any
    row: Row | None = None
    assumed: bool = False
    need: RequiredRead | None = None


class Absent(msgspec.Struct, frozen=True):
    """We saw the whole object, and the field is not set."""

    row: Row | None = None


class Unseen(msgspec.Struct, frozen=True):
    """We could not look; `reason` completes "could not be seen (…)", `help` says what would show it.

    `optional` where only a read that the user has to ask for can show it, `need` where an ARM read can.
    """

    reason: str
    help: str | None = None
    row: Row | None = None
    optional: bool = False
    need: RequiredRead | None = None


Answer = Value | Absent | Unseen


class Resource(msgspec.Struct, frozen=True, weakref=True):
    """All rows of one id, best first: ARM from the newest api-version down, then Resource Graph."""

    key: str
    """The id in lower case: ARM ids compare without case."""
    rows: tuple[Row, ...]

    @property
    def id(self) -> str:
        """The id as Azure spelt it."""
        return self.rows[0].id

    @property
    def type(self) -> str:
        return self.rows[0].type

    @property
    def name(self) -> str:
        """The last segment of the id; Azure's own `name` has the same letters."""
        return self.rows[0].id.rsplit("/", 1)[-1]

    @property
    def location(self) -> str | None:
        """The region as ARM names it (lower case, no blanks), or None where no row shows it."""
        for row in self.rows:
            location = row.body.get("location")
            if location and isinstance(location, str):
                return normal_location(location)
        return None

    @property
    def subscription(self) -> str:
        """The subscription id, lower case; empty for a resource above subscriptions."""
        return segment_after(self.key, "subscriptions")

    @property
    def resource_group(self) -> str | None:
        """The resource group as the id spells it, or None for a resource outside of groups."""
        return segment_after(self.id, "resourceGroups") or None


class Related(msgspec.Struct, frozen=True):
    """The resources a relation leads to.

    `possible` has an entry for each further resource that may belong to them; `unseen` is set where
    others again may exist that nobody could look for.
    """

    targets: Sequence[Resource] = ()
    uncertain: tuple[Unseen, ...] = ()
    unseen: Unseen | None = None


def normal_location(location: str) -> str:
    """A region name as service tags and ARM compare it: `East US` is `eastus`."""
    return location.replace(" ", "").lower()


def segment_after(resource_id: str, collection: str) -> str:
    """The segment after a collection's name in an id, whatever its case; empty if there is none."""
    above, found, _ = f"/{resource_id.lower()}".partition(f"/{collection.lower()}/")
    position = above.count("/") + 1
    return resource_id.split("/", position + 1)[position] if found else ""


def parent_key(key: str) -> str:
    """The id without its last type and name: a registry of its task, a network of its subnet."""
    return key.rsplit("/", 2)[0]


def type_of_id(resource_id: str) -> str | None:
    """The lower-cased ARM type that an id spells, or None where the text is no resource id."""
    parts = resource_id.strip("/").lower().split("/")
    if not resource_id.startswith("/") or "" in parts:
        return None
    if "providers" in parts:
        tail = parts[len(parts) - parts[::-1].index("providers") :]
        if len(tail) >= 3 and len(tail) % 2 == 1:
            return "/".join([tail[0], *tail[1::2]])
        return None
    match parts:
        case ["subscriptions", _]:
            return "microsoft.resources/subscriptions"
        case ["subscriptions", _, "resourcegroups", _]:
            return "microsoft.resources/subscriptions/resourcegroups"
        case _:
            return None
