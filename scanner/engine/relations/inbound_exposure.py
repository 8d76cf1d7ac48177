"""Inbound rules that open more than the registry service needs: wide ones for its tag, others beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.relations.admin_rules import admin_doubt_on_ports, networks_of
from scanner.engine.relations.inbound_rules import Addresses, InboundRule, inbound_rules
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.traffic.rule_values import values_of
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.ipv4 import Interval

_EVERY_PORT = ((1, 65535),)


def rules_from_the_tag(facts: RelationQueries, owner: Resource) -> Related:
    """Inbound rules that allow AzureContainerRegistry."""
    related = facts.related(owner, "rules")
    rules, doubts = inbound_rules(facts, owner)
    of_tag = tuple(rule.rule for rule in rules if rule.allows and rule.tags)
    return Related(of_tag, (*related.uncertain, *doubts), related.unseen)


def wide_tag_rules(facts: RelationQueries, owner: Resource) -> Related:
    """Inbound rules for AzureContainerRegistry that allow more than TCP, or every port, alone or together."""
    related = facts.related(owner, "rules")
    rules, doubts = inbound_rules(facts, owner)
    of_tag = [rule for rule in rules if rule.allows and rule.tags]
    problems = [
        problem(each.rule.id, what, each.rule.rows[0]) for each in of_tag for what in _width(each, of_tag)
    ]
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


def _width(rule: InboundRule, of_tag: Sequence[InboundRule]) -> Iterator[str]:
    """In which ways a rule for the tag is wide."""
    protocols = values_of(rule.rule, "protocols")
    if not any(each.lower() == "tcp" for each in protocols):
        every = (
            "any protocol" if {"*", "any"} & {each.lower() for each in protocols} else ", ".join(protocols)
        )
        yield f"lets {rule.tags[0]} in by {every}, and the service speaks TCP"
    if not rule.tcp:
        return
    if not ipv4.difference(_EVERY_PORT, rule.ports):
        yield f"lets {rule.tags[0]} in on every port"
        return
    for tag in rule.tags:
        alike = [each for each in of_tag if each.tcp and each.names(tag) and each.covers(rule)]
        if not ipv4.difference(_EVERY_PORT, ipv4.union(span for each in alike for span in each.ports)):
            others = ", ".join(sorted(each.rule.name for each in alike if each is not rule))
            yield f"lets {tag} in on every port, together with {others}"


def rules_beside_the_tag(facts: RelationQueries, owner: Resource) -> Related:
    """Inbound rules that open to everybody a port that a rule opens to AzureContainerRegistry.

    Everybody are all public addresses of IPv4 or of IPv6, in however many prefixes and rules. What rules
    of lower priority numbers deny to everybody before is not open.
    """
    related = facts.related(owner, "rules")
    rules, doubts = inbound_rules(facts, owner)
    comparisons = [_Comparison(rule, rules) for rule in rules if rule.allows and rule.tags and rule.tcp]
    # A rule that could not be read may deny what another opens.
    problems = [each for comparison in comparisons for each in comparison.problems() if not doubts]
    doubts += [each for comparison in comparisons for each in comparison.doubts()]
    ports = ipv4.union(span for comparison in comparisons for span in comparison.of_tag.ports)
    admin = admin_doubt_on_ports(facts, networks_of(facts, owner), ports) if ports else None
    if admin is not None:
        return related_problems((), (*related.uncertain, *doubts, admin), related.unseen)
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A rule for the tag, among all inbound rules of its group."""

    of_tag: InboundRule
    rules: Sequence[InboundRule]

    def problems(self) -> Iterator[Resource]:
        """The rules that open its ports to everybody."""
        open_to_all = self._open_to_all(surely=True)
        rules = {rule.key: rule for rules in open_to_all.values() for rule in rules}
        for key, rule in rules.items():
            ports = [span for span, others in open_to_all.items() if any(each.key == key for each in others)]
            names = {each.name for span in ports for each in open_to_all[span]} - {rule.name}
            together = f", together with {', '.join(sorted(names))}," if names else ""
            what = f"opens {_in_words(ports)} to everybody{together} and {self.of_tag.rule.name} opens"
            it = "it" if len(ports) == 1 else "them"
            yield problem(rule.id, f"{what} {it} to {self.of_tag.tags[0]} alone", rule.rows[0])

    def doubts(self) -> Iterator[Unseen]:
        """The rules that open them if application security groups have machines in common."""
        certain = self._open_to_all(surely=True)
        for span, rules in self._open_to_all(surely=False).items():
            if span not in certain:
                names = ", ".join(sorted(rule.name for rule in rules))
                where = f"on machines that {self.of_tag.rule.name} is for"
                yield Unseen(f"{names} may open {_in_words([span])} to everybody {where}")

    def _open_to_all(self, *, surely: bool) -> Mapping[Interval, Sequence[Resource]]:
        """By span of the rule's ports, the rules that open it to everybody: alone, if some do."""
        opened = {}
        for span in self._spans():
            sources = list(self._allowed(span, surely=surely))
            together = Addresses()
            for _, addresses in sources:
                together |= addresses
            if together.are_everybody:
                alone = [rule for rule, addresses in sources if addresses.are_everybody]
                opened[span] = alone or [rule for rule, addresses in sources if addresses]
        return opened

    def _allowed(self, span: Interval, *, surely: bool) -> Iterator[tuple[Resource, Addresses]]:
        """The rules that allow a span, and those of their sources that no rule denies before."""
        denied = Addresses()
        for rule in self.rules:
            if not rule.tcp or not ipv4.contains(rule.ports, span):
                continue
            if rule.allows:
                meets = rule.meets(self.of_tag)
                if meets is Truth.TRUE or (meets is Truth.UNKNOWN and not surely):
                    yield rule.rule, rule.sources.without(denied)
            elif rule.covers(self.of_tag):
                denied |= rule.sources

    def _spans(self) -> Iterator[Interval]:
        """The rule's ports, cut where those of another rule begin or end."""
        cuts = {cut for rule in self.rules for first, last in rule.ports for cut in (first, last + 1)}
        for first, last in self.of_tag.ports:
            inner = sorted(cut for cut in cuts if first < cut <= last)
            yield from ((start, end - 1) for start, end in pairwise([first, *inner, last + 1]))


def _in_words(ports: Iterable[Interval]) -> str:
    spans = ipv4.union(ports)
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    alone = len(spans) == 1 and spans[0][0] == spans[0][1]
    return f"{'port' if alone else 'ports'} {', '.join(texts)}"
