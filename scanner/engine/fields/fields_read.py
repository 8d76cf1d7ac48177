"""What a policy reads: the fields of a resource, and those of the resources that relations lead to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.catalog.fields import resource_types
from scanner.catalog.relations import relations
from scanner.policy.model import Comparison, Condition, Count, Is, Of, Term, Traffic, inner
from scanner.policy.paths import FieldKey, FieldPath
from scanner.policy.templates import Template

Names = tuple[str, ...]
"""A field of plain names: `("properties", "publicNetworkAccess")`."""

NAME: Names = ("name",)
IDENTITY: Names = ("id",)
SCHEME: Names = ("properties", "serviceScheme")
"""What says that an action was asked, whatever else it showed (`Lookup`)."""
_SPELLED_BY_ID = {("id",), ("name",), ("type",)}


@dataclass(slots=True)
class FieldsRead:
    """What is read of a resource of a type, and of the resources that its relations lead to."""

    type: str
    fields: dict[Names, None] = field(default_factory=dict)
    relations: dict[str, "FieldsRead"] = field(default_factory=dict)

    def to(self, relation: str) -> "FieldsRead":
        """What is read of the resources that a relation leads to."""
        if relation not in self.relations:
            self.relations[relation] = FieldsRead(relations()[self.type][relation].type)
        return self.relations[relation]

    def add(self, path: FieldPath, root: "FieldsRead") -> None:
        """A field, up to a name that is data, or all of an array; placeholders in it are the root's."""
        names: list[str] = []
        for segment in path.segments:
            if not isinstance(segment, str):
                break
            names.append(segment)
        self.add_names(tuple(names))
        for segment in path.segments:
            if isinstance(segment, FieldKey):
                root.add_template(segment.name)

    def add_names(self, names: Names) -> None:
        """A field of plain names."""
        if names:
            self.fields[IDENTITY if names in _SPELLED_BY_ID else names] = None
        known = resource_types().get(self.type)
        info = None if known is None else known.fields.get(".".join(names))
        if info is not None and info.action is not None:
            self.fields[SCHEME] = None

    def add_template(self, template: Template) -> None:
        """The fields that placeholders stand for."""
        for path in template.placeholders:
            first, _, rest = path.partition(".")
            if rest and first in relations().get(self.type, {}):
                self.to(first).add_names(tuple(rest.split(".")))
            elif first != "param":
                self.add_names(tuple(path.split(".")))


def fields_read_by(
    conditions: Iterable[Condition], resource_type: str, terms: Mapping[str, Term]
) -> FieldsRead:
    """What conditions read of a resource of a lower-cased type."""
    root = FieldsRead(resource_type)
    for condition in conditions:
        _walk(condition, root, root, terms, of_member=False)
    return root


def _walk(
    condition: Condition, at: FieldsRead, root: FieldsRead, terms: Mapping[str, Term], *, of_member: bool
) -> None:
    """Add what a condition reads of the one it is asked of, and of the one its placeholders speak of."""
    match condition:
        case Is(_, name):
            _walk(terms[name].condition, at, at, terms, of_member=False)
            return
        case Of(_, relation, part):
            _walk(part, at.to(relation), root, terms, of_member=False)
            return
        case Comparison(_, path, _, operand, region):
            _add_path(path, at, root, of_member=of_member)
            _add_operand(operand, root)
            _add_operand(region, root)
        case Count(_, relation, path, _, _, operand):
            _add_operand(operand, root)
            if path is not None:
                _add_path(path, at, root, of_member=of_member)
                of_member = True
            if relation is not None:
                at = at.to(relation)
                at.fields[NAME] = None  # a count names what it counts
    for part in inner(condition):
        _walk(part, at, root, terms, of_member=of_member)


def _add_path(path: FieldPath, at: FieldsRead, root: FieldsRead, *, of_member: bool) -> None:
    if of_member:  # the whole array is read already
        at = FieldsRead(at.type)
    at.add(path, root)


def _add_operand(operand: Any, root: FieldsRead) -> None:
    match operand:
        case Template():
            root.add_template(operand)
        case Traffic(peer=peer):
            root.add_template(peer)
        case tuple():
            for item in operand:
                _add_operand(item, root)
