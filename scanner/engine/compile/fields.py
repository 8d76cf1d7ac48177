"""Reading the field that a comparison asks for: of a resource, or of a member of one of its arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

import msgspec

from scanner.engine.compile.condition import Subject
from scanner.engine.fields.array_paths import expand_members, read_member, split_at_array
from scanner.engine.fields.lookup import LookupPath
from scanner.engine.language.placeholders import PlaceholderValues
from scanner.engine.language.world import World
from scanner.model.resource import Absent, Answer, Resource, Unseen, Value
from scanner.policy.paths import FieldKey, FieldPath, Segment
from scanner.policy.templates import Template


class Reading(msgspec.Struct, frozen=True):
    """A field with its names filled in, and what is known of it.

    `members` holds what each member says of a path with `[*]`, where the array itself was seen.
    """

    field: str
    answer: Answer
    members: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class FieldReader(Generic[Subject]):
    """Reads one path of a subject, with the names in its brackets filled in."""

    world: World
    path: FieldPath
    parameters: Mapping[str, Any]

    def read(self, subject: Subject, root: Resource) -> Reading:
        """What is known of the field."""
        path, fill = self.path, PlaceholderValues(self.world, root, self.parameters).text
        split = split_at_array(path, fill)
        if not isinstance(split, tuple):
            unseen = Unseen("a name in it is not known") if isinstance(split, Absent) else split
            return Reading(path.text, unseen)
        keys, tail = split
        if isinstance(subject, Resource):
            answer = self.world.look(subject, keys)
        else:
            answer = read_member(subject.value, list(_segments(keys)), fill)
        if not tail:
            return Reading(_spelled(keys) if keys.bracketed else path.text, answer)
        if not isinstance(answer, Value):
            return Reading(path.text, answer)
        if not isinstance(answer.value, list):
            return Reading(path.text, Unseen("it is no array", None, answer.row))
        return Reading(path.text, answer, expand_members(answer.value, tail, fill))


def plain_names(path: FieldPath) -> tuple[str, ...] | None:
    """The names of a field that lies in an object of the row; None for any other path.

    A name, an id or a type that the row leaves out is known from the resource's own id, and a region is
    written in several ways: what one row's silence means there says nothing of the next row's.
    """
    plain = not path.named and not path.many and len(path.segments) > 1
    return tuple(str(segment) for segment in path.segments) if plain else None


def array_names(path: FieldPath) -> tuple[tuple[str, ...], Sequence[Segment]] | None:
    """The names of the array at a path with `[*]`, and the rest of the path; None if names are filled in."""
    split = None if path.named else split_at_array(path, lambda _: Absent())
    return (split[0].names, split[1]) if isinstance(split, tuple) and split[1] else None


def raw_value(resource: Resource, names: Sequence[str]) -> Any:
    """What a resource's best row holds at a path of plain names; None where it holds nothing there."""
    node: Any = resource.rows[0].body
    for name in names:
        if node.__class__ is not dict:
            return None
        node = node.get(name)
    return node


def _segments(keys: LookupPath) -> Iterator[Segment]:
    """The filled path again, with its bracketed names marked: they compare without case."""
    for index, name in enumerate(keys.names):
        yield FieldKey(Template((name,))) if index in keys.bracketed else name


def _spelled(keys: LookupPath) -> str:
    text = ""
    for index, name in enumerate(keys.names):
        text += f"[{name}]" if index in keys.bracketed else f".{name}" if text else name
    return text
