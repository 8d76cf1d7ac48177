"""Rules that list addresses of the registry service in the place of its tag."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from scanner.engine.fields.relation_queries import RelationQueries
from scanner.engine.fields.tag_table import HELP, TagTable
from scanner.engine.relations.problems import problem, related_problems
from scanner.engine.traffic.network_rules import SECURITY_GROUPS
from scanner.engine.traffic.prefixes import listed
from scanner.engine.traffic.rule_values import scalar_of, values_of
from scanner.model.resource import Related, Resource, Unseen
from scanner.network import ipv4, ipv6
from scanner.network.ipv4 import Interval
from scanner.network.service_tags import Tag

SERVICE = "AzureContainerRegistry"

_PRIVATE_6 = ((0, (0x2000 << 112) - 1), (0x4000 << 112, (1 << 128) - 1))
"""What lies outside of 2000::/3, in which every public address of today lies."""


def rules_by_address(facts: RelationQueries, owner: Resource) -> Related:
    """The rules that allow addresses inside of AzureContainerRegistry, of IPv4 or IPv6.

    Of a firewall's rules only the destinations: Azure Firewall takes no tag as a source.
    """
    related = facts.related(owner, "rules")
    ends = {"sources": "source", "destinations": "destination"}
    if owner.type != SECURITY_GROUPS:
        ends.pop("sources")
    problems, doubts = [], []
    for rule in related.targets:
        if scalar_of(rule, "access") != "allow":
            continue
        held = {word: _compared(facts.tags, values_of(rule, name)) for name, word in ends.items()}
        doubts += [each for each in held.values() if isinstance(each, Unseen)]
        parts = [f"{each} as {word}" for word, each in held.items() if isinstance(each, str)]
        if parts:
            problems.append(problem(rule.id, f"lists {' and '.join(parts)}", rule.rows[0]))
    return related_problems(problems, (*related.uncertain, *doubts), related.unseen)


def _compared(table: TagTable, ends: Sequence[str]) -> str | Unseen | None:
    """What `_inside` says, which is the same of all rules that list the same."""
    words: str | Unseen | None = table.once((SERVICE, *ends), lambda: _inside(table, ends))
    return words


def _inside(table: TagTable, ends: Sequence[str]) -> str | Unseen | None:
    """Which of some prefixes lie inside of the tag, in words; None where none does."""
    found = addresses_of_the_tag(table, ends)
    return found if found is None or isinstance(found, Unseen) else f"{listed(found[0])} of {found[1]}"


def addresses_of_the_tag(table: TagTable, ends: Sequence[str]) -> tuple[tuple[str, ...], str] | Unseen | None:
    """The prefixes inside of AzureContainerRegistry, and the name of the narrowest tag that has them."""
    four = [each for each in ends if (space := ipv4.parse(each)) is not None and not ipv4.is_private(space)]
    six = [each for each in ends if (space := ipv6.parse(each)) is not None and not _is_private(space)]
    if not four and not six:
        return None
    tags = table.usable()
    if isinstance(tags, Unseen):
        return tags
    tag = tags.find(SERVICE)
    if tag is None or (four and not tag.ipv4) or (six and not tag.ipv6):
        return Unseen(f"the service tags have no {SERVICE} of that family", HELP)
    inside = tuple(_within([*four, *six], tag))
    if not inside:
        return None
    region = next((each for each in tags.regional(SERVICE) if tuple(_within(inside, each)) == inside), tag)
    return inside, region.name


def _within(ends: Iterable[str], tag: Tag) -> Iterator[str]:
    """The prefixes that lie wholly inside of a tag."""
    for each in ends:
        four, six = ipv4.parse(each), ipv6.parse(each)
        if four is not None and ipv4.contains(tag.ipv4, four):
            yield each
        if six is not None and not ipv6.difference([six], _ipv6_space(tag)):
            yield each


@lru_cache(maxsize=256)
def _ipv6_space(tag: Tag) -> tuple[Interval, ...]:
    return ipv4.union(space for prefix in tag.ipv6 if (space := ipv6.parse(prefix)) is not None)


def _is_private(interval: Interval) -> bool:
    return not ipv6.difference([interval], _PRIVATE_6)
