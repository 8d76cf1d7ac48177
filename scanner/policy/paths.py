"""Dotted ARM paths: `properties.networkRuleSet.ipRules[*].value`, `…customRegistries[{…}].identity`."""

import re
from dataclasses import dataclass, field

from scanner.policy.templates import Template


@dataclass(frozen=True, slots=True)
class Members:
    """`[*]`: every member of an array."""


@dataclass(frozen=True, slots=True)
class Key:
    """`[name]`: a member of an object whose name is data; it may hold placeholders and dots."""

    name: Template


Segment = str | Members | Key

_SEGMENT = re.compile(r"\.?([A-Za-z_$][\w$-]*)|\[(\*)\]|\[((?:[^\[\]{}]|\{[^{}]*\})+)\]")


@dataclass(frozen=True, slots=True)
class Path:
    """A path as written, and its segments."""

    text: str
    segments: tuple[Segment, ...]
    named: bool = field(init=False)
    """Whether it has a named key, which may hold placeholders."""
    many: bool = field(init=False)
    """Whether it speaks of the members of an array."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", any(isinstance(segment, Key) for segment in self.segments))
        object.__setattr__(self, "many", any(isinstance(segment, Members) for segment in self.segments))

    @property
    def pattern(self) -> str:
        """The path as the catalogue lists it: with `[*]` for members and for named keys."""
        parts = [segment if isinstance(segment, str) else "[*]" for segment in self.segments]
        return ".".join(parts).replace(".[*]", "[*]")


def parse_path(text: str) -> Path:
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
            segments.append(Members() if star else Key(Template.parse(key)))
        position = found.end()
    if not segments:
        raise ValueError("an empty text is no path")
    return Path(text, tuple(segments))
