"""IPv4 prefix algebra on inclusive integer intervals: exact, and fast enough for every firewall rule.

Where an argument is called a union it must be sorted and disjoint, as `union` returns it.
"""

import socket
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, starmap

Interval = tuple[int, int]

_BITS = 32
_END = 1 << _BITS
_BEYOND = (_END, _END)
_HOSTS = {"": 0} | {f"/{length}": (1 << (_BITS - length)) - 1 for length in range(_BITS + 1)}


def parse(text: str) -> Interval | None:
    """The addresses of an IPv4 address or prefix, host bits masked; None for any other text."""
    address, slash, length = text.partition("/")
    hosts = _HOSTS.get(slash + length)
    if hosts is None:
        return None
    try:
        last = int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big") | hosts
    except (OSError, ValueError):
        return None
    return last - hosts, last


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same addresses as sorted, disjoint intervals, adjacent ones merged."""
    ordered = sorted(intervals)
    if not ordered:
        return ()
    merged = []
    start, end = ordered[0]
    for first, last in ordered:
        if first > end + 1:
            merged.append((start, end))
            start, end = first, last
        elif last > end:
            end = last
    return (*merged, (start, end))


def intersection(left: Sequence[Interval], right: Sequence[Interval]) -> tuple[Interval, ...]:
    """The addresses that two unions share, as a union."""
    shared = []
    i = j = 0
    while i < len(left) and j < len(right):
        first = max(left[i][0], right[j][0])
        last = min(left[i][1], right[j][1])
        if first <= last:
            shared.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(shared)


def difference(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """The addresses of the first union that the second lacks, as a union."""
    rest = []
    others = iter((*right, _BEYOND))
    low, high = next(others)
    for first, end in left:
        start = first
        while high < start:
            low, high = next(others)
        while low <= end:
            if start < low:
                rest.append((start, low - 1))
            start = high + 1
            if start > end:
                break
            low, high = next(others)
        if start <= end:
            rest.append((start, end))
    return tuple(rest)


def size(intervals: Iterable[Interval]) -> int:
    """How many addresses a union holds."""
    return sum(last - first + 1 for first, last in intervals)


def contains(space: Sequence[Interval], interval: Interval) -> bool:
    """Whether an interval lies wholly within a union."""
    position = bisect_right(space, (interval[0], _END))
    return position > 0 and interval[1] <= space[position - 1][1]


def overlaps(space: Sequence[Interval], interval: Interval) -> bool:
    """Whether an interval shares an address with a union."""
    position = bisect_right(space, (interval[1], _END))
    return position > 0 and interval[0] <= space[position - 1][1]


def cidrs(intervals: Iterable[Interval]) -> tuple[str, ...]:
    """The fewest prefixes that hold exactly the addresses of a union, in address order."""
    return tuple(chain.from_iterable(starmap(_prefixes, intervals)))


@lru_cache(maxsize=1 << 13)
def _prefixes(first: int, last: int) -> tuple[str, ...]:
    prefixes = []
    while first <= last:
        aligned = (first & -first).bit_length() - 1 if first else _BITS
        host_bits = min(aligned, (last - first + 1).bit_length() - 1)
        address = socket.inet_ntop(socket.AF_INET, first.to_bytes(4, "big"))
        prefixes.append(f"{address}/{_BITS - host_bits}")
        first += 1 << host_bits
    return tuple(prefixes)


def prefix_length(text: str) -> int | None:
    """The length of an IPv4 prefix, 32 for an address; None for any other text."""
    interval = parse(text)
    return None if interval is None else _BITS + 1 - size((interval,)).bit_length()


def is_public(interval: Interval) -> bool:
    """Whether no address is private, shared, local, multicast or reserved; documentation counts as public."""
    return not overlaps(_NOT_PUBLIC, interval)


def is_private(interval: Interval) -> bool:
    """Whether no address is public."""
    return contains(_NOT_PUBLIC, interval)


_NOT_PUBLIC = union(
    interval
    for prefix in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
    if (interval := parse(prefix))
)

PUBLIC = difference([(0, _END - 1)], _NOT_PUBLIC)
"""All addresses that are neither private nor reserved, as a union."""
