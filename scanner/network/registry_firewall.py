"""The access model of one registry's public endpoint: whom its firewall lets in, and by which rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scanner.model.resource import Unseen
from scanner.model.truth import Truth, all_of, any_of
from scanner.network import ipv4
from scanner.network.coverage import inside, overlapping
from scanner.network.ipv4 import Interval
from scanner.network.service_tags import ServiceTags, Tag

IDLE = ", so the rule is idle"
MOST = 8
"""How many names of tags or prefixes a sentence lists."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether somebody gets in, and by which rule or for what reason."""

    truth: Truth
    by: str


@dataclass(frozen=True, slots=True)
class Firewall:
    """A registry's public endpoint: whether it is open to everybody, and whether it answers to its rules.

    Public access Disabled overrides every rule, and Allow makes every rule idle: both say so in `by`.
    """

    open: Admission
    by_rules: Admission
    rules: Sequence[str] | Unseen
    odd: Unseen | None = None
    """Why some rule could not be read, if one could not."""


def admission_by_rule(firewall: Firewall, *, seen: Truth = Truth.TRUE) -> Admission:
    """Whether those get in whom a rule names, if there is one: `seen` says how sure that is."""
    if firewall.open.truth is Truth.TRUE:
        return Admission(Truth.TRUE, firewall.open.by + (IDLE if seen is Truth.TRUE else ""))
    truth = any_of([firewall.open.truth, all_of([firewall.by_rules.truth, seen])])
    if truth is Truth.TRUE:
        return Admission(truth, "the rule itself")
    return Admission(
        truth, (firewall.open if firewall.by_rules.truth is Truth.FALSE else firewall.by_rules).by
    )


def ip_rule(firewall: Firewall, text: str) -> Admission:
    """Whether the addresses of an IP rule get in."""
    interval = ipv4.parse(text)
    if interval is None:
        return Admission(Truth.FALSE, "it is no IPv4 address or prefix, so it admits nobody")
    if ipv4.is_private(interval):
        return Admission(Truth.FALSE, "such addresses never arrive over the internet")
    return admission_by_rule(firewall)


def address(firewall: Firewall, wanted: Interval) -> Admission:
    """Whether a public address gets in over the public endpoint: by which rule, or why by none."""
    if firewall.open.truth is Truth.TRUE or firewall.by_rules.truth is Truth.FALSE:
        return firewall.open
    rules = firewall.rules
    if isinstance(rules, Unseen):
        return Admission(Truth.UNKNOWN, f"the IP rules could not be seen ({rules.reason})")
    holding = [rule for rule in rules if _holds(rule, wanted)]
    held = Truth.TRUE if holding else Truth.FALSE if firewall.odd is None else Truth.UNKNOWN
    truth = any_of([firewall.open.truth, all_of([firewall.by_rules.truth, held])])
    if holding:
        doubt = "" if truth is Truth.TRUE else f" holds the address, but {firewall.by_rules.by}"
        return Admission(truth, f"the IP rule {join_names(holding)}{doubt}")
    if firewall.odd is not None:
        return Admission(
            truth, f"{firewall.open.by}, and an IP rule could not be read ({firewall.odd.reason})"
        )
    none = f"none of its {len(rules)} IP rules holds the address" if rules else "it has no IP rule"
    return Admission(truth, f"{firewall.open.by}, and {none}")


def describe_rule(
    text: str, service: str, home: Tag | Unseen, elsewhere: Sequence[Tag] | Unseen
) -> tuple[str, ...]:
    """What an IP rule is: of its region's tag (and how much), of another region's, private, or foreign."""
    interval = ipv4.parse(text)
    if interval is None:
        return ("not an IPv4 address or prefix",)
    if ipv4.is_private(interval):
        return ("private or reserved addresses",)
    mixed = () if ipv4.is_public(interval) else ("partly private or reserved addresses",)
    ours = () if isinstance(home, Unseen) else tuple(_over_home(text, interval, home))
    theirs = () if isinstance(elsewhere, Unseen) else tuple(_over_others(text, elsewhere))
    if ours or theirs:
        return (*mixed, *ours, *theirs)
    doubts = dict.fromkeys(each.reason for each in (home, elsewhere) if isinstance(each, Unseen))
    if doubts:
        return (*mixed, f"whose addresses these are is not known: {'; '.join(doubts)}")
    return (*mixed, f"in no regional {service} tag: somebody else's addresses")


def tags_containing(tags: ServiceTags, wanted: Interval) -> list[Tag]:
    """The service tags that hold an address, in the order listed."""
    return [tag for tag in tags.tags.values() if ipv4.contains(tag.ipv4, wanted)]


def join_names(names: Sequence[str]) -> str:
    """Names in a sentence: the first few, and how many more."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _over_home(text: str, interval: Interval, home: Tag) -> Iterator[str]:
    """How a rule lies over its region's tag: which of its prefixes it holds, and what else."""
    if not overlapping([text], home):
        return
    listed = [(prefix, parsed) for prefix in home.prefixes if (parsed := ipv4.parse(prefix))]
    whole = [prefix for prefix, each in listed if ipv4.contains((interval,), each)]
    part = [prefix for prefix, each in listed if ipv4.overlaps((interval,), each) and prefix not in whole]
    name = f"{home.name}, the tag of its own region"
    if any(each == interval for _, each in listed):
        yield f"{name}: one of its prefixes"
        return
    if whole:
        yield f"{name}: {len(whole)} of its {len(listed)} prefixes ({join_names(whole)})"
    if part:
        yield f"{name}: part of its prefix {join_names(part)}"
    beside = ipv4.size(ipv4.difference((interval,), home.ipv4))
    if beside:
        yield f"wider than the tag by {beside:,} addresses"


def _over_others(text: str, elsewhere: Sequence[Tag]) -> Iterator[str]:
    """The tags of other regions over which a rule lies, wholly inside of one or not."""
    touched = [tag for tag in elsewhere if overlapping([text], tag)]
    if touched:
        names = join_names([tag.name for tag in touched])
        whose = "the tag of another region" if len(touched) == 1 else "the tags of other regions"
        yield f"{'' if inside([text], touched) else 'partly '}{names}, {whose}"


def _holds(rule: str, wanted: Interval) -> bool:
    interval = ipv4.parse(rule)
    return interval is not None and ipv4.contains((interval,), wanted)
