"""IPv4 prefix algebra."""

from itertools import pairwise

import netaddr  # type: ignore[import-untyped, unused-ignore]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.network import ipv4
from scanner.network.ipv4 import Interval

LAST = (1 << 32) - 1
BASE = 20 << 24 | 42 << 16 | 66 << 8


def _interval(bounds: tuple[int, int]) -> Interval:
    return min(bounds), max(bounds)


def _addresses(intervals: tuple[Interval, ...] | list[Interval]) -> set[int]:
    return {address for first, last in intervals for address in range(first, last + 1)}


def _ip_set(texts: list[str]) -> netaddr.IPSet:
    return netaddr.IPSet([netaddr.IPNetwork(text).cidr for text in texts])


def _texts(networks: list[netaddr.IPNetwork]) -> tuple[str, ...]:
    return tuple(str(network) for network in networks)


in_a_slash_24 = st.lists(
    st.tuples(st.integers(BASE, BASE + 255), st.integers(BASE, BASE + 255)).map(_interval), max_size=12
)
at_either_end = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(_interval)
    | st.tuples(st.integers(LAST - 40, LAST), st.integers(LAST - 40, LAST)).map(_interval),
    max_size=8,
)
anywhere = st.lists(st.tuples(st.integers(0, LAST), st.integers(0, LAST)).map(_interval), max_size=8)
spaces = in_a_slash_24 | at_either_end
prefixes = st.builds(
    lambda value, length: str(netaddr.IPNetwork((value, length), version=4)),
    st.integers(0, LAST) | st.integers(BASE, BASE + 1023),
    st.integers(0, 32) | st.integers(22, 32),
)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("0.0.0.1", (1, 1)),
        ("255.255.255.255", (LAST, LAST)),
        ("0.0.0.0/0", (0, LAST)),
        ("10.0.0.0/8", (0x0A000000, 0x0AFFFFFF)),
        ("20.42.66.0/24", (BASE, BASE + 255)),
        ("20.42.66.7/32", (BASE + 7, BASE + 7)),
        ("20.42.66.4/31", (BASE + 4, BASE + 5)),
    ],
)
def test_an_address_or_prefix_is_the_interval_of_its_addresses(text: str, interval: Interval) -> None:
    assert ipv4.parse(text) == interval


def test_host_bits_are_masked() -> None:
    assert ipv4.parse("20.42.66.77/24") == ipv4.parse("20.42.66.0/24")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/24",
        "*",
        "eastus",
        "20.42.66",
        "20.42.66.0.1",
        "20.42.66.256",
        "20.42.66.-1",
        "20.42.066.0/24",
        "020.42.66.0",
        "0x14.42.66.0",
        "20.42.66.0/",
        "20.42.66.0/33",
        "20.42.66.0/-1",
        "20.42.66.0/+8",
        "20.42.66.0/08",
        "20.42.66.0/8.0",
        "20.42.66.0/24/24",
        "20.42.66.0//24",
        "20.42.66.0/255.255.255.0",
        "20.42.66.0-20.42.66.9",
        " 20.42.66.0",
        "20.42.66.0 ",
        "20.42.66.0/24\n",
        "20.42.66.0\n/24",
        "20.42.66.0 /24",
        "20.42.66.0/ 24",
        "20.42.66.\N{FULLWIDTH DIGIT ONE}",
        "20.42.66.0/\N{ARABIC-INDIC DIGIT EIGHT}",
        "20.42.66.0\0",
        "\ud800",
        "::",
        "::1/128",
        "::ffff:20.42.66.0",
        "2603:1030:210:d::680/122",
    ],
)
def test_any_other_text_is_no_interval(text: str) -> None:
    assert ipv4.parse(text) is None


@given(st.text(alphabet="0123456789./ +-:ax\0", max_size=22) | st.text(max_size=22))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    interval = ipv4.parse(text)

    assert interval is None or 0 <= interval[0] <= interval[1] <= LAST


@given(prefixes)
def test_a_prefix_is_read_as_netaddr_reads_it(prefix: str) -> None:
    network = netaddr.IPNetwork(prefix)

    assert ipv4.parse(prefix) == (network.first, network.last)
    assert ipv4.prefix_length(prefix) == network.prefixlen


def test_adjacent_intervals_merge() -> None:
    assert ipv4.union([(5, 9), (0, 4)]) == ((0, 9),)


def test_intervals_one_address_apart_do_not_merge() -> None:
    assert ipv4.union([(0, 4), (6, 9)]) == ((0, 4), (6, 9))


def test_an_interval_inside_another_adds_nothing() -> None:
    assert ipv4.union([(0, 9), (2, 3), (9, 9)]) == ((0, 9),)


def test_nothing_united_is_nothing() -> None:
    assert ipv4.union([]) == ()


@given(spaces)
def test_a_union_holds_each_address_once(intervals: list[Interval]) -> None:
    union = ipv4.union(intervals)

    assert _addresses(union) == _addresses(intervals)
    assert ipv4.size(union) == len(_addresses(intervals))
    assert all(left[1] + 1 < right[0] for left, right in pairwise(union))


@given(spaces, spaces)
def test_intersection_and_difference_agree_with_counting_addresses(
    left: list[Interval], right: list[Interval]
) -> None:
    a, b = ipv4.union(left), ipv4.union(right)

    shared, rest = ipv4.intersection(a, b), ipv4.difference(a, b)

    assert _addresses(shared) == _addresses(a) & _addresses(b)
    assert _addresses(rest) == _addresses(a) - _addresses(b)
    assert ipv4.union(shared) == shared
    assert ipv4.union(rest) == rest


@given(anywhere, anywhere)
def test_the_laws_of_sets_hold(left: list[Interval], right: list[Interval]) -> None:
    a, b = ipv4.union(left), ipv4.union(right)

    shared, rest = ipv4.intersection(a, b), ipv4.difference(a, b)

    assert ipv4.union([*shared, *rest]) == a
    assert ipv4.intersection(shared, rest) == ()
    assert ipv4.intersection(b, a) == shared
    assert ipv4.intersection(rest, b) == ()
    assert ipv4.difference(a, a) == ()
    assert ipv4.union([*a, *b]) == ipv4.union([*b, *rest])
    assert ipv4.size(a) == ipv4.size(shared) + ipv4.size(rest)


@given(st.lists(prefixes, max_size=20), st.lists(prefixes, max_size=20))
def test_sets_of_prefixes_agree_with_netaddr(left: list[str], right: list[str]) -> None:
    a = ipv4.union(interval for text in left if (interval := ipv4.parse(text)))
    b = ipv4.union(interval for text in right if (interval := ipv4.parse(text)))
    theirs, others = _ip_set(left), _ip_set(right)

    assert ipv4.cidrs(a) == _texts(theirs.iter_cidrs())
    assert ipv4.cidrs(ipv4.difference(a, b)) == _texts((theirs - others).iter_cidrs())
    assert ipv4.cidrs(ipv4.intersection(a, b)) == _texts((theirs & others).iter_cidrs())
    assert ipv4.size(a) == theirs.size


@given(st.integers(0, LAST), st.integers(0, LAST))
def test_an_interval_becomes_the_prefixes_that_netaddr_makes_of_it(one: int, other: int) -> None:
    first, last = _interval((one, other))

    assert ipv4.cidrs([(first, last)]) == _texts(
        netaddr.iprange_to_cidrs(netaddr.IPAddress(first, 4), netaddr.IPAddress(last, 4))
    )


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((0, LAST), ("0.0.0.0/0",)),
        ((0, 0), ("0.0.0.0/32",)),
        ((LAST, LAST), ("255.255.255.255/32",)),
        ((BASE, BASE + 511), ("20.42.66.0/23",)),
        ((BASE + 1, BASE + 6), ("20.42.66.1/32", "20.42.66.2/31", "20.42.66.4/31", "20.42.66.6/32")),
        ((BASE - 256, BASE + 255), ("20.42.65.0/24", "20.42.66.0/24")),
    ],
)
def test_prefixes_are_aligned_and_as_few_as_can_be(interval: Interval, expected: tuple[str, ...]) -> None:
    assert ipv4.cidrs([interval]) == expected


@given(in_a_slash_24, st.tuples(st.integers(BASE, BASE + 255), st.integers(BASE, BASE + 255)).map(_interval))
def test_containing_and_overlapping_agree_with_counting_addresses(
    intervals: list[Interval], interval: Interval
) -> None:
    space = ipv4.union(intervals)

    assert ipv4.contains(space, interval) is (_addresses([interval]) <= _addresses(intervals))
    assert ipv4.overlaps(space, interval) is bool(_addresses([interval]) & _addresses(intervals))


@pytest.mark.parametrize(
    ("text", "length"), [("20.42.66.1", 32), ("20.42.66.0/24", 24), ("0.0.0.0/0", 0), ("::/0", None)]
)
def test_a_prefix_length_is_that_of_the_text(text: str, length: int | None) -> None:
    assert ipv4.prefix_length(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "1.0.0.0/8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "172.160.0.0/11",
        "192.167.255.255",
        "192.169.0.0",
        "223.255.255.255",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
    ],
)
def test_an_address_of_the_internet_is_public(text: str) -> None:
    interval = ipv4.parse(text)

    assert interval is not None
    assert ipv4.is_public(interval)


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0/0",
        "0.0.0.0/32",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.0.0",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.168.0.0/16",
        "192.168.255.255",
        "224.0.0.0",
        "255.255.255.255",
        "172.0.0.0/8",
        "8.0.0.0/6",
    ],
)
def test_an_interval_that_touches_a_private_range_is_not_public(text: str) -> None:
    interval = ipv4.parse(text)

    assert interval is not None
    assert not ipv4.is_public(interval)


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("10.0.0.0/8", True),
        ("192.168.1.4", True),
        ("224.0.0.0/3", True),
        ("10.0.0.0/7", False),
        ("0.0.0.0/0", False),
        ("20.42.66.0/24", False),
    ],
)
def test_a_prefix_is_private_where_none_of_its_addresses_is_public(text: str, private: bool) -> None:
    interval = ipv4.parse(text)

    assert interval is not None
    assert ipv4.is_private(interval) is private
