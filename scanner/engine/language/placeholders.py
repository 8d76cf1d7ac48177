"""Placeholders: the values behind `{registry.properties.loginServer}` and `{param.widest}`."""

import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from scanner.catalog.relations import relations
from scanner.engine.fields.lookup import plain_keys
from scanner.engine.language.world import World
from scanner.model.resource import Absent, Answer, Resource, Unseen, Value
from scanner.policy.templates import Placeholder, Template


class PlaceholderValues(msgspec.Struct, frozen=True):
    """Fills templates relative to one resource; `words` are extra placeholders such as `{way}`."""

    world: World
    root: Resource
    parameters: Mapping[str, Any]
    words: Mapping[str, str] = msgspec.field(default_factory=dict)

    def value(self, template: Template) -> Answer:
        """The value of a template: a sole placeholder keeps its type; others make a text."""
        texts: list[str] = []
        for part in template.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            answer = self.answer(part.path)
            if not isinstance(answer, Value) or len(template.parts) == 1:
                return answer
            texts.append(str(answer.value))
        return Value("".join(texts))

    def text(self, template: Template) -> str | Unseen | Absent:
        """The value of a template as a text, or why it has none."""
        answer = self.value(template)
        return str(answer.value) if isinstance(answer, Value) else answer

    def answer(self, path: str) -> Answer:
        """What a placeholder stands for."""
        if path in self.words:
            return Value(self.words[path])
        first, rest, is_relation = _parted(path, self.root.type)
        if first == "param" and rest in self.parameters:
            return Value(self.parameters[rest])
        if is_relation:
            related = self.world.related(self.root, first)
            match related.targets:
                case (target,):
                    return self._field(target, rest)
                case _:
                    return related.unseen or next(iter(related.uncertain), Absent())
        return self._field(self.root, path)

    def _field(self, resource: Resource, path: str) -> Answer:
        plain = _PLAIN.get(path)
        if plain is not None:
            return Value(plain(resource))
        return self.world.look(resource, plain_keys(path))


def sentence(template: Template) -> "Words":
    """A message: what cannot be filled stays visible as `<subnet id>`."""
    return _words(template, str)


def command(template: Template) -> "Words":
    """A shell command: every value is quoted."""
    return _words(template, shlex.quote)


def _words(template: Template, quote: Callable[[str], str]) -> "Words":
    parts = [part if isinstance(part, str) else _word(part, quote) for part in template.parts]
    return lambda fill: "".join([part if isinstance(part, str) else part(fill) for part in parts])


def _word(placeholder: Placeholder, quote: Callable[[str], str]) -> "Words":
    path, unfilled = placeholder.path, quote(placeholder.words)
    plain = _PLAIN.get(path)
    if plain is not None:
        return lambda fill: quote(plain(fill.root))

    def word(fill: PlaceholderValues) -> str:
        answer = fill.answer(path)
        return quote(str(answer.value)) if isinstance(answer, Value) else unfilled

    return word


@lru_cache(maxsize=4096)
def _parted(path: str, root_type: str) -> tuple[str, str, bool]:
    """The first name of a path, the rest, and whether the first is a relation of a type."""
    first, _, rest = path.partition(".")
    return first, rest, bool(rest) and first in relations().get(root_type, {})


_PLAIN: Mapping[str, Callable[[Resource], str]] = {
    "id": lambda resource: resource.id,
    "name": lambda resource: resource.name,
}
"""What every resource has, even where a row lacks it."""
Words = Callable[[PlaceholderValues], str]
"""A template that is ready to be filled."""
