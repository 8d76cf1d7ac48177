"""A policy, and the conditions it is made of."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from scanner.policy.paths import FieldPath
from scanner.policy.settlement import Deployment, Mirror, Settlement
from scanner.policy.templates import Template


class Severity(Enum):
    """How much a fail matters, in rising order."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 4 for critical."""
        return _RANK[self]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Status(Enum):
    """A preview policy never gates; a deprecated one is kept for its id and not judged."""

    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Location(msgspec.Struct, frozen=True):
    """Where something stands: file, line from 1, and dotted field."""

    file: str
    line: int
    field: str


class AllOf(msgspec.Struct, frozen=True):
    """Holds where every part holds."""

    spot: Location
    parts: tuple["Condition", ...]


class AnyOf(msgspec.Struct, frozen=True):
    """Holds where some part holds."""

    spot: Location
    parts: tuple["Condition", ...]


class Not(msgspec.Struct, frozen=True):
    """Holds where its part does not."""

    spot: Location
    part: "Condition"


class Of(msgspec.Struct, frozen=True):
    """Asks a related resource; FALSE where there is none."""

    spot: Location
    relation: str
    part: "Condition"


class Is(msgspec.Struct, frozen=True):
    """A term: a condition that has a name."""

    spot: Location
    term: str


class Way(msgspec.Struct, frozen=True):
    """A named branch: evidence and remedies refer to it."""

    spot: Location
    name: str
    part: "Condition"


class Traffic(msgspec.Struct, frozen=True):
    """What `nsgAllows` asks about: TCP traffic to or from a service tag or prefix, on one port."""

    direction: str
    peer: Template
    port: int


class Comparison(msgspec.Struct, frozen=True):
    """A field against an operand: a JSON value whose strings are templates, a list of them, a `Traffic`."""

    spot: Location
    field: FieldPath
    operator: str
    operand: Any
    except_region: Template | None = None


class Count(msgspec.Struct, frozen=True):
    """How many related resources, or members of an array, satisfy `where`, against a number."""

    spot: Location
    relation: str | None
    field: FieldPath | None
    where: "Condition | None"
    operator: str
    operand: Any


Condition = AllOf | AnyOf | Not | Of | Is | Way | Comparison | Count


def inner(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that one is made of, in order; a term's stand with the term."""
    match condition:
        case AllOf(_, parts) | AnyOf(_, parts):
            return parts
        case Not(_, part) | Of(_, _, part) | Way(_, _, part):
            return (part,)
        case Count(where=where) if where is not None:
            return (where,)
        case _:
            return ()


class Term(msgspec.Struct, frozen=True):
    """A word that policies share."""

    name: str
    means: str
    resource: str
    """The lower-cased type it speaks of."""
    condition: Condition
    spot: Location
    role: str | None = None
    """What access tables, plans and tags diff ask the term for, whatever its name."""


class Parameter(msgspec.Struct, frozen=True):
    """A number, string or boolean that `--param ID.name=value` sets."""

    name: str
    type: str
    default: Any
    means: str


class Remedy(msgspec.Struct, frozen=True):
    """What to do about a fail; `az` has a command a line, repeated for each of `for_each`."""

    way: str | None
    text: Template
    az: tuple[Template, ...]
    for_each: str | None = None
    resource: str | None = None
    """The one type that it is for, in lower case, of a policy for several."""


class Reference(msgspec.Struct, frozen=True):
    """A document, and its date: the documents disagree in age."""

    title: str
    url: str
    date: str | None = None


class Policy(msgspec.Struct, frozen=True):
    """One practice: where `when` holds, `require` must."""

    id: str
    name: str
    title: str
    severity: Severity
    status: Status
    since: str
    resources: tuple[str, ...]
    """The types it judges, in ARM's spelling; the engine compares them lower-cased."""
    why: str
    when: Condition | None
    require: Condition
    messages: Mapping[str, Template]
    remediation: tuple[Remedy, ...]
    references: tuple[Reference, ...]
    parameters: Mapping[str, Parameter]
    exceptions: str | None
    spot: Location
    lines: Mapping[tuple[str | int, ...], int] = msgspec.field(default_factory=dict)
    """The line of each key by its place, such as `("messages", "fail")`."""
    role: str | None = None
    """What access tables, plans and tags diff ask the policy for, whatever its id."""
    plan: Settlement | None = None
    deploy: tuple[Deployment, ...] = ()
    mirrors: Mirror | None = None
    controls: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """By framework, the controls that the policy speaks to."""

    def at(self, key: str) -> Location:
        """Where a key (`messages.fail`) stands, or the one above it; the top of the file if neither does."""
        place = tuple(key.split("."))
        line = self.lines.get(place) or self.lines.get(place[:1]) or self.spot.line
        return Location(self.spot.file, line, key)

    def heading(self, remedy: Remedy) -> str | None:
        """The way that a remedy opens, or the type that it is for; None where it says neither."""
        spelled = {name.lower(): name.rpartition("/")[2] for name in self.resources}
        return remedy.way or (None if remedy.resource is None else spelled.get(remedy.resource))

    @property
    def types(self) -> tuple[str, ...]:
        """The lower-cased types it judges."""
        return tuple(resource.lower() for resource in self.resources)

    @property
    def topic(self) -> str:
        """The folder it lives in, such as tasks or trusted-services."""
        return self.spot.file.replace("\\", "/").rsplit("/", 2)[-2] if "/" in self.spot.file else ""

    @property
    def page(self) -> str:
        """Where the page about it lies in the repository."""
        return "/".join(part for part in ("policies", self.topic, f"{self.id}-{self.name}.md") if part)
