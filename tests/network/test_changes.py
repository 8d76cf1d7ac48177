"""What became of tags between two lists: of their addresses, not of their texts."""

from collections.abc import Mapping, Sequence

from scanner.network.service_tags import ServiceTags, tag_of
from scanner.network.tags.changes import ChangeKind, TagChange, changes

EAST = "AzureContainerRegistry.EastUS"
Lists = Mapping[str, Sequence[str]]


def tags(listed: Lists, number: str = "1") -> ServiceTags:
    found = {name.lower(): tag_of(name, prefixes) for name, prefixes in listed.items()}
    return ServiceTags("Public", number, None, "file", found)


def compared(old: Lists, new: Lists, *names: str) -> dict[str, TagChange]:
    found = changes(tags(old), tags(new), names or ["AzureContainerRegistry"])
    return {change.name: change for change in found}


def test_two_halves_of_a_prefix_are_the_prefix() -> None:
    halves = ["20.42.66.32/27", "20.42.66.0/27", "2603:1030::/33", "2603:1030:8000::/33"]

    change = compared({EAST: halves}, {EAST: ["20.42.66.0/26", "2603:1030::/32"]})[EAST]

    assert change.kind is ChangeKind.UNCHANGED
    assert (change.added, change.removed, change.kept) == ((), (), ("20.42.66.0/26", "2603:1030::/32"))


def test_what_came_left_and_stayed_is_exact() -> None:
    old = ["20.42.66.0/24", "40.71.10.216/29", "2603:1030::/127"]
    new = ["20.42.66.0/25", "40.71.10.216/29", "57.151.4.0/23", "2603:1030::/128", "2603:1030::8/125"]

    change = compared({EAST: old}, {EAST: new})[EAST]

    assert change.kind is ChangeKind.CHANGED
    assert change.added == ("57.151.4.0/23", "2603:1030::8/125")
    assert change.removed == ("20.42.66.128/25", "2603:1030::1/128")
    assert change.kept == ("20.42.66.0/25", "40.71.10.216/29", "2603:1030::/128")


def test_what_only_comes_and_what_only_leaves_is_a_change() -> None:
    one: Lists = {EAST: ["20.42.66.0/24"]}
    two: Lists = {EAST: ["20.42.66.0/24", "57.151.4.0/23"]}

    assert compared(one, two)[EAST].kind is compared(two, one)[EAST].kind is ChangeKind.CHANGED


def test_a_change_of_ipv6_alone_is_a_change() -> None:
    change = compared({EAST: ["2603:1030::/64"]}, {EAST: ["2603:1031::/64"]})[EAST]

    assert change.kind is ChangeKind.CHANGED
    assert not change.ipv4.moved
    assert change.ipv6.moved


def test_tags_that_come_vanish_or_are_empty_are_told_apart() -> None:
    one = ["20.42.66.0/24"]
    old: Lists = {"A.Gone": one, "A.Emptied": one, "A.Empty": [], "A.Filled": [], "A.GoneEmpty": []}
    new: Lists = {"A.New": one, "A.Emptied": [], "A.Empty": [], "A.Filled": one, "A.NewEmpty": []}

    found = compared(old, new, "A")

    assert {name: change.kind for name, change in found.items()} == {
        "A.Gone": ChangeKind.VANISHED,
        "A.GoneEmpty": ChangeKind.VANISHED,
        "A.Emptied": ChangeKind.EMPTIED,
        "A.Empty": ChangeKind.EMPTY,
        "A.NewEmpty": ChangeKind.EMPTY,
        "A.Filled": ChangeKind.FILLED,
        "A.New": ChangeKind.NEW,
    }
    assert found["A.Gone"].removed == ("20.42.66.0/24",)
    assert found["A.New"].added == ("20.42.66.0/24",)


def test_a_tag_of_ipv6_alone_is_not_empty() -> None:
    assert compared({}, {EAST: ["2603:1030::/64"]})[EAST].kind is ChangeKind.NEW


def test_a_name_selects_a_tag_and_its_regional_ones_and_a_glob_more() -> None:
    listed: Lists = {name: ["20.42.66.0/24"] for name in ("Storage", "Storage.EastUS", "StorageSync", "Sql")}

    assert list(compared(listed, listed, "STORAGE")) == ["Storage", "Storage.EastUS"]
    assert list(compared(listed, listed, "storage.eastus")) == ["Storage.EastUS"]
    assert list(compared(listed, listed, "s*")) == ["Sql", "Storage", "Storage.EastUS", "StorageSync"]
    assert list(compared(listed, listed, "*.EastUS", "sql")) == ["Sql", "Storage.EastUS"]


def test_tags_are_told_in_the_order_of_their_names_whatever_the_files_do() -> None:
    old: Lists = {"A.b": [], "A": [], "A.C": []}

    assert list(compared(old, dict(reversed(list(old.items()))), "a")) == ["A", "A.b", "A.C"]
