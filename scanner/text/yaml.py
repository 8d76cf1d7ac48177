"""YAML as policies write it: the 1.2 core, so that no value changes its meaning on the way.

PyYAML's own loaders read `no` as false, `2023-07-01` as a date, and keep the last of two equal keys.
"""

import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import msgspec
import yaml

from scanner.errors import Problem

DEPTH = 50
NODES = 100_000

_TOO_DEEP = f"nested deeper than {DEPTH} levels"

_AHEAD = 1024
"""Characters of a line that a YAML reader takes in before it knows whether they are a key."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NUMERIC = frozenset("+-.0123456789")
_WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}

DocumentPath = tuple[str | int, ...]


class Document(msgspec.Struct, frozen=True):
    """A YAML file's data, and the line of each place in it."""

    file: str
    data: Any
    lines: Mapping[DocumentPath, int]

    def line(self, place: DocumentPath) -> int:
        """The line of a place, or of the nearest thing around it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: DocumentPath, message: str) -> Problem:
        """Something wrong at a place."""
        return Problem(self.file, self.line(place), spelled(place), message)


class YamlError(Exception):
    """A text that is no YAML as policies write it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def spelled(place: DocumentPath) -> str:
    """A place as a person writes it: `require.allOf[0].field`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """A value in an error message: short, and on one line."""
    match value:
        case None:
            return "nothing"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case _:
            text = json.dumps(value, ensure_ascii=True)
            return text if len(text) <= 60 else f"{text[:57]}…"


def parse_yaml(text: str, file: str) -> Document:
    """The one document of a text; YamlError where it is none."""
    try:
        builder = _Builder(file, iter(_LOADER(text).get_event, None))
        data = builder.document()
    except yaml.YAMLError as error:
        message = getattr(error, "problem", None) or str(error).splitlines()[0]
        said = _TOO_DEEP if _is_too_deep(error, text) else f"not YAML: {message}"
        raise YamlError(Problem(file, _line_of(error, text), "", said)) from error
    return Document(file, data, builder.lines)


class _Builder(msgspec.Struct):
    """Builds data from parser events, with a bound on depth and on what aliases unfold to."""

    file: str
    events: Iterator[Any]
    lines: dict[DocumentPath, int] = msgspec.field(default_factory=dict)
    anchors: dict[str, tuple[Any, int]] = msgspec.field(default_factory=dict)
    nodes: int = 0

    def document(self) -> Any:
        next(self.events)  # stream start
        if isinstance(event := next(self.events), yaml.StreamEndEvent):
            raise self._error(event, "the file is empty")
        data = self._node(next(self.events), ())
        next(self.events)  # document end
        if not isinstance(event := next(self.events), yaml.StreamEndEvent):
            raise self._error(event, "a second document starts here; one file holds one")
        return data

    def _node(self, event: Any, place: DocumentPath) -> Any:
        self.lines.setdefault(place, _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self.nodes
        self._count(event, 1)
        if len(place) > DEPTH:
            raise self._error(event, _TOO_DEEP)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.implicit[1]):
            raise self._error(event, f"the tag {event.tag} has no place here; write plain values")
        data = self._data(event, place)
        if event.anchor is not None:
            self.anchors[event.anchor] = data, self.nodes - before
        return data

    def _data(self, event: Any, place: DocumentPath) -> Any:
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event)
            case yaml.SequenceStartEvent():
                return list(self._items(place))
            case _:
                return self._mapping(place)

    def _items(self, place: DocumentPath) -> Iterator[Any]:
        index = 0
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self._node(event, (*place, index))
            index += 1

    def _mapping(self, place: DocumentPath) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event, "a key is a plain word")
            if event.value == "<<" and event.implicit[0]:
                raise self._error(event, "the merge key << has no place here; write the keys out")
            if event.value in members:
                raise self._error(event, f"the key {event.value!r} stands here twice")
            inner = (*place, event.value)
            self.lines[inner] = _line(event)
            members[event.value] = self._node(next(self.events), inner)
        return members

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _NUMERIC:
            return text
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) and isfinite(float(text)) else text

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise self._error(event, f"*{event.anchor} names no anchor above it")
        data, size = self.anchors[event.anchor]
        self._count(event, size)
        return data

    def _count(self, event: Any, size: int) -> None:
        self.nodes += size
        if self.nodes > NODES:
            raise self._error(event, f"more than {NODES:,} values; aliases unfold to too much")

    def _error(self, event: Any, message: str) -> YamlError:
        return YamlError(Problem(self.file, _line(event), "", message))


def _is_too_deep(error: yaml.YAMLError, text: str) -> bool:
    """Whether the reader stopped where more brackets are open than we allow.

    libyaml has a limit of its own since PyYAML 6.0.4. It reads ahead, and so stops before we see a single
    level. What it says may change with its version; the text does not.
    """
    mark: Any = getattr(error, "problem_mark", None)
    if mark is None:
        return False
    ahead = text[max(0, mark.index - _AHEAD) : mark.index]
    return sum(map(ahead.count, "[{")) - sum(map(ahead.count, "]}")) > DEPTH


def _line_of(error: yaml.YAMLError, text: str) -> int:
    """The line of an error: its mark's, or that of the character that no YAML may hold."""
    mark: Any = getattr(error, "problem_mark", None)
    if mark is not None:
        line: int = mark.line
        return line + 1
    return text.partition(chr(getattr(error, "character", 0)))[0].count("\n") + 1


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1
