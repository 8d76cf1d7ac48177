"""The catalogue of relations: which resources a resource leads to, and what proves absence."""

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from scanner.catalog.fields import read_data


class Relation(msgspec.Struct, frozen=True):
    """One relation, as `relations.yaml` explains it."""

    name: str
    kind: str
    type: str
    by: str | None = None
    equals: str | None = None
    list: str | None = None
    also: str | None = None
    asks: Sequence[str] = ()


@cache
def relations() -> Mapping[str, Mapping[str, Relation]]:
    """Relations by the lower-cased type that is asked, and by name."""
    return {
        asked: {name: Relation(name, **data) for name, data in named.items()}
        for asked, named in read_data("relations.yaml").items()
    }
