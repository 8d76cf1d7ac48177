"""Which tags hold an address."""

import pytest

from scanner.network.service_tags import ServiceTags, tag_of
from scanner.network.tags.view import holding

TAGS = ServiceTags(
    "Public",
    "1",
    None,
    "file",
    {
        name.lower(): tag_of(name, prefixes)
        for name, prefixes in {
            "Wide": ["20.42.0.0/16", "2603:1030::/32"],
            "Exact": ["20.42.66.5/32", "2603:1030::5/128"],
            "Other": ["20.43.0.0/16", "2603:1031::/32"],
        }.items()
    },
)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("20.42.66.5", ["Wide", "Exact"]),
        ("20.42.66.5/32", ["Wide", "Exact"]),
        ("20.42.66.6", ["Wide"]),
        ("10.0.0.1", []),
        ("2603:1030::5", ["Wide", "Exact"]),
        ("2603:1030::6", ["Wide"]),
        ("2603:1032::", []),
    ],
)
def test_the_tags_that_hold_an_address_are_told_in_their_order(address: str, names: list[str]) -> None:
    found = holding(TAGS, address)

    assert found is not None
    assert [tag.name for tag in found] == names


@pytest.mark.parametrize("text", ["20.42.66.0/24", "2603::/16", "nonsense", "", "1.2.3", "::1%lo", "\ud800"])
def test_what_is_not_one_address_is_refused(text: str) -> None:
    assert holding(TAGS, text) is None
