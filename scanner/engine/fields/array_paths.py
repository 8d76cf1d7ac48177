"""Paths inside values: the members of arrays, and named keys."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from scanner.engine.fields.lookup import LookupPath, member
from scanner.model.resource import Absent, Answer, Unseen, Value
from scanner.policy.paths import ArrayMembers, FieldKey, FieldPath, Segment
from scanner.policy.templates import Template

Fill = Callable[[Template], str | Unseen | Absent]
"""The text of a template, or why it has none."""


def split_at_array(path: FieldPath, fill: Fill) -> tuple[LookupPath, Sequence[Segment]] | Unseen | Absent:
    """The part of a path that a row answers, with its names filled in, and what is left from `[*]` on."""
    return _filled(path, fill) if path.named else _plain(path)


@lru_cache(maxsize=4096)
def _plain(path: FieldPath) -> tuple[LookupPath, Sequence[Segment]] | Unseen | Absent:
    return _filled(path, lambda _: Absent())


def _filled(path: FieldPath, fill: Fill) -> tuple[LookupPath, Sequence[Segment]] | Unseen | Absent:
    names: list[str] = []
    pattern: list[str] = []
    bracketed: set[int] = set()
    for position, segment in enumerate(path.segments):
        match segment:
            case ArrayMembers():
                return LookupPath(tuple(names), tuple(pattern), frozenset(bracketed)), path.segments[
                    position:
                ]
            case FieldKey(name):
                filled = fill(name)
                if not isinstance(filled, str):
                    return filled
                bracketed.add(len(names))
                names.append(filled)
                pattern.append("[*]")
            case _:
                names.append(segment)
                pattern.append(segment)
    return LookupPath(tuple(names), tuple(pattern), frozenset(bracketed)), ()


def expand_members(value: Any, tail: Sequence[Segment], fill: Fill) -> Sequence[Answer]:
    """What each member of an array says of the rest of a path that starts with `[*]`."""
    if not isinstance(value, list):
        return [Unseen("it is no array")]
    rest = tail[1:]
    cut = next((index for index, segment in enumerate(rest) if isinstance(segment, ArrayMembers)), len(rest))
    near = rest[:cut]
    answers: list[Answer] = []
    for item in value:
        answer = read_member(item, near, fill)
        if cut == len(rest):
            answers.append(answer)
        elif isinstance(answer, Value):
            answers += expand_members(answer.value, rest[cut:], fill)
        elif isinstance(answer, Unseen):
            answers.append(answer)
    return answers


def read_member(item: Any, segments: Sequence[Segment], fill: Fill) -> Answer:
    """What a member says of a path: a key that it lacks is Absent."""
    node = item
    for segment in segments:
        if not isinstance(node, dict):
            return Unseen("a member is no object")
        if isinstance(segment, str):
            node = node.get(segment)
        else:
            name = fill(segment.name) if isinstance(segment, FieldKey) else None
            if not isinstance(name, str):
                return name or Unseen("an array stands inside of it")
            _, node = member(node, name, loose=True)
        if node is None or node == "":
            return Absent()
    return Value(node)
