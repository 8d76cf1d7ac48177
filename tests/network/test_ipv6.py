"""IPv6 prefixes as intervals, against Python's own ipaddress."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.network import ipv4, ipv6

PREFIXES = st.lists(
    st.builds(
        lambda start, length: str(ipaddress.ip_network((0x2603 << 112 | start, length), strict=False)),
        st.integers(0, 255),
        st.integers(118, 128),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("::", (0, 0)),
        ("::/0", (0, (1 << 128) - 1)),
        ("2603:1030::1/127", (0x26031030 << 96, (0x26031030 << 96) + 1)),
        ("::ffff:1.2.3.4", (0xFFFF01020304, 0xFFFF01020304)),
        ("1.2.3.4", None),
        ("::/129", None),
        ("::/01", None),
        ("::%eth0", None),
        (":: ", None),
        ("\x00", None),
        ("\ud800::", None),
    ],
)
def test_a_text_is_an_interval_or_nothing(text: str, interval: ipv4.Interval | None) -> None:
    assert ipv6.parse(text) == interval


def space(prefixes: list[str]) -> tuple[ipv4.Interval, ...]:
    return ipv4.union(filter(None, map(ipv6.parse, prefixes)))


def addresses(prefixes: list[str]) -> set[int]:
    return {int(each) for prefix in prefixes for each in ipaddress.ip_network(prefix)}


@given(PREFIXES, PREFIXES)
def test_a_difference_is_that_of_the_single_addresses(left: list[str], right: list[str]) -> None:
    found = ipv6.difference(space(left), space(right))

    single = {each for first, last in found for each in range(first, last + 1)}
    assert single == addresses(left) - addresses(right)


@given(PREFIXES)
def test_the_prefixes_of_a_union_are_the_fewest(prefixes: list[str]) -> None:
    networks = [ipaddress.IPv6Network(prefix) for prefix in prefixes]

    assert ipv6.cidrs(space(prefixes)) == tuple(map(str, ipaddress.collapse_addresses(networks)))


def test_a_prefix_starts_where_its_length_lets_it() -> None:
    assert ipv6.cidrs([(1, 2)]) == ("::1/128", "::2/128")
    assert ipv6.cidrs([(2, 7)]) == ("::2/127", "::4/126")


def test_the_last_address_has_nothing_after_it() -> None:
    everything = space(["::/0"])

    assert ipv6.difference(everything, everything) == ()
    assert ipv6.cidrs(ipv6.difference(everything, space(["8000::/1"]))) == ("::/1",)
    assert ipv6.cidrs(everything) == ("::/0",)
    assert ipv6.difference(everything, ()) == everything
    assert ipv6.difference(everything, ((0, everything[0][1] - 1),)) == ((everything[0][1],) * 2,)
