"""Which virtual networks are connected to each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects, text


def peered(facts: RelationQueries, network: str, other: str) -> bool:
    """Whether a network has a Connected peering with another; both are lower-cased ids."""
    return any(text(at(each, "remoteVirtualNetwork"), "id") == other for each in peerings(facts, network))


def peerings(facts: RelationQueries, network: str) -> Iterator[Mapping[str, Any]]:
    """The properties of the Connected peerings of a network; none of one that is not here."""
    resource = facts.inventory.get(network)
    if resource is None:
        return
    for peering in objects(facts.field(resource, "properties.virtualNetworkPeerings")):
        properties = at(peering, "properties")
        if text(properties, "peeringState") == "connected":
            yield properties
