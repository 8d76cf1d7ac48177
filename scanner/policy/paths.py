"""Dotted ARM paths: `properties.networkRuleSet.ipRules[*].value`, `…customRegistries[{…}].identity`."""

import re

import msgspec

from scanner.policy.templates import Template


class ArrayMembers(msgspec.Struct, frozen=True):
    """`[*]`: every member of an array."""


class FieldKey(msgspec.Struct, frozen=True):
    """`[name]`: a member of an object whose name is data; it may hold placeholders and dots."""

    name: Template


Segment = str | ArrayMembers | FieldKey

_SEGMENT = re.compile(r"\.?([A-Za-z_$][\w$-]*)|\[(\*)\]|\[((?:[^\[\]{}]|\{[^{}]*\})+)\]")


class FieldPath(msgspec.Struct, frozen=True):
    """A path as written, and its segments."""

    text: str
    segments: tuple[Segment, ...]
    named: bool
    """Whether it has a named key, which may hold placeholders."""
    many: bool
    """Whether it speaks of the members of an array."""

    @property
    def pattern(self) -> str:
        """The path as the catalogue lists it: with `[*]` for members and for named keys."""
        parts = [segment if isinstance(segment, str) else "[*]" for segment in self.segments]
        return ".".join(parts).replace(".[*]", "[*]")


def parse_path(text: str) -> FieldPath:
    """The path of a text; ValueError where the text is none."""
    segments: list[Segment] = []
    position = 0
    while position < len(text):
        found = _SEGMENT.match(text, position)
        if found is None or (not segments and text[position] in ".["):
            raise ValueError(f"{text!r} is no path; write it like properties.networkRuleSet.ipRules[*].value")
        name, star, key = found.groups()
        if name is not None:
            if segments and text[position] != ".":
                raise ValueError(f"{text!r} is no path; a dot is missing before {name!r}")
            segments.append(name)
        else:
            segments.append(ArrayMembers() if star else FieldKey(Template.parse(key)))
        position = found.end()
    if not segments:
        raise ValueError("an empty text is no path")
    named = any(isinstance(segment, FieldKey) for segment in segments)
    many = any(isinstance(segment, ArrayMembers) for segment in segments)
    return FieldPath(text, tuple(segments), named, many)
