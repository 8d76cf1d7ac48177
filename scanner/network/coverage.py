"""How firewall rules and service tags lie over each other: set arithmetic on addresses, never on texts."""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from scanner.network import ipv4
from scanner.network.ipv4 import Interval
from scanner.network.service_tags import Tag


class Coverage(msgspec.Struct, frozen=True):
    """How much of a tag the rules cover.

    `covered` counts the listed IPv4 `prefixes` that lie wholly in the union of the rules; `missing` are
    the tag's addresses outside of the rules, `excess` those of the rules outside of the tag.
    """

    prefixes: int
    covered: int
    missing: tuple[str, ...]
    excess: tuple[str, ...]


def coverage(rules: Iterable[str], tag: Tag) -> Coverage:
    """How much of a tag the rules cover; a rule that is no IPv4 address or prefix covers nothing."""
    space = ipv4.union(interval for rule in rules if (interval := _addresses(rule)))
    missing = ipv4.difference(tag.ipv4, space)
    return Coverage(
        prefixes=len(tag.prefixes),
        covered=_covered(tag, space) if missing else len(tag.prefixes),
        missing=ipv4.cidrs(missing),
        excess=ipv4.cidrs(ipv4.difference(space, tag.ipv4)),
    )


def overlapping(rules: Iterable[str], tag: Tag) -> tuple[str, ...]:
    """The rules that share an address with the tag, as written."""
    space = tag.ipv4
    return tuple(rule for rule in rules if (interval := _addresses(rule)) and ipv4.overlaps(space, interval))


def inside(rules: Iterable[str], tags: Iterable[Tag]) -> tuple[str, ...]:
    """The rules that lie wholly within the union of the tags, as written."""
    space = _space(tuple(tags))
    return tuple(rule for rule in rules if (interval := _addresses(rule)) and ipv4.contains(space, interval))


_addresses = lru_cache(maxsize=1 << 13)(ipv4.parse)


@lru_cache(maxsize=256)
def _space(tags: tuple[Tag, ...]) -> tuple[Interval, ...]:
    return ipv4.union(interval for tag in tags for interval in tag.ipv4)


def _covered(tag: Tag, space: tuple[Interval, ...]) -> int:
    intervals = map(_addresses, tag.prefixes)
    return sum(interval is not None and ipv4.contains(space, interval) for interval in intervals)
