"""What the rules of a firewall allow clients to reach, whichever clients and whatever other rules deny."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.traffic.address_match import match_addresses
from scanner.engine.traffic.host_names import covered
from scanner.engine.traffic.nsg import spans
from scanner.engine.traffic.rule_values import scalar_of, values_of
from scanner.model.resource import Resource, Unseen
from scanner.model.truth import Truth, any_of
from scanner.network import ipv4

_HTTPS = (443, 443)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The names of application and network rules, and the destinations of network rules on TCP 443."""

    names: Sequence[str]
    destinations: Sequence[str]
    table: TagTable
    doubt: Unseen | None
    """Why there may be others."""

    def name(self, name: str, tag: str) -> Truth:
        """Whether a name (or all names of a pattern) is allowed: by name, or by a tag of its addresses."""
        if covered(self.names, name):
            return Truth.TRUE
        allowed = self.tag(tag)
        return Truth.UNKNOWN if allowed is Truth.FALSE and self.doubt is not None else allowed

    def tag(self, tag: str) -> Truth:
        """Whether all addresses of a tag are allowed."""
        return any_of(
            [Truth.FALSE, *(end.covers for end in match_addresses(self.destinations, tag, self.table))]
        )


def allowed_by(facts: RelationQueries, firewall: Resource) -> Allowed:
    """What the rules of a firewall allow."""
    related = facts.related(firewall, "rules")
    rules = [rule for rule in related.targets if scalar_of(rule, "access") == "allow"]
    names = [
        name
        for rule in rules
        if scalar_of(rule, "kind") in {"application", "network"}
        for name in values_of(rule, "fqdns")
    ]
    ends = [end for rule in rules if allows_https(rule) for end in values_of(rule, "destinations")]
    return Allowed(names, ends, facts.tags, related.unseen or next(iter(related.uncertain), None))


def allows_https(rule: Resource) -> bool:
    """Whether a network rule allows TCP on port 443."""
    protocols = {each.lower() for each in values_of(rule, "protocols")}
    ports = spans(values_of(rule, "ports"))
    allowed = (
        scalar_of(rule, "kind") == "network"
        and scalar_of(rule, "access") == "allow"
        and protocols & {"tcp", "any"}
    )
    return bool(allowed) and ports is not None and ipv4.contains(ports, _HTTPS)
