"""Cards: what all policies may read of a resource, read once and kept as a row of tokens."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from scanner.engine.lookup import AT_HAND
from scanner.engine.tokens import Names, token_reader
from scanner.engine.world import World
from scanner.model.resource import Resource

SHAPE: Names = ("shape",)
NAME: Names = ("name",)
"""A column of what the id ends with."""


@dataclass(slots=True)
class Cards:
    """The cards of a world's resources; columns are added before the first of a type is read."""

    world: World
    _columns: dict[str, dict[Names, int]] = field(default_factory=dict)
    _readers: dict[str, list[Callable[[Mapping[str, Any]], Hashable] | None]] = field(default_factory=dict)
    _cards: dict[str, tuple[Hashable, ...] | None] = field(default_factory=dict)

    def picks(self, resource_type: str, fields: Sequence[Names]) -> Callable[[Resource], Hashable | None]:
        """Gives the shape and these fields of a resource; None for one of several rows."""
        columns = self._columns.setdefault(resource_type, {SHAPE: 0})
        picked = [columns.setdefault(names, len(columns)) for names in (SHAPE, *fields)]
        pick: Callable[[tuple[Hashable, ...]], Hashable] = itemgetter(*picked)
        cards = self._cards
        least = max(picked)

        def picks(resource: Resource) -> Hashable | None:
            key = resource.key
            if key in cards:
                card = cards[key]
                if card is None:
                    return None
                if len(card) > least:
                    return pick(card)
            if len(cards) >= AT_HAND:
                cards.clear()
            card = cards[key] = self._card(resource, columns)
            return None if card is None else pick(card)

        return picks

    def _card(self, resource: Resource, columns: dict[Names, int]) -> tuple[Hashable, ...] | None:
        shape = self.world.shape(resource)
        if shape is None:
            return None
        body = resource.rows[0].body
        known = self._readers.setdefault(resource.type, [])
        for names in list(columns)[1 + len(known) :]:
            known.append(None if names == NAME else token_reader(names))
        return (shape, *[resource.name if read is None else read(body) for read in known])
