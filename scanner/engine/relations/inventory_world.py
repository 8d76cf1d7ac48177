"""Relations over an inventory: whom a resource leads to, and whether that is all there is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from scanner.catalog.fields import resource_types
from scanner.catalog.relations import Relation, relations
from scanner.engine.fields.array_paths import expand_members, split_at_array
from scanner.engine.fields.lookup import AT_HAND, Lookup, LookupPath, RowProfile, plain_keys
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.relation_registry import DERIVED_RELATIONS
from scanner.model.inventory import Inventory
from scanner.model.resource import (
    Absent,
    Answer,
    Related,
    RequiredRead,
    Resource,
    Unseen,
    Value,
    parent_key,
)
from scanner.model.store import ResourceIndex
from scanner.policy.paths import parse_path


@dataclass(slots=True)
class InventoryWorld:
    """An inventory as policies ask about it (the `World` of a scan)."""

    inventory: Inventory
    tags: TagTable
    lookup: Lookup = field(init=False)
    _known: dict[tuple[str, str], Related] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)
    _indexes: dict[tuple[str, str], "_Index"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lookup = Lookup(self.inventory)

    def look(self, resource: Resource, keys: LookupPath) -> Answer:
        """What the rows say of a field."""
        return self.lookup.look(resource, keys)

    def shape(self, resource: Resource) -> RowProfile | None:
        """All that says what a missing field means."""
        return self.lookup.shape(resource)

    def related(self, resource: Resource, relation: str) -> Related:
        """What the inventory says of a relation."""
        known = self._known.get((resource.key, relation))
        if known is None:
            if len(self._known) >= AT_HAND:
                self._known.clear()
            known = self._resolve(resource, relations()[resource.type][relation])
            self._known[resource.key, relation] = known
        return known

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What is made once for the inventory, and known by its name then."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def field(self, resource: Resource, path: str) -> Answer:
        """What the rows say of a field without brackets; Unseen where it is not what the catalogue says."""
        answer = self.look(resource, plain_keys(path))
        if isinstance(answer, Value) and (odd := _odd(resource.type, path, answer.value)) is not None:
            return Unseen(f"{path} of {resource.name} {odd}", None, answer.row)
        return answer

    def members(self, resource: Resource, path: str) -> Sequence[Answer] | Unseen:
        """What each member at a path with `[*]` says; Unseen where the array is."""
        parted = split_at_array(parse_path(path), lambda _: Absent())
        if not isinstance(parted, tuple):
            raise TypeError(f"{path} has a named key")
        array = self.look(resource, parted[0])
        match array:
            case Value(value):
                return expand_members(value, parted[1], lambda _: Absent())
            case Absent():
                return ()
            case _:
                return array

    def proven(self, resource: Resource, resource_type: str) -> Unseen | None:
        """None where all resources of a type in a resource's subscription are here; else why not."""
        gap = self.inventory.gap(resource_type, resource.key)
        if gap is not None:
            return Unseen(gap.reason, gap.help)
        if not self.inventory.collects(resource_type):
            return Unseen(f"{spelled(resource_type)} was not collected")
        return None

    def proven_anywhere(self, resource_type: str) -> Unseen | None:
        """None where all resources of a type in the scanned scope are here; else why not."""
        gap = self.inventory.gap_anywhere(resource_type)
        if gap is not None:
            return Unseen(gap.reason, gap.help)
        if not self.inventory.collects(resource_type):
            return Unseen(f"{spelled(resource_type)} was not collected")
        return None

    def _resolve(self, resource: Resource, relation: Relation) -> Related:
        match relation.kind:
            case "parent":
                return self._parent(resource, relation)
            case "children":
                unseen = self._unlisted(resource, resource, relation)
                below = self.inventory.children(_folder(resource, relation.type), relation.type)
                return Related(below, unseen=unseen)
            case "named":
                return self._named(resource, relation)
            case "ids":
                return self._by_ids(resource, relation)
            case "search":
                return self._search(resource, relation)
            case _:
                return DERIVED_RELATIONS[relation.name](self, resource)

    def _parent(self, resource: Resource, relation: Relation) -> Related:
        """The parent is never absent: no row of it means that it was not seen."""
        parent = self.inventory.get(parent_key(resource.key))
        if parent is not None and parent.type == relation.type:
            return Related((parent,))
        gap = self.inventory.gap(relation.type, resource.key)
        reason = f"no row of the {relation.name} was collected" if gap is None else gap.reason
        need = RequiredRead(parent_key(resource.id), "self")
        return Related(unseen=Unseen(reason, None if gap is None else gap.help, need=need))

    def _unlisted(self, resource: Resource, parent: Resource, relation: Relation) -> Unseen | None:
        """Why there may be more children than those here; None where something proves that there are not."""
        proof = relation.list or relation.also
        if proof is not None and self.inventory.listed(parent.key, proof):
            return None
        if relation.list is None:
            return self.proven(resource, relation.type)
        gap = self.inventory.gap(relation.type, parent.key)
        if gap is not None:
            return Unseen(gap.reason, gap.help)
        need = RequiredRead(parent.id, relation.list)
        help_ = "scan with --arm-reads auto"
        whose = f"its {relation.list}" if parent is resource else f"{relation.list} of its registry"
        return Unseen(f"{whose} were not listed", help_, need=need)

    def _named(self, resource: Resource, relation: Relation) -> Related:
        answer = self.field(resource, relation.by or "name")
        match answer:
            case Value(str(name)):
                parent = parent_key(resource.key)
                for child in self.inventory.children(parent, relation.type):
                    if child.name.lower() == name.lower():
                        return Related((child,))
                registry = self.inventory.get(parent)
                if registry is None:
                    return Related(unseen=Unseen(f"{relation.list} of its registry were not listed"))
                return Related(unseen=self._unlisted(resource, registry, relation))
            case Unseen():
                return Related(unseen=answer)
            case _:
                return Related()

    def _by_ids(self, resource: Resource, relation: Relation) -> Related:
        ids = self.members(resource, relation.by or "id")
        if isinstance(ids, Unseen):
            return Related(unseen=ids)
        targets, uncertain = [], []
        for named in ids:
            target = self.by_id(named.value if isinstance(named, Value) else None, relation.type)
            if isinstance(target, Resource):
                targets.append(target)
            elif isinstance(target, Unseen):
                uncertain.append(target)
        return Related(tuple(targets), tuple(uncertain))

    def by_id(self, named: object, resource_type: str) -> Resource | Unseen | None:
        """The resource that an id names; None where it is proven gone; else why it could not be seen."""
        if not isinstance(named, str):
            return Unseen("an id is no text")
        key = named.lower()
        found = self.inventory.get(key)
        if found is not None:
            return found
        if not self.inventory.inside(key):
            return Unseen(f"{named.rsplit('/', 1)[-1]} lies outside of the scanned subscriptions")
        gap = self.inventory.gap(resource_type, key)
        if gap is not None:
            return Unseen(gap.reason, gap.help)
        return (
            None
            if self.inventory.collects(resource_type)
            else Unseen(f"{spelled(resource_type)} was not collected")
        )

    def _search(self, resource: Resource, relation: Relation) -> Related:
        """Those in the scanned scope whose field names this resource."""
        wanted = self.field(resource, relation.equals or "id")
        if not isinstance(wanted, Value):
            return Related(unseen=Unseen(f"{relation.equals} of {resource.name} could not be seen"))
        return self.having(relation.type, relation.by or "id", str(wanted.value))

    def having(self, resource_type: str, path: str, value: str) -> Related:
        """Those of a type in the scanned scope whose field has a value, whatever its case."""
        place = (resource_type, path)
        if place not in self._indexes:
            self._indexes[place] = self._index(*place)
        index = self._indexes[place]
        targets = index.targets(value.lower())
        return Related(targets, index.uncertain, self.proven_anywhere(resource_type))

    def _index(self, resource_type: str, path: str) -> "_Index":
        uncertain = list[Unseen]()

        def values() -> Iterator[tuple[str, Resource]]:
            for resource in self.inventory.of_type(resource_type):
                answer = self.field(resource, path)
                if isinstance(answer, Value) and isinstance(answer.value, str):
                    yield answer.value.lower(), resource
                elif not isinstance(answer, Absent):
                    uncertain.append(Unseen(f"{path} of {resource.name} could not be seen"))

        return _Index(self.inventory.index_by(values()), tuple(uncertain))


@dataclass(frozen=True, slots=True)
class _Index:
    """The resources of a type by a field's lower-cased value, and those whose field was not seen."""

    targets: ResourceIndex
    uncertain: tuple[Unseen, ...]


def _odd(resource_type: str, path: str, value: object) -> str | None:
    """What is wrong with a value that derived relations read; None where its type is the catalogue's."""
    kind, holds_objects = _shape(resource_type, path)
    if kind is not None and not isinstance(value, kind):
        return f"is no {_KINDS[kind]}"
    if holds_objects and isinstance(value, list) and not all(isinstance(item, dict) for item in value):
        return "holds what is no object"
    return None


_KINDS: Mapping[type, str] = {str: "text", list: "array", dict: "object"}
_TYPES: Mapping[str, type] = {"string": str, "array": list, "object": dict}


@lru_cache(maxsize=1024)
def _shape(resource_type: str, path: str) -> tuple[type | None, bool]:
    """The type that a field has to have, if it matters, and whether it is an array of objects."""
    known = resource_types().get(resource_type)
    if known is None or path not in known.fields:
        return None, False
    return _TYPES.get(known.fields[path].type), f"{path}[*]" in known.prefixes


def _folder(resource: Resource, child_type: str) -> str:
    """The id below which the children of a type lie: a resource's own, or an extension's provider at it."""
    if child_type.startswith(f"{resource.type}/"):
        return resource.key
    return f"{resource.key}/providers/{child_type.partition('/')[0]}"


def spelled(resource_type: str) -> str:
    """A lower-cased type in ARM's spelling, where the catalogue has it."""
    known = resource_types().get(resource_type)
    return resource_type if known is None else known.name
