"""IPv6 prefixes as inclusive integer intervals; union, intersection and size are those of `ipv4`."""

import socket
from collections.abc import Iterable, Iterator, Sequence

from scanner.network.ipv4 import Interval, intersection

_BITS = 128
_LAST = (1 << _BITS) - 1
_HOSTS = {"": 0} | {f"/{length}": (1 << (_BITS - length)) - 1 for length in range(_BITS + 1)}


def parse(text: str) -> Interval | None:
    """The addresses of an IPv6 address or prefix, host bits masked; None for any other text."""
    address, slash, length = text.partition("/")
    hosts = _HOSTS.get(slash + length)
    if hosts is None:
        return None
    try:
        last = int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big") | hosts
    except (OSError, ValueError):
        return None
    return last - hosts, last


def difference(left: Sequence[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """The addresses of the first union that the second lacks, as a union."""
    return intersection(left, tuple(_outside(right)))


def cidrs(intervals: Iterable[Interval]) -> tuple[str, ...]:
    """The fewest prefixes that hold exactly the addresses of a union, in address order."""
    return tuple(prefix for first, last in intervals for prefix in _prefixes(first, last))


def _outside(space: Iterable[Interval]) -> Iterator[Interval]:
    start = 0
    for first, last in space:
        if start < first:
            yield start, first - 1
        start = last + 1
    if start <= _LAST:
        yield start, _LAST


def _prefixes(first: int, last: int) -> Iterator[str]:
    while first <= last:
        aligned = (first & -first).bit_length() - 1 if first else _BITS
        host_bits = min(aligned, (last - first + 1).bit_length() - 1)
        yield f"{socket.inet_ntop(socket.AF_INET6, first.to_bytes(16, 'big'))}/{_BITS - host_bits}"
        first += 1 << host_bits
