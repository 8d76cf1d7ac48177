"""What a new list of service tags does to a registry whose firewall was made from an older one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from scanner.model.resource import Unseen
from scanner.model.truth import Truth
from scanner.network import ipv4
from scanner.network.ipv4 import Interval
from scanner.network.service_tags import ServiceTags, Tag
from scanner.network.tags.changes import ChangeKind, TagChange

_LEFT = "its IP rules admit addresses that left the tag"


class EffectState(Enum):
    """Whether a difference touches a registry; UNKNOWN is never taken for either."""

    AFFECTED = "affected"
    UNKNOWN = "unknown"
    UNAFFECTED = "unaffected"


@dataclass(frozen=True, slots=True)
class Rules:
    """A registry's IP rules as written, whether they have an effect, and what says so."""

    texts: Sequence[str] | Unseen
    count: Truth
    why: str


@dataclass(frozen=True, slots=True)
class StaleRule:
    """An IP rule as written, and those of its addresses that left the tag."""

    rule: str
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a difference does to one registry's IP rules, and why.

    `refused` holds the addresses that came to the tag of its region and that no rule admits, `lacking`
    those that no rule admitted before either.
    """

    state: EffectState
    reason: str
    refused: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    stale: tuple[StaleRule, ...] = ()


def removed_addresses(changes: Sequence[TagChange], new: ServiceTags, service: str) -> tuple[Interval, ...]:
    """The IPv4 addresses that left a service's tags and are in none of them any more.

    A tag that vanished or was emptied proves nothing: such tags have come back with the same addresses.
    """
    gone = (ChangeKind.VANISHED, ChangeKind.EMPTIED)
    removed = [each for change in changes if change.kind not in gone for each in change.ipv4.removed]
    names = (new.find(service), *new.regional(service))
    here = [interval for tag in names if tag is not None for interval in tag.ipv4]
    return ipv4.difference(ipv4.union(removed), ipv4.union(here))


def effect_on(
    rules: Rules, old: Tag | Unseen, new: Tag | Unseen, elsewhere: Sequence[Interval] = ()
) -> Effect:
    """The effect of the tag of a registry's region becoming `new`; `elsewhere` left the service's tags.

    A registry whose rules share no address with either list admits no task by them, so nothing changes.
    """
    if rules.count is Truth.FALSE:
        return Effect(EffectState.UNAFFECTED, f"its IP rules have no effect ({rules.why})")
    if isinstance(rules.texts, Unseen):
        return Effect(EffectState.UNKNOWN, f"its IP rules could not be seen ({rules.texts.reason})")
    if not rules.texts:
        return Effect(EffectState.UNAFFECTED, "it has no IP rules")
    found = _ruled(rules.texts, old, new, elsewhere)
    if found.state is EffectState.AFFECTED and rules.count is Truth.UNKNOWN:
        reason = f"whether its IP rules have an effect is not known ({rules.why})"
        return replace(found, state=EffectState.UNKNOWN, reason=reason)
    return found


def _ruled(
    rules: Sequence[str], old: Tag | Unseen, new: Tag | Unseen, elsewhere: Sequence[Interval]
) -> Effect:
    """The effect on a registry whose rules count."""
    space = ipv4.union(filter(None, map(ipv4.parse, rules)))
    before = old.ipv4 if isinstance(old, Tag) else ()
    if isinstance(new, Unseen):
        stale = _stale(rules, elsewhere)
        if isinstance(old, Tag) and not stale and not ipv4.intersection(space, before):
            return Effect(EffectState.UNAFFECTED, f"its IP rules are for others than {old.name}")
        reason = f"{_LEFT}, and {new.reason}" if stale else new.reason
        return Effect(EffectState.AFFECTED if stale else EffectState.UNKNOWN, reason, stale=stale)
    came, gone = ipv4.difference(new.ipv4, before), ipv4.difference(before, new.ipv4)
    stale = _stale(rules, ipv4.union([*gone, *elsewhere]))
    relies = bool(ipv4.intersection(space, ipv4.union([*before, *new.ipv4])))
    refused = ipv4.cidrs(ipv4.difference(came, space)) if relies else ()
    lacking = ipv4.cidrs(ipv4.difference(ipv4.intersection(before, new.ipv4), space)) if relies else ()
    return Effect(
        EffectState.AFFECTED if refused or stale else EffectState.UNAFFECTED,
        _said(new, relies=relies, refused=bool(refused), lacking=bool(lacking), stale=bool(stale)),
        refused,
        lacking,
        stale,
    )


def _said(new: Tag, *, relies: bool, refused: bool, lacking: bool, stale: bool) -> str:
    found = [f"its IP rules lack addresses that came to {new.name}"] if refused else []
    found += [_LEFT] if stale else []
    if found:
        return ", and ".join(found)
    if not relies:
        return f"its IP rules are for others than {new.name}"
    return f"its IP rules lack nothing that came to {new.name}" + (
        ", but were short of it before" if lacking else ""
    )


def _stale(rules: Sequence[str], gone: Sequence[Interval]) -> tuple[StaleRule, ...]:
    found = []
    for rule in rules:
        interval = ipv4.parse(rule)
        shared = () if interval is None else ipv4.intersection((interval,), gone)
        if shared:
            found.append(StaleRule(rule, ipv4.cidrs(shared)))
    return tuple(found)
