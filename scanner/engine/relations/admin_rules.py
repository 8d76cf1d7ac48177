"""Rules of Azure Virtual Network Manager, which are evaluated before those of security groups.

Resource Graph shows which configurations apply to a network, and of each configuration all rules that were
committed, but not which of these are in force there. So a rule that would decide otherwise is a doubt.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanner.engine.fields.lookup import member
from scanner.engine.fields.relation_queries import RelationQueries, objects
from scanner.engine.relations.places import places
from scanner.engine.traffic.network_rules import SECURITY_GROUPS
from scanner.engine.traffic.nsg import Flow, match, spans
from scanner.engine.traffic.rule_values import Rule, texts
from scanner.model.resource import Resource, Unseen, Value
from scanner.model.store import ResourceIndex
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.ipv4 import Interval

APPLIED = "microsoft.network/effectivesecurityadminrules"
"""One resource for a network: the configurations that apply to it."""
RULES = "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules/snapshots"

_DECISIVE = frozenset({"deny", "alwaysallow"})
"""What ends the matter; what an admin rule allows is for the security groups to decide."""


def admin_doubt(facts: RelationQueries, networks: Iterable[str], flow: Flow) -> Unseen | None:
    """Why admin rules of some networks (lower-cased ids) may decide about a flow; None where none does."""
    for rule in _rules(facts, networks):
        if isinstance(rule, Unseen):
            return rule
        if match(rule, flow, facts.tags).touches is not Truth.FALSE and _goes(rule, flow.direction):
            return _before(rule)
    return None


def admin_doubt_on_ports(
    facts: RelationQueries, networks: Iterable[str], ports: Sequence[Interval]
) -> Unseen | None:
    """Why admin rules of some networks may decide who comes in on some TCP ports."""
    for rule in _rules(facts, networks):
        if isinstance(rule, Unseen):
            return rule
        of_rule = spans(rule.ports)
        shares = of_rule is None or bool(ipv4.intersection(of_rule, ports))
        tcp = any(each.lower() in {"any", "tcp"} for each in rule.protocols)
        if tcp and shares and _goes(rule, "Inbound"):
            return _before(rule)
    return None


def networks_of(facts: RelationQueries, group: Resource) -> list[str]:
    """The networks of a group, as far as they are known, as lower-cased ids; a firewall has none."""
    if group.type != SECURITY_GROUPS:
        return []
    found, _ = places(facts, group)
    return list(dict.fromkeys(place.network.lower() for place in found if place.network is not None))


def _goes(rule: Rule, direction: str) -> bool:
    return rule.direction is None or rule.direction.lower() == direction.lower()


def _before(rule: Rule) -> Unseen:
    where = f"{rule.name} ({rule.access}, priority {rule.priority})"
    return Unseen(f"the rule {where} of Virtual Network Manager may come before the security group")


def _rules(facts: RelationQueries, networks: Iterable[str]) -> Iterator[Rule | Unseen]:
    """The admin rules that may apply to networks, and why others may; those that decide nothing are left out.

    An inventory for which nobody asked Resource Graph is taken to have none.
    """
    for network in networks:
        gap = facts.inventory.gap(APPLIED, network)
        if gap is not None:
            yield Unseen(gap.reason, gap.help)
        for applied in facts.inventory.children(f"{network}/providers/microsoft.network", APPLIED):
            for configuration in _configurations(applied):
                yield from _rules_of(facts, network, configuration)


def _configurations(applied: Resource) -> Iterator[str | None]:
    """The lower-cased ids of the configurations that apply to a network; None where one cannot be read."""
    held = _read(applied.rows[0].body.get("properties"), "effectiveSecurityAdminConfigurations")
    if not isinstance(held, list):
        yield None
        return
    for each in held:
        identifier = _read(each, "id")
        yield identifier.lower().partition("/snapshots/")[0] if isinstance(identifier, str) else None


def _rules_of(facts: RelationQueries, network: str, configuration: str | None) -> Iterator[Rule | Unseen]:
    index_by: ResourceIndex = facts.once("admin rules by configuration", lambda: _filed(facts))
    found = () if configuration is None else index_by(configuration)
    if not found:
        name = network.rsplit("/", 1)[-1]
        what = "rules of Virtual Network Manager apply to the network"
        yield Unseen(f"{what} {name} before its security groups, and they are not in the scanned scope")
    for each in found:
        rule = _rule(each)
        if (rule.access or "").lower() in _DECISIVE or rule.access is None:
            yield rule


def _filed(facts: RelationQueries) -> ResourceIndex:
    """The rules by the lower-cased id of their configuration."""
    rules = facts.inventory.of_type(RULES)
    return facts.inventory.index_by((each.key.partition("/rulecollections/")[0], each) for each in rules)


def _rule(resource: Resource) -> Rule:
    """A rule, which Resource Graph writes with keys in either case."""
    properties = resource.rows[0].body.get("properties")
    access, direction, protocol, priority = (
        _read(properties, name) for name in ("access", "direction", "protocol", "priority")
    )
    sources, destinations = (list(_ends(_read(properties, name))) for name in ("sources", "destinations"))
    ports, source_ports = (
        texts({"ports": _read(properties, f"{end}PortRanges")}, "ports") or ["*"]
        for end in ("destination", "source")
    )
    return Rule(
        resource.key.rpartition("/snapshots/")[0].rsplit("/", 1)[-1],
        access if isinstance(access, str) else None,
        priority if isinstance(priority, int) else None,
        direction=direction if isinstance(direction, str) else None,
        protocols=[protocol if isinstance(protocol, str) else "Any"],
        sources=sources or ["*"],
        destinations=destinations or ["*"],
        ports=ports,
        source_ports=source_ports,
    )


def _ends(held: object) -> Iterator[str]:
    """The prefixes and tags at an end; the id of a network group stands for addresses that are not known."""
    for each in objects(Value(held)):
        prefix = _read(each, "addressPrefix")
        if isinstance(prefix, str):
            yield prefix


def _read(node: Mapping[str, Any] | object, name: str) -> object:
    return member(node, name, loose=True)[1] if isinstance(node, Mapping) else None
