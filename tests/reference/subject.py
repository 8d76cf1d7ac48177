"""Whom a condition speaks of: a resource, or a member of one of its arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scanner.engine.fields.array_paths import expand_members, read_member, split_at_array
from scanner.engine.fields.lookup import LookupPath
from scanner.engine.language.placeholders import PlaceholderValues
from scanner.engine.language.world import World
from scanner.model.resource import Absent, Answer, Resource, Unseen, Value
from scanner.policy.paths import FieldKey, FieldPath, Segment
from scanner.policy.templates import Template


@dataclass(frozen=True, slots=True)
class Asked:
    """A field with its names filled in, and what is known of it.

    `members` holds what each member says of a path with `[*]`, where the array itself was seen.
    """

    field: str
    answer: Answer
    members: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource, or with `member` set a member of its arrays, and what fills placeholders."""

    world: World
    resource: Resource
    fill: PlaceholderValues
    member: Value | None = None

    def of(self, target: Resource) -> "Subject":
        """A related resource; placeholders stay those of the policy's or term's own resource."""
        return Subject(self.world, target, self.fill)

    def at(self, member: Value) -> "Subject":
        """A member of one of the resource's arrays."""
        return Subject(self.world, self.resource, self.fill, member)

    def ask(self, path: FieldPath) -> Asked:
        """What is known of a field."""
        parted = split_at_array(path, self.fill.text)
        if not isinstance(parted, tuple):
            return Asked(
                path.text, Unseen("a name in it is not known") if isinstance(parted, Absent) else parted
            )
        keys, tail = parted
        answer = self._look(keys)
        if not tail:
            return Asked(_spelled(keys) if keys.bracketed else path.text, answer)
        if not isinstance(answer, Value):
            return Asked(path.text, answer)
        if not isinstance(answer.value, list):
            return Asked(path.text, Unseen("it is no array", None, answer.row))
        return Asked(path.text, answer, expand_members(answer.value, tail, self.fill.text))

    def _look(self, keys: LookupPath) -> Answer:
        if self.member is not None:
            return read_member(self.member.value, list(_segments(keys)), self.fill.text)
        return self.world.look(self.resource, keys)


def _segments(keys: LookupPath) -> Iterator[Segment]:
    """The filled path again, with its bracketed names marked: they compare without case."""
    for index, name in enumerate(keys.names):
        yield FieldKey(Template((name,))) if index in keys.bracketed else name


def _spelled(keys: LookupPath) -> str:
    text = ""
    for index, name in enumerate(keys.names):
        text += f"[{name}]" if index in keys.bracketed else f".{name}" if text else name
    return text
