"""Private endpoints, and whether the registry's names lead to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.access.public import ENDPOINTS
from scanner.access.registry_query import RegistryQuery
from scanner.engine.fields.relation_queries import at
from scanner.engine.relations import dns
from scanner.model.resource import Unseen, Value
from scanner.model.truth import Truth, truth_of
from scanner.result.access import Entry


def private_endpoints(asking: RegistryQuery) -> Iterator[Entry]:
    """Each private endpoint connection: its state, and the DNS of its endpoint's network."""
    connections = asking.world.members(asking.registry, ENDPOINTS)
    if isinstance(connections, Unseen):
        by = f"its connections could not be seen ({connections.reason})"
        yield Entry("private-endpoint", "", Truth.UNKNOWN, by)
        return
    for connection in connections:
        body = connection.value if isinstance(connection, Value) else None
        yield _endpoint(asking, body if isinstance(body, dict) else {})


def _endpoint(asking: RegistryQuery, body: Mapping[str, Any]) -> Entry:
    state = at(body, "properties", "privateLinkServiceConnectionState").get("status")
    named = at(body, "properties", "privateEndpoint").get("id")
    told = next((each for each in (named, body.get("id"), body.get("name")) if isinstance(each, str)), None)
    who = "of an unseen name" if told is None else told.rsplit("/", 1)[-1]
    resource = named if isinstance(named, str) else None
    if not isinstance(state, str) or not state:
        by = "the state of its connection could not be seen"
        return Entry("private-endpoint", who, Truth.UNKNOWN, by, resource=resource)
    approved = state.lower() == "approved"
    evidence = tuple(_names(asking, body)) if approved else ()
    return Entry(
        "private-endpoint", who, truth_of(approved), f"its connection is {state}", evidence, resource=resource
    )


def _names(asking: RegistryQuery, body: Mapping[str, Any]) -> Iterator[str]:
    """What the private DNS of an Approved endpoint's network says, as policies judge it."""
    endpoint = dns.endpoint_of(asking.world, body)
    zone = (
        endpoint if isinstance(endpoint, Unseen) else dns.zone_asked(asking.world, asking.registry, endpoint)
    )
    if isinstance(zone, Unseen):
        yield f"DNS unknown: {zone.reason}"
    elif zone is None:
        yield "DNS leads to the public endpoint: its network is not linked to the registry's private zone"
    else:
        missing = dns.lacking(asking.world, asking.registry, zone)
        if isinstance(missing, Unseen):
            yield f"DNS unknown: {missing.reason}"
        elif missing:
            yield f"DNS is not whole: the zone {zone.name} has no record of {', '.join(missing)}"
        else:
            yield f"DNS leads to it: the zone {zone.name} is linked to its network, with every record"
