"""What an evaluation may ask. A scan asks an inventory, a policy's case the rows that it names."""

from typing import Protocol

from scanner.engine.fields.lookup import LookupPath, RowProfile
from scanner.engine.fields.tag_table import TagTable
from scanner.model.resource import Answer, Related, Resource


class World(Protocol):
    """The resources that policies are judged on."""

    @property
    def tags(self) -> TagTable:
        """The service tags, as the inventory's cloud may use them."""
        ...

    def look(self, resource: Resource, keys: LookupPath) -> Answer:
        """What is known of a field."""
        ...

    def shape(self, resource: Resource) -> RowProfile | None:
        """All that says what a field means that is missing; None where the resource is a case of its own."""
        ...

    def related(self, resource: Resource, relation: str) -> Related:
        """What is known of the resources that a relation leads to."""
        ...
