"""One service tag, and the tags that hold one address, as a reader asks for them."""

from dataclasses import dataclass

from scanner.network import ipv4, ipv6, registry_firewall
from scanner.network.service_tags import ServiceTags, Tag
from scanner.network.tags.changes import ipv6_space
from scanner.network.tags.comparison import LabeledTags


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag of a list, an address, or both; `holding` are the tags that hold the address, as listed."""

    listed: LabeledTags
    tag: Tag | None
    address: str | None
    holding: tuple[Tag, ...]


def holding(tags: ServiceTags, text: str) -> tuple[Tag, ...] | None:
    """The tags that hold one IPv4 or IPv6 address; None where the text is no such address."""
    if (four := ipv4.parse(text)) is not None:
        return tuple(registry_firewall.tags_containing(tags, four)) if four[0] == four[1] else None
    six = ipv6.parse(text)
    if six is None or six[0] != six[1]:
        return None
    return tuple(tag for tag in tags.tags.values() if _holds(tag, six))


def _holds(tag: Tag, address: ipv4.Interval) -> bool:
    return bool(ipv4.intersection(ipv6_space(tag), (address,)))
