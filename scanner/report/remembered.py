"""What is made of what many findings share, made once."""

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 4_000
"""How many are kept; then all are forgotten."""


class Remembered(dict[K, V]):
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
