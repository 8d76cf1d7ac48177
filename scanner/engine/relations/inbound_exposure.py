"""Inbound rules that open to everybody what another rule opens to the registry service alone."""

from collections.abc import Iterable, Sequence

from scanner.engine.fields.relation_queries import Facts
from scanner.engine.traffic.address_match import ANY, INTERNET
from scanner.engine.traffic.nsg import spans
from scanner.engine.traffic.rule_values import one, said
from scanner.model.resource import Related, Resource
from scanner.network import ipv4
from scanner.network.ipv4 import Interval

TAG = "azurecontainerregistry"


def rules_beside_the_tag(facts: Facts, group: Resource) -> Related:
    """Inbound rules that allow Internet or * on a port that a rule for AzureContainerRegistry opens.

    A rule is left out where one of lower priority number denies the same to everybody before.
    """
    related = facts.related(group, "rules")
    inbound = [rule for rule in related.targets if one(rule, "direction") == "inbound" and _tcp(rule)]
    allowed = [rule for rule in inbound if one(rule, "access") == "allow"]
    ports = ipv4.union(
        span for rule in allowed if names_the_tag(said(rule, "sources")) for span in _ports(rule)
    )
    wide = [rule for rule in allowed if _is_wide(rule) and _open(rule, ports, inbound)]
    return Related(tuple(wide), related.possible, related.unseen)


def names_the_tag(ends: Iterable[str]) -> bool:
    """Whether one of them is the registry service's tag, global or regional."""
    return any(each.lower() == TAG or each.lower().startswith(f"{TAG}.") for each in ends)


def _open(rule: Resource, ports: Sequence[Interval], inbound: Sequence[Resource]) -> bool:
    """Whether a rule lets some of these ports through after all denials that come before it."""
    shared = ipv4.intersection(_ports(rule), ports)
    denied = ipv4.union(
        span
        for other in inbound
        if one(other, "access") == "deny" and _before(other, rule) and _is_wide(other) and _everywhere(other)
        for span in _ports(other)
    )
    return bool(ipv4.difference(shared, denied))


def _ports(rule: Resource) -> tuple[Interval, ...]:
    return ipv4.union(spans(said(rule, "ports")))


def _before(one_rule: Resource, other: Resource) -> bool:
    first, second = (rule.rows[0].body["properties"]["priority"] for rule in (one_rule, other))
    return isinstance(first, int) and isinstance(second, int) and first < second


def _is_wide(rule: Resource) -> bool:
    return any(each.lower() in {*ANY, INTERNET} for each in said(rule, "sources"))


def _everywhere(rule: Resource) -> bool:
    return any(each in ANY for each in said(rule, "destinations"))


def _tcp(rule: Resource) -> bool:
    return any(each.lower() in {"tcp", "*"} for each in said(rule, "protocols"))
