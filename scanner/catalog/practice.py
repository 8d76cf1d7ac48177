"""What the pages say beside the policies, from `practice.yaml`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from scanner.catalog.fields import read_data
from scanner.model.practice import Deployed, Mirrored, Practice


@cache
def practice(policy: str) -> Practice:
    """What stands beside a policy; nothing beside one that is not of the pack."""
    known = read_data("practice.yaml")["practice"].get(policy, {})
    mirrored = known.get("azurePolicy")
    held = known.get("resources", ())
    ways: Mapping[str | None, Any] = held if isinstance(held, dict) else {None: held}
    deployed = tuple(_deployed(each, way) for way, resources in ways.items() for each in resources)
    return Practice(None if mirrored is None else Mirrored(**mirrored), known.get("mcsb"), deployed)


def _deployed(data: Mapping[str, Any], way: str | None) -> Deployed:
    name = data.get("name")
    partial = name is None or data.get("partial", False)
    return Deployed(data["type"], data["body"], name, way, partial, "extends" in data, data.get("azurerm"))
