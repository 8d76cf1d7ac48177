"""What a field is compared with: a constant, or a value that placeholders name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.engine.language.placeholders import PlaceholderValues
from scanner.engine.language.world import World
from scanner.model.resource import Answer, Resource, Unseen, Value, normal_location
from scanner.policy.templates import Placeholder, Template


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand of a policy, with the policy's parameters filled in."""

    world: World
    raw: Any
    parameters: Mapping[str, Any]
    constant: Value | None
    """Its value, where that is the same for every resource."""

    def value(self, root: Resource) -> Answer:
        """Its value for a resource; of a list without the items that are absent."""
        return self.constant or filled(self.raw, PlaceholderValues(self.world, root, self.parameters))


def operand_of(world: World, raw: Any, parameters: Mapping[str, Any]) -> Operand:
    """The operand as the parser left it: JSON whose strings are templates."""
    return Operand(world, raw, parameters, constant_of(raw, parameters))


def filled(raw: Any, filler: PlaceholderValues) -> Answer:
    """An operand with its placeholders filled."""
    match raw:
        case Template():
            return filler.value(raw)
        case tuple():
            items = [filled(item, filler) for item in raw]
            unseen = next((item for item in items if isinstance(item, Unseen)), None)
            return unseen or Value([item.value for item in items if isinstance(item, Value)])
        case _:
            return Value(raw)


def constant_of(raw: Any, parameters: Mapping[str, Any]) -> Value | None:
    """The value of an operand that names nothing but parameters; None where it depends on the resource."""
    match raw:
        case Template(parts):
            texts = [
                _parameter(part, parameters) if isinstance(part, Placeholder) else part for part in parts
            ]
            if None in texts:
                return None
            return Value(texts[0] if raw.sole else "".join(map(str, texts)))
        case tuple():
            items = [constant_of(item, parameters) for item in raw]
            known = [item.value for item in items if item is not None]
            return Value(known) if len(known) == len(items) else None
        case _:
            return Value(raw)


def normal_regions(operand: Any) -> Any:
    """Region names as a row's location compares: `East US` is `eastus`."""
    match operand:
        case str():
            return normal_location(operand)
        case list():
            return [normal_regions(item) for item in operand]
        case _:
            return operand


def _parameter(placeholder: Placeholder, parameters: Mapping[str, Any]) -> Any | None:
    first, _, name = placeholder.path.partition(".")
    return parameters.get(name) if first == "param" else None
