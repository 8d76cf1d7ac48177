"""The relation `rules`: every rule of a network security group or a firewall."""

from collections.abc import Mapping
from typing import Any

from scanner.engine.facts import Facts, at, objects
from scanner.engine.firewall_rules import firewall_rules
from scanner.engine.rules import Rule, as_resource, number, texts, word
from scanner.model.resource import Related, Resource, Unseen, Value

SECURITY_GROUPS = "microsoft.network/networksecuritygroups"


def rules(facts: Facts, owner: Resource) -> Related:
    """The rules that a group or firewall was given, in no order of effect; Azure's default rules are none."""
    if owner.type == SECURITY_GROUPS:
        return _security_rules(facts, owner)
    return firewall_rules(facts, owner)


def _security_rules(facts: Facts, group: Resource) -> Related:
    held = facts.field(group, "properties.securityRules")
    if isinstance(held, Unseen):
        return Related(unseen=held)
    if not isinstance(held, Value) or held.row is None:
        return Related()
    if not isinstance(held.value, list):
        return Related(unseen=Unseen(f"the rules of {group.name} are no list"))
    found = list(objects(held))
    odd = Unseen(f"a rule of {group.name} is no object") if len(found) < len(held.value) else None
    targets = [
        as_resource(security_rule(each), held.row, "securityRules", index) for index, each in enumerate(found)
    ]
    return Related(tuple(targets), unseen=odd)


def security_rule(said: Mapping[str, Any]) -> Rule:
    """A rule as a network security group writes it; its application security groups are no addresses."""
    properties = at(said, "properties")
    return Rule(
        word(said, "name") or "unnamed",
        word(properties, "access"),
        number(properties, "priority"),
        direction=word(properties, "direction"),
        protocols=texts(properties, "protocol"),
        sources=texts(properties, "sourceAddressPrefix", "sourceAddressPrefixes"),
        destinations=texts(properties, "destinationAddressPrefix", "destinationAddressPrefixes"),
        ports=texts(properties, "destinationPortRange", "destinationPortRanges"),
    )
