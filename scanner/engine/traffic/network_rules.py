"""The relation `rules`: every rule of a network security group or a firewall."""

from collections.abc import Mapping
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects
from scanner.engine.traffic.firewall_rules import firewall_rules
from scanner.engine.traffic.rule_values import Rule, as_resource, number, texts, unreadable, word
from scanner.model.resource import Related, Resource, Unseen, Value

SECURITY_GROUPS = "microsoft.network/networksecuritygroups"


def rules(facts: RelationQueries, owner: Resource) -> Related:
    """The rules that a group or firewall was given, in no order of effect; Azure's default rules are none."""
    if owner.type == SECURITY_GROUPS:
        return _security_rules(facts, owner)
    return firewall_rules(facts, owner)


def _security_rules(facts: RelationQueries, group: Resource) -> Related:
    held = facts.field(group, "properties.securityRules")
    if isinstance(held, Unseen):
        return Related(unseen=held)
    if not isinstance(held, Value) or held.row is None:
        return Related()
    found = list(objects(held))
    odd = (
        "is no object" if len(found) < len(held.value) else UNREADABLE if any(map(odd_rule, found)) else None
    )
    targets = [
        as_resource(security_rule(each), held.row, "securityRules", index) for index, each in enumerate(found)
    ]
    return Related(tuple(targets), unseen=None if odd is None else Unseen(f"a rule of {group.name} {odd}"))


ENDS = ("sourceAddressPrefix", "destinationAddressPrefix", "sourcePortRange", "destinationPortRange")
GROUPS = ("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups")
UNREADABLE = "names its ends, ports or protocol by what is no text"


def odd_rule(said: Mapping[str, Any]) -> bool:
    """Whether a rule says something that `security_rule` has to leave out."""
    plural = (f"{name}es" if name.endswith("x") else f"{name}s" for name in ENDS)
    properties = at(said, "properties")
    named = [each for name in GROUPS for each in (properties.get(name) or ())]
    odd = any(not isinstance(each, dict) or not isinstance(each.get("id"), str) for each in named)
    return odd or unreadable(properties, "protocol", *ENDS, *plural)


def security_rule(said: Mapping[str, Any]) -> Rule:
    """A rule as a network security group writes it."""
    properties = at(said, "properties")
    source_groups, destination_groups = (
        texts({"ids": [each.get("id") for each in objects(Value(properties.get(name)))]}, "ids")
        for name in GROUPS
    )
    return Rule(
        word(said, "name") or "unnamed",
        word(properties, "access"),
        number(properties, "priority"),
        direction=word(properties, "direction"),
        protocols=texts(properties, "protocol"),
        sources=texts(properties, "sourceAddressPrefix", "sourceAddressPrefixes"),
        destinations=texts(properties, "destinationAddressPrefix", "destinationAddressPrefixes"),
        ports=texts(properties, "destinationPortRange", "destinationPortRanges"),
        source_ports=texts(properties, "sourcePortRange", "sourcePortRanges"),
        source_groups=source_groups,
        destination_groups=destination_groups,
    )
