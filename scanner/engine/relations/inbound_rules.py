"""Inbound rules as sets: the ports that they open, to which addresses, and on which machines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.service_rules import addresses_of_the_tag
from scanner.engine.traffic.address_match import ANY, INTERNET, NETWORK
from scanner.engine.traffic.network_rules import SECURITY_GROUPS
from scanner.engine.traffic.nsg import spans
from scanner.engine.traffic.rule_values import TAG, names_the_tag, scalar_of, values_of
from scanner.model.resource import Resource, Unseen
from scanner.model.truth import Truth
from scanner.network import ipv4, ipv6
from scanner.network.ipv4 import Interval

Space = tuple[Interval, ...]

_TCP = frozenset({"tcp", "any", "*"})
_EVERY_IPV4, _EVERY_IPV6 = ((0, (1 << 32) - 1),), ((0, (1 << 128) - 1),)
_PUBLIC_6 = ((0x2000 << 112, (0x4000 << 112) - 1),)
"""2000::/3, of which IANA gives out addresses: https://www.iana.org/assignments/ipv6-address-space"""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of IPv4 and of IPv6, as unions."""

    ipv4: Space = ()
    ipv6: Space = ()

    @property
    def are_everybody(self) -> bool:
        """Whether all public addresses of a family are among them."""
        return self.all_ipv4 or self.all_ipv6

    def without(self, denied: "Addresses") -> "Addresses":
        """Those of a family of which not all public addresses are denied: some that are change nothing."""
        return Addresses(() if denied.all_ipv4 else self.ipv4, () if denied.all_ipv6 else self.ipv6)

    @property
    def all_ipv4(self) -> bool:
        return not ipv4.difference(ipv4.PUBLIC, self.ipv4)

    @property
    def all_ipv6(self) -> bool:
        return not ipv6.difference(_PUBLIC_6, self.ipv6)

    def __or__(self, others: "Addresses") -> "Addresses":
        return Addresses(ipv4.union([*self.ipv4, *others.ipv4]), ipv4.union([*self.ipv6, *others.ipv6]))

    def __bool__(self) -> bool:
        return bool(self.ipv4 or self.ipv6)


@dataclass(frozen=True, slots=True)
class InboundRule:
    """A rule for what comes in."""

    rule: Resource
    allows: bool
    priority: int
    tcp: bool
    """Whether it is for TCP, alone or among others."""
    ports: Space
    tags: Sequence[str]
    """Those of the registry service that it names, or that its addresses stand for."""
    sources: Addresses
    """The addresses that it names; those behind a tag or an application security group are none."""
    destinations: frozenset[str]
    """Prefixes and ids of application security groups, in lower case."""

    @property
    def leads_anywhere(self) -> bool:
        """Whether it is for all that its group protects."""
        return bool(self.destinations & {*ANY, NETWORK})

    def names(self, tag: str) -> bool:
        """Whether it is for all of a tag: for itself, or for the tag of all regions."""
        return any(each.lower() in {TAG, tag.lower()} for each in self.tags)

    def covers(self, other: "InboundRule") -> bool:
        """Whether it is for all machines that another is for."""
        lacking = [ipv4.parse(each) for each in other.destinations - self.destinations]
        here = _space(self.destinations)
        return self.leads_anywhere or all(each is not None and ipv4.contains(here, each) for each in lacking)

    def meets(self, other: "InboundRule") -> Truth:
        """Whether it is for some machine that another is for; groups of machines may have some in common."""
        if self.leads_anywhere or other.leads_anywhere or self.destinations & other.destinations:
            return Truth.TRUE
        if ipv4.intersection(_space(self.destinations), _space(other.destinations)):
            return Truth.TRUE
        prefixes = all(ipv4.parse(each) is not None for each in self.destinations | other.destinations)
        return Truth.FALSE if prefixes else Truth.UNKNOWN


def _space(destinations: Iterable[str]) -> Space:
    return ipv4.union(each for text in destinations if (each := ipv4.parse(text)) is not None)


def inbound_rules(facts: RelationQueries, owner: Resource) -> tuple[list[InboundRule], list[Unseen]]:
    """The inbound rules of a group or firewall in the order of their effect, and why others cannot be judged.

    Of a firewall's rules these are those that translate a destination. They cannot name a tag as a source,
    so addresses that lie inside of it stand for it.
    """
    inbound: list[InboundRule] = []
    doubts = []
    for rule in facts.related(owner, "rules").targets:
        if owner.type == SECURITY_GROUPS:
            read = None if scalar_of(rule, "direction") == "outbound" else _group_rule(rule)
        else:
            read = _translation(rule, facts.tags) if scalar_of(rule, "kind") == "nat" else None
        if isinstance(read, Unseen):
            doubts.append(read)
        elif read is not None:
            inbound.append(read)
    # Of two with one priority, which Azure does not allow, the one that allows is taken to come first.
    return sorted(inbound, key=lambda each: (each.priority, not each.allows)), doubts


def _group_rule(rule: Resource) -> InboundRule | Unseen:
    tags = [each for each in values_of(rule, "sources") if names_the_tag([each])]
    return _read(rule, tags) if scalar_of(rule, "direction") == "inbound" else _unreadable(rule)


def _translation(rule: Resource, table: TagTable) -> InboundRule | Unseen:
    addresses = addresses_of_the_tag(table, values_of(rule, "sources"))
    if isinstance(addresses, Unseen):
        return addresses
    return _read(rule, [] if addresses is None else [addresses[1]])


def _read(rule: Resource, tags: Sequence[str]) -> InboundRule | Unseen:
    access, priority = scalar_of(rule, "access"), rule.rows[0].body["properties"]["priority"]
    ports, protocols = (
        spans(values_of(rule, "ports")),
        {each.lower() for each in values_of(rule, "protocols")},
    )
    sources = values_of(rule, "sources")
    destinations = frozenset(
        map(str.lower, [*values_of(rule, "destinations"), *values_of(rule, "destinationGroups")])
    )
    ends = (sources or values_of(rule, "sourceGroups")) and destinations
    if access not in {"allow", "deny"} or priority is None or not (ports and protocols and ends):
        return _unreadable(rule)
    return InboundRule(
        rule,
        access == "allow",
        priority,
        bool(_TCP & protocols),
        ports,
        tags,
        _addresses(sources),
        destinations,
    )


def _unreadable(rule: Resource) -> Unseen:
    return Unseen(f"the rule {rule.name} could not be read")


def _addresses(sources: Iterable[str]) -> Addresses:
    """The addresses that texts name: all for `*`, and the public ones for Internet."""
    four: list[Interval] = []
    six: list[Interval] = []
    for each in map(str.lower, sources):
        if each == INTERNET:
            four += ipv4.PUBLIC
            six += _EVERY_IPV6
        elif each == "*":
            four += _EVERY_IPV4
            six += _EVERY_IPV6
        elif (interval := ipv4.parse(each)) is not None:
            four.append(interval)
        elif (interval := ipv6.parse(each)) is not None:
            six.append(interval)
    return Addresses(ipv4.union(four), ipv4.union(six))
