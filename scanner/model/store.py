"""How an inventory keeps its resources: in memory here, or elsewhere until somebody looks at them."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any, overload

from scanner.model.resource import Resource, parent_key

ResourceIndex = Callable[[str], Sequence[Resource]]
"""Gives the resources that were filed under a text, in the order of their keys."""


class Resources(Sequence[Resource], ABC):
    """Resources in the order of their keys."""

    __slots__ = ()
    stay: bool
    """Whether they are in memory, whoever looks at them."""

    @overload
    def __getitem__(self, index: int) -> Resource: ...
    @overload
    def __getitem__(self, index: slice) -> "Resources": ...
    @abstractmethod
    def __getitem__(self, index: int | slice) -> "Resource | Resources": ...

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows they have."""

    @property
    @abstractmethod
    def types(self) -> Collection[str]:
        """The lower-cased types that they have."""

    @abstractmethod
    def of(self, types: Collection[str]) -> "Resources":
        """Those of some lower-cased types."""

    @abstractmethod
    def fetch(self) -> None:
        """Have them at hand, with their neighbours: they are looked at next."""


class Store(Mapping[str, Resource], ABC):
    """Resources by lower-cased id, in code point order."""

    @abstractmethod
    def of(self, types: Collection[str]) -> Resources:
        """The resources of some lower-cased types."""

    @abstractmethod
    def children(self, key: str, resource_type: str) -> Sequence[Resource]:
        """The resources of a type directly below an id, in the order of their ids."""

    @abstractmethod
    def several(self) -> Iterable[Resource]:
        """The resources that have several rows, in the order of their ids."""

    @abstractmethod
    def subset(self, resources: Iterable[Resource]) -> Resources:
        """Some of its resources, which come in the order of their keys, as it keeps them.

        All are taken before it returns.
        """

    @abstractmethod
    def index_by(self, under: Iterable[tuple[str, Resource]]) -> ResourceIndex:
        """Some of its resources, which come in the order of their keys, by a text.

        All are taken before it returns: whoever gives them may say then what he could not give.
        """

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are; a resource may have several."""


class ResourceList(Resources):
    """Resources in memory."""

    stay = True

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources

    def __len__(self) -> int:
        return len(self._resources)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources)

    @overload
    def __getitem__(self, index: int) -> Resource: ...
    @overload
    def __getitem__(self, index: slice) -> "ResourceList": ...
    def __getitem__(self, index: int | slice) -> "Resource | ResourceList":
        return ResourceList(self._resources[index]) if isinstance(index, slice) else self._resources[index]

    @property
    def rows(self) -> int:
        """How many rows they have."""
        return sum(len(resource.rows) for resource in self._resources)

    @property
    def types(self) -> Collection[str]:
        """The lower-cased types that they have."""
        return self._by_type.keys()

    def of(self, types: Collection[str]) -> "ResourceList":
        """Those of some lower-cased types."""
        found = [self._by_type[kind] for kind in dict.fromkeys(types) if kind in self._by_type]
        match found:
            case [alone]:
                return ResourceList(alone)
            case _:
                return ResourceList(sorted(chain.from_iterable(found), key=attrgetter("key")))

    def fetch(self) -> None:
        """They are at hand."""

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[Resource]]:
        groups: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in self._resources:
            groups[resource.type].append(resource)
        return groups


class InMemory(Store):
    """Resources in memory, in the order that they are given in."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._resources = resources

    def __getitem__(self, key: str) -> Resource:
        return self._resources[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)

    def get(self, key: str, /, default: Any = None) -> Any:
        """The resource of a key."""
        return self._resources.get(key, default)

    def of(self, types: Collection[str]) -> ResourceList:
        """The resources of some lower-cased types."""
        return self._all.of(types)

    def children(self, key: str, resource_type: str) -> Sequence[Resource]:
        """The resources of a type directly below an id, in the order of their ids."""
        return self._by_parent.get((key, resource_type), ())

    def several(self) -> Iterable[Resource]:
        """The resources that have several rows, in the order of their ids."""
        return (resource for resource in self._resources.values() if len(resource.rows) > 1)

    def subset(self, resources: Iterable[Resource]) -> ResourceList:
        """Some of its resources."""
        return ResourceList(tuple(resources))

    def index_by(self, under: Iterable[tuple[str, Resource]]) -> ResourceIndex:
        """Some of its resources by a text."""
        groups: defaultdict[str, list[Resource]] = defaultdict(list)
        for text, resource in under:
            groups[text].append(resource)
        return lambda text: groups.get(text, ())

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._all.rows

    @cached_property
    def _all(self) -> ResourceList:
        return ResourceList(tuple(self._resources.values()))

    @cached_property
    def _by_parent(self) -> Mapping[tuple[str, str], Sequence[Resource]]:
        groups: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
        for key, resource in self._resources.items():
            groups[parent_key(key), resource.type].append(resource)
        return groups
