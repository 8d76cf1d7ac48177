"""What differs between two lists of service tags: sets of addresses, however they are cut into prefixes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from scanner.network import ipv4, ipv6
from scanner.network.ipv4 import Interval
from scanner.network.service_tags import ServiceTags, Tag


class ChangeKind(Enum):
    """What became of a tag. A tag without any address can be compared with nothing."""

    VANISHED = "vanished"
    EMPTIED = "emptied"
    EMPTY = "empty"
    NEW = "new"
    FILLED = "filled"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class AddressChange:
    """The addresses of one family that came, left and stayed, as unions."""

    added: tuple[Interval, ...]
    removed: tuple[Interval, ...]
    kept: tuple[Interval, ...]

    @property
    def moved(self) -> bool:
        """Whether any address came or left."""
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class TagChange:
    """One tag in both lists; the name is spelt as in the newer one that has it."""

    name: str
    kind: ChangeKind
    ipv4: AddressChange
    ipv6: AddressChange

    @property
    def added(self) -> tuple[str, ...]:
        """The fewest prefixes that hold what came, IPv4 first."""
        return (*ipv4.cidrs(self.ipv4.added), *ipv6.cidrs(self.ipv6.added))

    @property
    def removed(self) -> tuple[str, ...]:
        """The fewest prefixes that hold what left, IPv4 first."""
        return (*ipv4.cidrs(self.ipv4.removed), *ipv6.cidrs(self.ipv6.removed))

    @property
    def kept(self) -> tuple[str, ...]:
        """The fewest prefixes that hold what stayed, IPv4 first."""
        return (*ipv4.cidrs(self.ipv4.kept), *ipv6.cidrs(self.ipv6.kept))


def changes(old: ServiceTags, new: ServiceTags, names: Sequence[str]) -> tuple[TagChange, ...]:
    """Every tag that one of the names selects in either list, by name.

    A name selects the tag and its regional ones; it may be a glob. Change numbers and the order or cut of
    prefixes are not looked at: they move without content.
    """
    keys = sorted(key for key in old.tags.keys() | new.tags.keys() if _selected(key, names))
    return tuple(_change(old.tags.get(key), new.tags.get(key)) for key in keys)


def _selected(key: str, names: Iterable[str]) -> bool:
    service = key.partition(".")[0]
    return any(fnmatchcase(word, name.lower()) for name in names for word in (key, service))


def _change(old: Tag | None, new: Tag | None) -> TagChange:
    four = _family(_ipv4(old), _ipv4(new), v6=False)
    six = _family(ipv6_space(old), ipv6_space(new), v6=True)
    tag = new or old
    return TagChange(
        "" if tag is None else tag.name, _kind(old, new, moved=four.moved or six.moved), four, six
    )


def _kind(old: Tag | None, new: Tag | None, *, moved: bool) -> ChangeKind:
    if new is None:
        return ChangeKind.VANISHED
    if old is None:
        return ChangeKind.NEW if _listed(new) else ChangeKind.EMPTY
    if not _listed(new):
        return ChangeKind.EMPTIED if _listed(old) else ChangeKind.EMPTY
    if not _listed(old):
        return ChangeKind.FILLED
    return ChangeKind.CHANGED if moved else ChangeKind.UNCHANGED


def _family(old: tuple[Interval, ...], new: tuple[Interval, ...], *, v6: bool) -> AddressChange:
    difference = ipv6.difference if v6 else ipv4.difference
    return AddressChange(difference(new, old), difference(old, new), ipv4.intersection(old, new))


def _listed(tag: Tag) -> bool:
    return bool(tag.prefixes or tag.ipv6)


def _ipv4(tag: Tag | None) -> tuple[Interval, ...]:
    return () if tag is None else tag.ipv4


def ipv6_space(tag: Tag | None) -> tuple[Interval, ...]:
    """The IPv6 addresses of a tag, as a union."""
    return () if tag is None else ipv4.union(filter(None, map(ipv6.parse, tag.ipv6)))
