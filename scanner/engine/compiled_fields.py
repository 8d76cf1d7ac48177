"""Comparisons of a field with a constant, compiled: rows are read directly, silence is asked once a shape."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.engine.lookup import Keys
from scanner.engine.operators import OPERATORS
from scanner.engine.world import World
from scanner.model.resource import Absent, Answer, Resource, Unseen, Value
from scanner.model.truth import Truth
from scanner.policy.operators import NEGATIVES
from scanner.policy.paths import Path
from scanner.policy.templates import Placeholder, Template

NO, MAYBE, YES = 0, 1, 2
"""FALSE, UNKNOWN and TRUE as numbers: and is the least, or the greatest, not the rest to YES."""

Test = Callable[[Resource, Resource], int]
"""A resource, and the one that placeholders speak of."""

_REMEMBERED = 4096
"""How many values a comparison remembers the truth of."""


def code(truth: Truth) -> int:
    """A truth as a number."""
    return YES if truth is Truth.TRUE else NO if truth is Truth.FALSE else MAYBE


def constant(operand: Any, parameters: Mapping[str, Any]) -> Value | None:
    """The value of an operand that is the same for every resource; None where it is not."""
    match operand:
        case Template(parts):
            texts = [
                _parameter(part, parameters) if isinstance(part, Placeholder) else part for part in parts
            ]
            if None in texts:
                return None
            return Value(texts[0] if operand.sole else "".join(map(str, texts)))
        case tuple():
            items = [constant(item, parameters) for item in operand]
            known = [item.value for item in items if item is not None]
            return Value(known) if len(known) == len(items) else None
        case _:
            return Value(operand)


def inner_names(path: Path) -> tuple[str, ...] | None:
    """The names of a field that lies in an object of the row; None for any other.

    A name, an id or a type that the row leaves out is told by the resource's own id, and a region is
    written in several ways: what holds of one resource there says nothing of the next.
    """
    plain = not path.named and not path.many and len(path.segments) > 1
    return tuple(str(segment) for segment in path.segments) if plain else None


def _parameter(placeholder: Placeholder, parameters: Mapping[str, Any]) -> Any | None:
    first, _, name = placeholder.path.partition(".")
    return parameters.get(name) if first == "param" else None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of plain names, against a constant."""

    world: World
    names: tuple[str, ...]
    operator: str
    operand: Any

    def test(self) -> Test:
        """The comparison on a resource."""
        names, says, of_value = self.names, self._says, self._of_value()
        look, shape_of, keys = self.world.look, self.world.shape, Keys(names, names)
        silent: dict[tuple[object, int, bool], int] = {}

        def test(resource: Resource, _: Resource) -> int:
            node: Any = resource.rows[0].body
            depth = 0
            for name in names:
                if node.__class__ is not dict:
                    return says(look(resource, keys), of_value)
                inner = node.get(name)
                if inner is None or inner == "":
                    held = inner is None and name in node
                    break
                node = inner
                depth += 1
            else:
                return of_value(node)
            shape = shape_of(resource)
            if shape is None:
                return says(look(resource, keys), of_value)
            place = (shape, depth, held)
            truth = silent.get(place)
            if truth is None:
                truth = silent[place] = says(look(resource, keys), of_value)
            return truth

        return test

    def member_test(self) -> Callable[[Any, Resource, Resource], int]:
        """The comparison on a member of an array."""
        names, says, of_value = self.names, self._says, self._of_value()
        silent = says(Absent(), of_value)

        def test(item: Any, _: Resource, __: Resource) -> int:
            node = item
            for name in names:
                if node.__class__ is not dict:
                    return MAYBE
                node = node.get(name)
                if node is None or node == "":
                    return silent
            return of_value(node)

        return test

    def _says(self, answer: Answer, of_value: Callable[[Any], int]) -> int:
        match answer:
            case Unseen():
                return MAYBE
            case Value(value, assumed=assumed):
                if self.operator == "exists":
                    return YES if self.operand is not assumed else NO
                return of_value(value)
            case _:
                if self.operator == "exists":
                    return NO if self.operand else YES
                return YES if self.operator in NEGATIVES else NO

    def _of_value(self) -> Callable[[Any], int]:
        """The truth of a value that is there."""
        operand = self.operand
        if self.operator == "exists":
            return lambda _: YES if operand is True else NO
        compare = OPERATORS[NEGATIVES.get(self.operator, self.operator)]
        negative = self.operator in NEGATIVES
        known: dict[tuple[type, Any], int] = {}

        def of_value(value: Any) -> int:
            if value.__class__ is list or value.__class__ is dict:
                return judged(value)
            place = (value.__class__, value)
            truth = known.get(place)
            if truth is None:
                truth = judged(value)
                if len(known) < _REMEMBERED:
                    known[place] = truth
            return truth

        def judged(value: Any) -> int:
            truth = code(compare(value, operand))
            return YES - truth if negative else truth

        return of_value


def reader(names: Sequence[str]) -> Callable[[Resource], Any]:
    """Reads a field of plain names from a resource's best row; None where that does not show it."""

    def read(resource: Resource) -> Any:
        node: Any = resource.rows[0].body
        for name in names:
            if node.__class__ is not dict:
                return None
            node = node.get(name)
        return node

    return read
