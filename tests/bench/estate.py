"""A made-up estate of any size, in the order in which Resource Graph would show it."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import neighbours, registries

SEED = 20_261_116
IN_GROUP, IN_SUBSCRIPTION = 5, 500
"""Registries in a resource group, and in a subscription."""


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Every row of so many registries and of what stands around them, by lower-cased id.

    A larger estate starts with the smaller one's subscriptions that are full.
    """
    prefixes = registries.eastern_prefixes()
    for number in range(0, count, IN_SUBSCRIPTION):
        chance = random.Random(SEED + number)
        numbers = range(number, min(number + IN_SUBSCRIPTION, count))
        yield from sorted(subscription(numbers, chance, prefixes), key=lambda each: each["id"].lower())


def subscription(numbers: range, chance: random.Random, prefixes: list[str]) -> Iterator[dict[str, Any]]:
    root = f"/subscriptions/{numbers.start // IN_SUBSCRIPTION:08x}-1111-4111-8111-111111111111"
    network = f"{root}/resourceGroups/rg-network"
    yield from neighbours.shared(network)
    for number in numbers:
        region = chance.choice(registries.REGIONS)
        place = number % IN_SUBSCRIPTION
        group = f"{root}/resourceGroups/rg-team-{place // IN_GROUP:03d}"
        registry = registries.registry(group, number, region, chance, prefixes)
        yield registry
        yield from registries.children(registry["id"], number, region, chance)
        yield from neighbours.around(registry, network, chance)


def write(path: Path, registries: int) -> int:
    """The estate as NDJSON; how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, each in enumerate(rows(registries), 1):  # noqa: B007 - the last is how many
            file.write(json.dumps(each, separators=(",", ":")) + "\n")
    return count
