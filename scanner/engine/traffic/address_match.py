"""How the ends that a security rule names lie over others: by address, and service tags by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanner.engine.fields.tag_table import TagTable
from scanner.model.resource import Unseen
from scanner.model.truth import Truth, truth_of
from scanner.network import ipv4, ipv6
from scanner.network.ipv4 import Interval

ANY = frozenset({"*", "0.0.0.0/0"})
INTERNET, NETWORK = "internet", "virtualnetwork"
NEAR = frozenset({NETWORK, "azureloadbalancer", "azureplatformdns", "azureplatformimds", "azureplatformlkm"})
"""Tags of addresses that are no public ones."""

_EVERYTHING = (0, (1 << 32) - 1)

Space = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Whether something touches what is asked for at all, and whether it covers the whole of it."""

    touches: Truth
    covers: Truth
    space: Space | None = None
    """The addresses that it lies over if `touches` is TRUE, where these are known."""


NONE = Match(Truth.FALSE, Truth.FALSE)
PART = Match(Truth.TRUE, Truth.FALSE)
MAYBE = Match(Truth.UNKNOWN, Truth.UNKNOWN)
WHOLE = Match(Truth.TRUE, Truth.TRUE)


def match_addresses(held: Iterable[str], wanted: str, table: TagTable) -> list[Match]:
    """How tags lie over another end one by one, and IPv4 prefixes together; IPv6 lies over nothing."""
    ends = [each.lower() for each in held if ":" not in each]
    found = [_one_over(each, wanted.lower(), table) for each in ends if ipv4.parse(each) is None]
    prefixes = ipv4.union(interval for each in ends if (interval := ipv4.parse(each)) is not None)
    return [*found, _prefixes_over(prefixes, wanted.lower(), table)] if prefixes else found


def covers_near(held: Iterable[str], asked: Sequence[str]) -> Truth:
    """Whether the near ends that a rule names are all of some prefixes and application security groups.

    Without any that are asked for, whether they are all of whatever the rule's group protects. The answer
    is FALSE where they share nothing with what is asked for, and UNKNOWN where they are a part of it.
    """
    ends = [each.lower() for each in held]
    here = [each for each in ends if ipv6.parse(each) is None]
    if any(each in {*ANY, NETWORK} for each in here):
        return Truth.TRUE
    if not here:
        return Truth.FALSE if ends else Truth.UNKNOWN
    prefixes = ipv4.union(interval for each in here if (interval := ipv4.parse(each)) is not None)
    if not asked:
        return Truth.TRUE if prefixes == (_EVERYTHING,) else Truth.UNKNOWN
    wanted = [each.lower() for each in asked if each.lower() not in here]
    intervals = [ipv4.parse(each) for each in wanted]
    space = ipv4.union(each for each in intervals if each is not None)
    if None not in intervals and not ipv4.difference(space, prefixes):
        return Truth.TRUE
    elsewhere = len(wanted) == len(asked) and all(_is_elsewhere(each, space) for each in here)
    return Truth.FALSE if None not in intervals and elsewhere else Truth.UNKNOWN


def _is_elsewhere(held: str, space: Space) -> bool:
    """Whether an end shares no address with a space inside of a network; that of a tag is a public one."""
    interval = ipv4.parse(held)
    if interval is not None:
        return not ipv4.overlaps(space, interval)
    return not held.startswith("/") and all(map(ipv4.is_private, space))


def groups_over(wanted: str) -> Match:
    """How application security groups lie over another end: their members have addresses of a network."""
    interval = ipv4.parse(wanted)
    inside = wanted.lower() in {*ANY, *NEAR} or (interval is not None and not ipv4.is_public(interval))
    return MAYBE if inside else NONE


def space_of(ends: Iterable[str], table: TagTable) -> Space | None:
    """The IPv4 addresses of ends together; None where one of them has addresses that are not listed."""
    spaces = [_addresses(end.lower(), table) for end in ends if ":" not in end]
    known = [space for space in spaces if space is not None]
    return ipv4.union(each for space in known for each in space) if len(known) == len(spaces) else None


def _addresses(end: str, table: TagTable) -> Space | None:
    if end in ANY:
        return (_EVERYTHING,)
    interval = ipv4.parse(end)
    if interval is not None:
        return (interval,)
    tag = None if end in {INTERNET, *NEAR} else table.find(end)
    return None if tag is None or isinstance(tag, Unseen) else tag.ipv4


def _prefixes_over(held: Space, wanted: str, table: TagTable) -> Match:
    if held == (_EVERYTHING,):
        return WHOLE
    theirs = _EVERYTHING if wanted in ANY else ipv4.parse(wanted)
    return _laid(held, (theirs,)) if theirs is not None else _prefixes_over_tag(held, wanted, table)


def _one_over(held: str, wanted: str, table: TagTable) -> Match:
    """How a tag, or *, lies over another end."""
    if held in ANY or held == wanted:
        return WHOLE
    theirs = _EVERYTHING if wanted in ANY else ipv4.parse(wanted)
    if theirs == _EVERYTHING:
        return PART
    return _tag_over_prefix(held, theirs, table) if theirs is not None else _tag_over_tag(held, wanted, table)


def _tag_over_tag(held: str, wanted: str, table: TagTable) -> Match:
    """Internet is every public tag, a service's tag those of its regions; others compare by address.

    AzureCloud too: thousands of addresses of Storage and AzureActiveDirectory lie outside of it.
    """
    if held in NEAR or wanted in NEAR:
        return NONE
    if held == INTERNET or wanted.startswith(f"{held}."):
        return WHOLE
    if wanted == INTERNET or held.startswith(f"{wanted}."):
        return PART
    ours, theirs = table.find(held), table.find(wanted)
    if isinstance(ours, Unseen) or isinstance(theirs, Unseen):
        return MAYBE
    return _laid(ours.ipv4, theirs.ipv4)


def _prefixes_over_tag(held: Space, wanted: str, table: TagTable) -> Match:
    if wanted in NEAR:
        return NONE if all(map(ipv4.is_public, held)) else MAYBE
    if all(map(ipv4.is_private, held)):
        return NONE
    if wanted == INTERNET:
        return PART
    tag = table.find(wanted)
    return MAYBE if isinstance(tag, Unseen) else _laid(held, tag.ipv4)


def _tag_over_prefix(held: str, wanted: Interval, table: TagTable) -> Match:
    if held in NEAR:
        return NONE if ipv4.is_public(wanted) else MAYBE
    if ipv4.is_private(wanted):
        return NONE
    if held == INTERNET:
        return WHOLE if ipv4.is_public(wanted) else PART
    tag = table.find(held)
    return MAYBE if isinstance(tag, Unseen) else _laid(tag.ipv4, (wanted,))


def _laid(held: Space, wanted: Space) -> Match:
    touches = any(ipv4.overlaps(held, each) for each in wanted)
    return Match(truth_of(touches), truth_of(not ipv4.difference(wanted, held)))
