"""What derived relations may ask, and how they read the objects in an answer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from scanner.engine.fields.tag_table import TagTable
from scanner.model.inventory import Inventory
from scanner.model.resource import Answer, Related, Resource, Unseen, Value


class RelationQueries(Protocol):
    """What a derived relation may ask of an inventory."""

    @property
    def inventory(self) -> Inventory: ...
    @property
    def tags(self) -> TagTable: ...
    def field(self, resource: Resource, path: str) -> Answer: ...
    def related(self, resource: Resource, relation: str) -> Related: ...
    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What is made once for the inventory, and known by its name then."""
        ...

    def having(self, resource_type: str, path: str, value: str) -> Related: ...
    def by_id(self, named: object, resource_type: str) -> Resource | Unseen | None: ...
    def proven(self, resource: Resource, resource_type: str) -> Unseen | None: ...
    def proven_anywhere(self, resource_type: str) -> Unseen | None: ...


def objects(answer: Answer) -> Iterator[Mapping[str, Any]]:
    """The objects of an array; nothing of what was not seen."""
    if isinstance(answer, Value) and isinstance(answer.value, list):
        yield from (item for item in answer.value if isinstance(item, dict))


def at(node: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The object at a path; an empty one where there is none."""
    for name in names:
        inner = node.get(name)
        node = inner if isinstance(inner, dict) else {}
    return node


def text(node: Mapping[str, Any], name: str) -> str:
    """A text in lower case; empty where there is none."""
    value = node.get(name)
    return value.lower() if isinstance(value, str) else ""
