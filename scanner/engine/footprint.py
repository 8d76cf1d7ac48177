"""What a policy reads: where the same is read of two resources, the verdict and its grounds are the same.

A footprint is made from the conditions alone, once for each policy and type. What it finds on a resource is
a key: the values of the fields that may be asked, what stands for those that are missing, and the same of
all that its relations lead to. Of names and ids a key holds only which are the same.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanner.catalog.fields import resource_types
from scanner.catalog.relations import relations
from scanner.engine.cards import NAME, Cards
from scanner.engine.tokens import Names
from scanner.model.resource import Related, Resource, Unseen, parent_key
from scanner.policy.model import Comparison, Condition, Count, Is, Of, Term, Traffic, inner
from scanner.policy.paths import Key, Path
from scanner.policy.templates import Template

Reader = Callable[[Resource, "Read"], Hashable]
"""Reads a resource's key, and adds whom it leads to; None where what is read cannot be compared."""

IDENTITY: Names = ("id",)
SCHEME: Names = ("properties", "serviceScheme")
"""What says that an action was asked, whatever else it showed (`Lookup`)."""
_SPELLED_BY_ID = {("id",), ("name",), ("type",)}


@dataclass(slots=True)
class Footprint:
    """What is read of a resource of a type: fields by their names, and the footprints of its relations."""

    type: str
    fields: dict[Names, None] = field(default_factory=dict)
    relations: dict[str, "Footprint"] = field(default_factory=dict)

    def to(self, relation: str) -> "Footprint":
        """The footprint on those whom a relation leads to."""
        if relation not in self.relations:
            self.relations[relation] = Footprint(relations()[self.type][relation].type)
        return self.relations[relation]

    def add(self, path: Path, root: "Footprint") -> None:
        """A field, up to a name that is data, or all of an array; placeholders in it are the root's."""
        names: list[str] = []
        for segment in path.segments:
            if not isinstance(segment, str):
                break
            names.append(segment)
        self.add_names(tuple(names))
        for segment in path.segments:
            if isinstance(segment, Key):
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


def footprint_of(conditions: Iterable[Condition], resource_type: str, terms: Mapping[str, Term]) -> Footprint:
    """The footprint of conditions on a resource of a lower-cased type."""
    root = Footprint(resource_type)
    for condition in conditions:
        _walk(condition, root, root, terms, of_member=False)
    return root


def _walk(
    condition: Condition, at: Footprint, root: Footprint, terms: Mapping[str, Term], *, of_member: bool
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
                at.fields[NAME] = None  # a count says whom it counts
    for part in inner(condition):
        _walk(part, at, root, terms, of_member=of_member)


def _add_path(path: Path, at: Footprint, root: Footprint, *, of_member: bool) -> None:
    if of_member:  # the whole array is read already
        at = Footprint(at.type)
    at.add(path, root)


def _add_operand(operand: Any, root: Footprint) -> None:
    match operand:
        case Template():
            root.add_template(operand)
        case Traffic(peer=peer):
            root.add_template(peer)
        case tuple():
            for item in operand:
                _add_operand(item, root)


@dataclass(slots=True)
class Read:
    """The resources that were read, the one that is judged first."""

    resources: list[Resource]
    free: bool = False
    """Whether some were found by what rows say, and not only by where they lie: any may be any other then."""


def reader_of(footprint: Footprint, cards: Cards) -> Reader:
    """What reads a footprint's key of a resource; what has several rows has none."""
    own = cards.picks(footprint.type, tuple(footprint.fields))
    followed = [
        (name, relations()[footprint.type][name].kind not in _STRUCTURAL, reader_of(each, cards))
        for name, each in footprint.relations.items()
    ]
    if not followed:
        return lambda resource, _: own(resource)
    related = cards.world.related

    def with_relations(resource: Resource, read: Read) -> Hashable:
        key = own(resource)
        if key is None:
            return None
        parts = [key]
        for name, free, reads in followed:
            found = related(resource, name)
            if len(found.targets) > _MOST:
                return None
            read.free = read.free or (free and bool(found.targets))
            for target in found.targets:
                read.resources.append(target)
                key = reads(target, read)
                if key is None:
                    return None
                parts.append(key)
            parts.append(_bounds(found, resource))
        return tuple(parts)

    return with_relations


def _bounds(found: Related, asked: Resource) -> Hashable:
    """How many a relation leads to, and all that an account says of those who could not be seen."""
    if found.unseen is None and not found.possible:
        return len(found.targets)
    doubts = [_unseen(each, asked) for each in found.possible]
    if found.unseen is not None:
        doubts.append(("others", _unseen(found.unseen, asked)))
    return len(found.targets), *doubts


_MOST = 64
"""Resources of a relation: what has more is like nothing else."""
_STRUCTURAL = frozenset({"parent", "named"})
"""Relations to a registry from below it, and to its child of a name: who is whose is the same everywhere."""


def identities(resources: Sequence[Resource]) -> Hashable:
    """Which of some resources, and of what they lie below, are the same."""
    keys = [resource.key for resource in resources]
    keys += [parent_key(key) for key in keys]
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    return tuple([first[key] for key in keys])


def _unseen(unseen: Unseen, asked: Resource) -> Hashable:
    """All that an account says of what could not be seen."""
    need, row = unseen.need, unseen.row
    return (
        unseen.reason,
        unseen.help,
        unseen.optional,
        None if row is None else (row.source, row.api_version),
        None if need is None else (_place(need.of.lower(), asked.key), need.what, need.field),
    )


def _place(of: str, asked: str) -> str | int:
    """Where an id lies, seen from a resource: at it, right above it, or elsewhere."""
    return 0 if of == asked else 1 if of == parent_key(asked) else of
