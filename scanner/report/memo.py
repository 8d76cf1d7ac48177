"""What is made of what many findings share, made once."""

from collections.abc import Callable
from typing import Generic, TypeVar

from scanner.model.resource import Resource

K = TypeVar("K")
V = TypeVar("V")

MOST = 4_000
"""How many are kept; then all are forgotten: what findings share, they share with those beside them."""


class Memo(dict[K, V]):
    """What `make` makes of a key, kept while there are few: `remembered[key]`."""

    def __init__(self, make: Callable[[K], V], most: int = MOST) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: K) -> V:
        made = self._make(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = made
        return made


class ResourceMemo(Generic[V]):
    """What `make` makes of a resource, kept by its key while there are few: `of_resources(resource)`."""

    def __init__(self, make: Callable[[Resource], V]) -> None:
        self._make = make
        self._made: dict[str, V] = {}

    def __call__(self, resource: Resource) -> V:
        made = self._made.get(resource.key)
        if made is None:
            made = self._make(resource)
            if len(self._made) >= MOST:
                self._made.clear()
            self._made[resource.key] = made
        return made
