"""What a network security group lets through: its rules by priority, Azure's default rules last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.fields.value_keys import value_key
from scanner.engine.traffic.address_match import (
    MAYBE,
    Match,
    Space,
    covers_near,
    groups_over,
    match_addresses,
    space_of,
)
from scanner.engine.traffic.network_rules import odd_rule, security_rule
from scanner.engine.traffic.rule_values import Rule
from scanner.model.resource import Resource, Value
from scanner.model.truth import Truth, all_of, any_of, truth_of
from scanner.network import ipv4
from scanner.network.ipv4 import Interval

INBOUND = "inbound"
HTTPS = 443
LAST_PORT = 65535


def _default(name: str, access: str, priority: int, direction: str, far: str) -> Rule:
    """One of the rules that every group has, and that nobody can take away."""
    ends = ([far], ["*"]) if direction == "Inbound" else (["*"], [far])
    return Rule(name, access, priority, "network", direction, ["*"], ends[0], ends[1], ["*"])


DEFAULTS = (
    _default("AllowVnetInBound", "Allow", 65000, "Inbound", "VirtualNetwork"),
    _default("AllowAzureLoadBalancerInBound", "Allow", 65001, "Inbound", "AzureLoadBalancer"),
    _default("DenyAllInBound", "Deny", 65500, "Inbound", "*"),
    _default("AllowVnetOutBound", "Allow", 65000, "Outbound", "VirtualNetwork"),
    _default("AllowInternetOutBound", "Allow", 65001, "Outbound", "Internet"),
    _default("DenyAllOutBound", "Deny", 65500, "Outbound", "*"),
)


@dataclass(frozen=True, slots=True)
class Flow:
    """TCP traffic between a tag or prefix and the machines of a network, on one port.

    `near` are the prefixes and application security groups of these machines, or nothing: then they are
    whatever the group protects.
    """

    direction: str
    peer: str
    port: int
    near: tuple[str, ...] = ()

    @property
    def inbound(self) -> bool:
        return self.direction.lower() == INBOUND

    def __str__(self) -> str:
        return f"{self.peer} {'in' if self.inbound else 'out'} on port {self.port}"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether all of a flow is let through, and the rule that decides, or leaves it open."""

    truth: Truth
    rule: str
    name: str = ""
    """The name of the rule alone."""
    effect: str = ""
    """What it does, and when: `Deny, priority 100`."""

    def text(self, flow: Flow) -> str:
        """What completes the field to a sentence."""
        match self.truth:
            case Truth.TRUE:
                return f"lets {flow}, by {self.rule}"
            case Truth.FALSE:
                return f"does not let {flow}, by {self.rule}"
            case Truth.UNKNOWN:
                return f"may let {flow}; {self.rule} cannot be compared with it"


def decide(held: Sequence[Any], flow: Flow, table: TagTable) -> Decision:
    """The decision of a group that holds these rules, as ARM writes them.

    It is FALSE where any part of the flow is refused, UNKNOWN where a rule that cannot be compared matters.
    Rules add up where the addresses of both ends are known: two that each allow a part allow the whole.
    """
    return table.once((value_key(list(held)), flow), lambda: _decided(held, flow, table))


def decide_group(facts: RelationQueries, group: Resource, flow: Flow) -> Decision:
    """The decision of a network security group; without rules of its own it has Azure's.

    Rules that were not seen are told by the relation `rules`, and count here as if there were none.
    """
    held = facts.field(group, "properties.securityRules")
    rules = held.value if isinstance(held, Value) and isinstance(held.value, list) else ()
    return decide(rules, flow, facts.tags)


def _decided(held: Sequence[Any], flow: Flow, table: TagTable) -> Decision:
    weighed = []
    for said in held:
        rule = security_rule(said if isinstance(said, dict) else {})
        known = rule.priority is not None and (rule.access or "").lower() in _ACCESS
        if rule.direction is None or not known or odd_rule(said):
            return Decision(Truth.UNKNOWN, f"the unreadable rule {rule.name}", rule.name)
        if rule.direction.lower() == flow.direction.lower():
            weighed.append((rule, match(rule, flow, table)))
    weighed += [
        (rule, match(rule, flow, table))
        for rule in DEFAULTS
        if rule.direction is not None and rule.direction.lower() == flow.direction.lower()
    ]
    weighed.sort(key=lambda each: each[0].priority or 0)
    return walk(weighed, space_of([flow.peer], table))


_ACCESS = frozenset({"allow", "deny"})


def walk(weighed: Sequence[tuple[Rule, Match]], wanted: Space | None) -> Decision:
    """What rules come to in the order of their effect, the last of which decides about everything.

    The first that applies to a part of what is wanted decides about it.

    `left` are the addresses that no rule has allowed so far, `doubtful` those that none may have allowed,
    and `allowed` says whether a rule whose addresses are not known has allowed some.
    """
    denied, denier = Truth.FALSE, weighed[0][0]
    allowed, left, doubtful = Truth.FALSE, wanted, wanted
    forks: list[tuple[Truth, Rule]] = []
    for rule, matched in weighed:
        shared = _shared(left, matched.space) if matched.touches is not Truth.UNKNOWN else None
        if (rule.access or "").lower() == "allow":
            left = left if shared is None else ipv4.difference(left or (), shared)
            doubtful = ipv4.difference(doubtful or (), _shared(doubtful, matched.space) or ())
            if matched.covers is Truth.TRUE or left == ():
                return _joined(denied.negated(), rule if denied is Truth.FALSE else denier, forks)
            if matched.covers is Truth.UNKNOWN or (left and not doubtful):
                forks.append((denied.negated(), rule))
            allowed = allowed if shared is not None else any_of([allowed, matched.touches])
            continue
        if matched.covers is Truth.TRUE:
            return _joined(Truth.FALSE, denier if denied is Truth.TRUE else rule, forks)
        touches = matched.touches if shared is None else truth_of(bool(shared))
        first = allowed is Truth.FALSE and (shared is not None or left == wanted)
        refused = all_of([touches, Truth.TRUE if first else Truth.UNKNOWN])
        if any_of([denied, refused]) is not denied:
            denied, denier = refused, rule
    raise AssertionError("the last rule decides about everything")


def _shared(left: Space | None, space: Space | None) -> Space | None:
    """The addresses that a rule takes from those that are left; None where they are not known."""
    return None if left is None or space is None else ipv4.intersection(left, space)


def _joined(truth: Truth, rule: Rule, forks: Sequence[tuple[Truth, Rule]]) -> Decision:
    """The decision of a rule, unless one before it may decide otherwise."""
    for other, fork in forks:
        if other is not truth:
            truth, rule = Truth.UNKNOWN, fork
            break
    effect = f"{rule.access}, priority {rule.priority}"
    return Decision(truth, f"{rule.name} ({effect})", rule.name, effect)


def match(rule: Rule, flow: Flow, table: TagTable, more: Sequence[Match] = ()) -> Match:
    """How a rule lies over a flow; `more` says how what its far end names by other means does."""
    near, far = (rule.destinations, rule.sources) if flow.inbound else (rule.sources, rule.destinations)
    groups = rule.source_groups, rule.destination_groups
    far_groups, near_groups = groups if flow.inbound else reversed(groups)
    others = [
        _protocol(rule),
        any_of(_port(text, flow.port) for text in rule.ports) if rule.ports else Truth.UNKNOWN,
        _source_ports(rule),
        covers_near([*near, *near_groups], flow.near),
    ]
    ends = [*match_addresses(far, flow.peer, table), *more]
    if far_groups:
        ends.append(groups_over(flow.peer))
    elif not far and not more:
        ends.append(MAYBE)
    touches = all_of([any_of(end.touches for end in ends), *others])
    space = None if MAYBE in ends or all_of(others) is Truth.FALSE else space_of(far, table)
    return Match(touches, all_of([any_of(end.covers for end in ends), *others]), space)


def _protocol(rule: Rule) -> Truth:
    return truth_of(any(each.lower() in {"*", "any", "tcp"} for each in rule.protocols))


def _source_ports(rule: Rule) -> Truth:
    """A client's own port may be any: a rule for some of them cannot be compared."""
    whole = not rule.source_ports or any(_span(each) == (0, LAST_PORT) for each in rule.source_ports)
    return Truth.TRUE if whole else Truth.UNKNOWN


def _port(text: str, port: int) -> Truth:
    span = _span(text)
    return Truth.UNKNOWN if span is None else truth_of(span[0] <= port <= span[1])


def _span(text: str) -> tuple[int, int] | None:
    """The ports of `443`, `8000-8080` or `*`; None for any other text."""
    if text == "*":
        return 0, LAST_PORT
    first, dash, last = text.partition("-")
    ends = [part.strip() for part in (first, last if dash else first)]
    if not all(part.isascii() and part.isdigit() for part in ends):
        return None
    return int(ends[0]), int(ends[1])


def spans(ports: Sequence[str]) -> tuple[Interval, ...] | None:
    """The ports that a rule names, as a union; None where a text cannot be read."""
    named = [_span(text) for text in ports]
    return None if None in named else ipv4.union(each for each in named if each is not None)
