"""Rules of a network security group or a firewall, as resources of one shape that policies can ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.model.resource import Resource, Row

RULES = "acr-scan/rules"
TAG = "azurecontainerregistry"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule says, whoever holds it; what its owner does not know of is empty."""

    name: str
    access: str | None
    priority: int | None
    kind: str = "network"
    direction: str | None = None
    protocols: Sequence[str] = ()
    sources: Sequence[str] = ()
    destinations: Sequence[str] = ()
    ports: Sequence[str] = ()
    fqdns: Sequence[str] = ()
    fqdn_tags: Sequence[str] = ()
    source_ports: Sequence[str] = ()
    source_groups: Sequence[str] = ()
    """The ids of application security groups, of which a network security group's rules may name some."""
    destination_groups: Sequence[str] = ()


def as_resource(rule: Rule, row: Row, place: str, position: int) -> Resource:
    """A rule with the provenance of its owner's row; `place` is the path of its list below the owner."""
    identifier = f"{row.id}/{place}/{rule.name}"
    properties = {
        "direction": rule.direction,
        "access": rule.access,
        "priority": rule.priority,
        "kind": rule.kind,
        "protocols": list(rule.protocols),
        "sources": list(rule.sources),
        "destinations": list(rule.destinations),
        "ports": list(rule.ports),
        "fqdns": list(rule.fqdns),
        "fqdnTags": list(rule.fqdn_tags),
        "sourceGroups": list(rule.source_groups),
        "destinationGroups": list(rule.destination_groups),
    }
    body = {"id": identifier, "name": rule.name, "properties": properties}
    # The position keeps apart what two rules of one name say.
    key = f"{identifier.lower()}#{position}"
    return Resource(key, (Row(identifier, RULES, body, row.source, row.api_version),))


def rule_of(resource: Resource) -> Rule:
    """The rule behind a resource that `as_resource` made, but for the source ports."""
    held = resource.rows[0].body["properties"]
    return Rule(
        resource.name,
        held["access"],
        held["priority"],
        held["kind"],
        held["direction"],
        held["protocols"],
        held["sources"],
        held["destinations"],
        held["ports"],
        held["fqdns"],
        held["fqdnTags"],
        source_groups=held["sourceGroups"],
        destination_groups=held["destinationGroups"],
    )


def values_of(rule: Resource, name: str) -> list[str]:
    """The texts of a list of a rule that `as_resource` made."""
    texts: list[str] = rule.rows[0].body["properties"][name]
    return texts


def scalar_of(rule: Resource, name: str) -> str:
    """A word of a rule that `as_resource` made, in lower case; empty where it has none."""
    word = rule.rows[0].body["properties"][name]
    return word.lower() if isinstance(word, str) else ""


def names_the_tag(ends: Iterable[str]) -> bool:
    """Whether one of them is the registry service's tag, global or regional."""
    return any(each.lower() == TAG or each.lower().startswith(f"{TAG}.") for each in ends)


def texts(node: Mapping[str, Any], *names: str) -> list[str]:
    """The texts of singular and plural fields together: Azure fills one of them."""
    return list(_texts(node.get(name) for name in names))


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each:
                yield each


def unreadable(node: Mapping[str, Any], *names: str) -> bool:
    """Whether one of these fields is neither a text nor an array of texts: what it names is not known."""
    return any(
        not isinstance(each, str)
        for value in (node.get(name) for name in names)
        for each in (value if isinstance(value, list) else [] if value is None else [value])
    )


def word(node: Mapping[str, Any], name: str) -> str | None:
    """A text of an object, or None."""
    value = node.get(name)
    return value if isinstance(value, str) and value else None


def number(node: Mapping[str, Any], name: str) -> int | None:
    """A whole number of an object, or None."""
    value = node.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
