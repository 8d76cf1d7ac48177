"""From the IP rules that a registry has to those that it needs: exact, lossless, and within the budget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from scanner.network import ipv4
from scanner.network.coverage import inside
from scanner.network.ipv4 import Interval
from scanner.network.service_tags import Tag

_BITS = 32


@dataclass(frozen=True, slots=True)
class Cover:
    """Rules that cover a tag: the list afterwards, and how many addresses it opens beyond the tag."""

    after: tuple[str, ...]
    opened: int = 0


@dataclass(frozen=True, slots=True)
class NoRoom:
    """Why no list covers a tag: it takes `needed` rules where `limit` are allowed.

    `widened` would fit, at the price of the addresses that it opens.
    """

    needed: int
    limit: int
    widened: Cover | None = None


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule more, or one less; a removed rule as it was written."""

    added: bool
    rule: str


def covering(
    current: Sequence[str], tag: Tag, limit: int, *, widest: int = 0, widen: bool = False
) -> Cover | NoRoom:
    """Rules that cover a tag exactly, beside what is there; the tag's own are merged only where they must be.

    A rule is the tag's own if it lies wholly inside of it; every other is left alone. `widest` is the
    length of the widest prefix that widening may make. No more than `limit` rules come of additions.
    """
    space = _space(current)
    missing = ipv4.cidrs(ipv4.difference(tag.ipv4, space))
    plain = (*current, *missing)
    if not missing or len(plain) <= limit:
        return Cover(plain)
    merged = merging(current, tag, cover=True)
    if len(merged) <= limit:
        return Cover(merged)
    widened = _widened(current, tag, limit, widest)
    if widen and widened is not None:
        return widened
    return NoRoom(len(merged), limit, widened)


def merging(current: Sequence[str], tag: Tag, *, cover: bool = False) -> tuple[str, ...]:
    """The rules with the tag's own merged into the fewest prefixes of the same addresses.

    `cover` lets them hold all of the tag, so far as no other rule does.
    """
    own = inside(current, [tag])
    foreign = [rule for rule in current if rule not in own]
    wanted = tag.ipv4 if cover else _space(own)
    # prefixes nest: one that overlaps the tag and is not its own holds the tag's prefix whole
    return (*foreign, *_kept(ipv4.cidrs(ipv4.difference(wanted, _space(foreign))), own))


def _kept(prefixes: Iterable[str], own: Sequence[str]) -> tuple[str, ...]:
    """The prefixes, spelled as a rule that is there already."""
    spelled = {ipv4.parse(rule): rule for rule in reversed(own)}
    return tuple(spelled.get(_interval(prefix), prefix) for prefix in prefixes)


def _widened(current: Sequence[str], tag: Tag, limit: int, widest: int) -> Cover | None:
    """The cover that opens the fewest addresses within the limit; None where even that does not fit."""
    own = inside(current, [tag])
    foreign = [rule for rule in current if rule not in own]
    room = limit - len(foreign)
    if room < 0:
        return None
    wanted = ipv4.difference(tag.ipv4, _space(foreign))
    best = cheapest(wanted, room, widest)
    if best is None:
        return None
    already = ipv4.union((*tag.ipv4, *_space(current)))
    opened = ipv4.size(ipv4.difference(_space(best), already))
    return Cover((*foreign, *_kept(best, own)), opened)


def cheapest(wanted: tuple[Interval, ...], room: int, widest: int = 0) -> tuple[str, ...] | None:
    """At most `room` prefixes that hold a union, and the fewest other addresses; none wider than `widest`."""

    @cache
    def best(first: int, length: int, most: int) -> tuple[int, tuple[str, ...]] | None:
        last = first + (1 << (_BITS - length)) - 1
        held = ipv4.intersection(wanted, ((first, last),))
        if not held:
            return 0, ()
        if most < 1:
            return None
        beside = last - first + 1 - ipv4.size(held)
        whole = (beside, ipv4.cidrs(((first, last),))) if length >= widest else None
        if beside == 0 and whole is not None:
            return whole
        middle = first + (1 << (_BITS - length - 1))
        found = [] if whole is None else [whole]
        lower, upper = (ipv4.intersection(held, (half,)) for half in ((first, middle - 1), (middle, last)))
        # one half alone takes all that there is room for
        shares = range(1, most) if lower and upper else (most,) if lower else (0,)
        for share in shares:
            left, right = best(first, length + 1, share), best(middle, length + 1, most - share)
            if left is not None and right is not None:
                found.append((left[0] + right[0], left[1] + right[1]))
        return min(found, key=lambda option: (option[0], len(option[1])), default=None)

    found = best(0, 0, room)
    return None if found is None else found[1]


def ordered(current: Sequence[str], after: Sequence[str], limit: int) -> tuple[RuleChange, ...] | None:
    """The changes that lead from one list to the other; None where no order keeps the limit.

    Additions come before removals. Only where the limit has no room for that, a rule goes first whose
    wanted addresses the rest still holds. So nobody who is in before and after is ever refused.
    """
    adds = [rule for rule in dict.fromkeys(after) if rule not in current]
    removes = [rule for rule in dict.fromkeys(current) if rule not in after]
    wanted = _space(after)
    now, changes = list(current), []
    while adds or removes:
        free = limit - len(now)
        idle = next((rule for rule in removes if _spared(rule, now, wanted)), None)
        if adds and (free >= len(adds) or (free > 0 and idle is None)):
            rule = max(adds, key=lambda each: _frees(each, removes))
            adds.remove(rule)
            now.append(rule)
            changes.append(RuleChange(added=True, rule=rule))
        elif idle is not None:
            removes.remove(idle)
            now = [rule for rule in now if rule != idle]
            changes.append(RuleChange(added=False, rule=idle))
        else:
            return None
    return tuple(changes)


def _spared(rule: str, now: Sequence[str], wanted: tuple[Interval, ...]) -> bool:
    """Whether the other rules hold all that is wanted of a rule."""
    interval = ipv4.parse(rule)
    if interval is None:
        return True
    needed = ipv4.intersection(wanted, (interval,))
    rest = _space(other for other in now if other != rule)
    return not ipv4.difference(needed, rest)


def _frees(added: str, removes: Sequence[str]) -> int:
    """How many rules that are to go lie inside an added one."""
    space = _space([added])
    intervals = map(ipv4.parse, removes)
    return sum(interval is not None and ipv4.contains(space, interval) for interval in intervals)


def _space(rules: Iterable[str]) -> tuple[Interval, ...]:
    return ipv4.union(interval for rule in rules if (interval := ipv4.parse(rule)) is not None)


def _interval(prefix: str) -> Interval:
    interval = ipv4.parse(prefix)
    if interval is None:
        raise AssertionError(f"{prefix} is of our own making")
    return interval
