"""The rules of an Azure Firewall: its own collections, and those of its policy and the policies above."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.engine.fields.relation_queries import RelationQueries, at, objects
from scanner.engine.traffic.rule_values import Rule, as_resource, number, texts, unreadable, word
from scanner.model.resource import Absent, Related, Resource, Row, Unseen, Value
from scanner.network import ipv4

POLICIES = "microsoft.network/firewallpolicies"
GROUPS = f"{POLICIES}/rulecollectiongroups"
IP_GROUPS = "microsoft.network/ipgroups"

KINDS: Mapping[str, str] = {
    "networkRuleCollections": "network",
    "applicationRuleCollections": "application",
    "natRuleCollections": "nat",
}
"""A firewall's own collections, and the kind of the rules in each."""
RULE_TYPES: Mapping[str, str] = {"networkrule": "network", "applicationrule": "application", "natrule": "nat"}
ACCESS: Mapping[str, str] = {"allow": "Allow", "deny": "Deny", "dnat": "Allow", "snat": "Allow"}
"""What a collection's action comes to: translating a destination lets the traffic in."""


_LAST_PRIORITY = 65_001
"""After the largest that a collection may have."""

LISTS = (
    *(f"{end}{kind}" for end in ("source", "destination") for kind in ("Addresses", "IpGroups")),
    *("ipProtocols", "destinationPorts", "targetFqdns", "destinationFqdns", "fqdnTags"),
)
"""The lists of texts of a rule; its `protocols` are texts or pairs."""


@dataclass(slots=True)
class _Gathering:
    """The rules found so far, and what else there may be."""

    facts: RelationQueries
    targets: list[Resource] = field(default_factory=list)
    uncertain: list[Unseen] = field(default_factory=list)
    unseen: Unseen | None = None

    def doubt(self, unseen: Unseen | None) -> None:
        """Others may exist; the first reason is told."""
        self.unseen = self.unseen or unseen

    def objects(self, held: object, what: str) -> Iterator[Mapping[str, Any]]:
        """The objects of an array, and a doubt where it is none or holds something else."""
        found = list(objects(Value(held)))
        whole = held is None or (isinstance(held, list) and len(found) == len(held))
        self.doubt(None if whole else Unseen(f"{what} is no array of objects"))
        return iter(found)

    def add(self, rule: Rule, row: Row, place: str) -> None:
        self.targets.append(as_resource(rule, row, place, len(self.targets)))


def firewall_rules(facts: RelationQueries, firewall: Resource) -> Related:
    """The rules of the policies, the topmost first, then the firewall's own, each by priority.

    That is the order in which rules of one kind take effect: network rules come before application rules.
    A rule that names an IP group is a rule of its other addresses and of those in the group: where the
    group is unseen there may be another rule.
    """
    gathering = _Gathering(facts)
    for policy in reversed(_policies(gathering, firewall)):
        _add_policy(gathering, policy)
    for name in KINDS:
        held = facts.field(firewall, f"properties.{name}")
        if isinstance(held, Unseen):
            gathering.doubt(held)
        elif isinstance(held, Value) and held.row is not None:
            what = f"{name} of {firewall.name}"
            pairs = [(at(each, "properties"), each) for each in gathering.objects(held.value, what)]
            for properties, collection in sorted(pairs, key=lambda pair: _priority(pair[0])):
                _add_collection(gathering, properties, collection, held.row, name)
    return Related(tuple(gathering.targets), tuple(gathering.uncertain), gathering.unseen)


def _policies(gathering: _Gathering, firewall: Resource) -> list[Resource]:
    """A firewall's policy and those that it inherits from, the nearest first; a circle ends at its start."""
    found: list[Resource] = []
    named = gathering.facts.field(firewall, "properties.firewallPolicy.id")
    while not isinstance(named, Absent):
        policy = named if isinstance(named, Unseen) else _named(gathering.facts, named.value, POLICIES)
        if isinstance(policy, Unseen):
            gathering.doubt(policy)
            break
        if policy in found:
            break
        found.append(policy)
        named = gathering.facts.field(policy, "properties.basePolicy.id")
    return found


def _named(facts: RelationQueries, identifier: object, resource_type: str) -> Resource | Unseen:
    """The resource of an id; Unseen also where no row of it was found, since Azure keeps what is in use."""
    found = facts.by_id(identifier, resource_type)
    return found or Unseen(f"{str(identifier).rsplit('/', 1)[-1]} is not in the scanned scope")


def _add_policy(gathering: _Gathering, policy: Resource) -> None:
    """The rules of a policy's groups, and a doubt for each group that it lists and nobody has seen."""
    facts = gathering.facts
    groups = facts.inventory.children(policy.key, GROUPS)
    gathering.doubt(facts.proven(policy, GROUPS))
    seen = {group.key for group in groups}
    listing = facts.field(policy, "properties.ruleCollectionGroups")
    gathering.doubt(listing if isinstance(listing, Unseen) else None)
    for listed in objects(listing):
        if (word(listed, "id") or "").lower() not in seen:
            name = str(listed.get("id")).rsplit("/", 1)[-1]
            gathering.doubt(Unseen(f"the rule collection group {name} of {policy.name} could not be seen"))
    for group in sorted(groups, key=lambda group: _priority(at(group.rows[0].body, "properties"))):
        held = facts.field(group, "properties.ruleCollections")
        if isinstance(held, Unseen):
            gathering.doubt(held)
        elif isinstance(held, Value) and held.row is not None:
            collections = gathering.objects(held.value, f"ruleCollections of {group.name}")
            for collection in sorted(collections, key=_priority):
                _add_collection(gathering, collection, collection, held.row, "ruleCollections")


def _priority(node: Mapping[str, Any]) -> int:
    """The priority of a group or collection; one that shows none comes last."""
    priority = number(node, "priority")
    return _LAST_PRIORITY if priority is None else priority


def _add_collection(
    gathering: _Gathering, properties: Mapping[str, Any], named: Mapping[str, Any], row: Row, place: str
) -> None:
    """The rules of a collection: it holds the action and the priority for all of them."""
    access = ACCESS.get((word(at(properties, "action"), "type") or "").lower())
    where = f"{place}/{word(named, 'name') or 'unnamed'}/rules"
    for said in gathering.objects(properties.get("rules"), where):
        kind = KINDS.get(place) or RULE_TYPES.get((word(said, "ruleType") or "").lower())
        if kind is None or access is None:
            gathering.uncertain.append(Unseen(f"the rule {word(said, 'name')} is of an unknown kind"))
            continue
        if unreadable(said, *LISTS) or not isinstance(said.get("protocols", []), list):
            reason = f"the rule {word(said, 'name')} names something by what is no text"
            gathering.uncertain.append(Unseen(reason))
        gathering.add(_rule(gathering, said, kind, access, number(properties, "priority")), row, where)


def _rule(
    gathering: _Gathering, said: Mapping[str, Any], kind: str, access: str, priority: int | None
) -> Rule:
    """A rule with all addresses that could be seen, and a doubt for each IP group that could not."""
    protocols, ports = _protocols(said)
    return Rule(
        word(said, "name") or "unnamed",
        access,
        priority,
        kind,
        "Inbound" if kind == "nat" else None,
        protocols,
        _addresses(gathering, said, "source"),
        _addresses(gathering, said, "destination"),
        ports,
        texts(said, "targetFqdns", "destinationFqdns"),
        texts(said, "fqdnTags"),
    )


def _protocols(said: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Protocols and ports; an application rule has them in pairs."""
    pairs = list(objects(Value(said.get("protocols"))))
    if pairs:
        return texts({"all": [pair.get("protocolType") for pair in pairs]}, "all"), [
            str(pair["port"]) for pair in pairs if pair.get("port") is not None
        ]
    return texts(said, "protocols", "ipProtocols"), texts(said, "destinationPorts")


def _addresses(gathering: _Gathering, said: Mapping[str, Any], end: str) -> list[str]:
    """The addresses at one end of a rule, those of its IP groups too; a range becomes its prefixes."""
    named = [*texts(said, f"{end}Addresses"), *_group_addresses(gathering, said, f"{end}IpGroups")]
    return [prefix for each in named for prefix in _prefixes(each)]


def _prefixes(text: str) -> tuple[str, ...]:
    first, dash, last = text.partition("-")
    ends = ipv4.parse(first.strip()), ipv4.parse(last.strip())
    if not dash or ends[0] is None or ends[1] is None or ends[0] > ends[1]:
        return (text,)
    return ipv4.cidrs([(ends[0][0], ends[1][1])])


def _group_addresses(gathering: _Gathering, said: Mapping[str, Any], name: str) -> list[str]:
    """The addresses in the IP groups that a rule names."""
    addresses: list[str] = []
    for identifier in texts(said, name):
        group = _named(gathering.facts, identifier, IP_GROUPS)
        held = group if isinstance(group, Unseen) else gathering.facts.field(group, "properties.ipAddresses")
        if isinstance(held, Unseen):
            reason = f"the IP group {identifier.rsplit('/', 1)[-1]} could not be seen ({held.reason})"
            gathering.uncertain.append(
                Unseen(f"{reason}, which the rule {word(said, 'name')} names", held.help)
            )
        elif isinstance(held, Value):
            addresses += texts({"all": held.value}, "all")
    return addresses
