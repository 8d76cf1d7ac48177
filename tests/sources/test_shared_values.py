"""What rows have in common is one object, and nothing about them is another for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.model.inventory import Unusable
from scanner.model.resource import Row
from scanner.sources.files.raw_exports import read_raw_exports
from scanner.sources.rows.interning import ALL_FIELDS, FieldFilter, Interner
from scanner.sources.rows.row_parser import parse_row

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Shop"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso"


def saved(folder: Path, rows: list[Any]) -> Path:
    path = folder / "rows.ndjson"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in rows), "utf-8")
    return path


def shared(*rows: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    sharing = Interner()
    return tuple(sharing.shared(each, ALL_FIELDS) for each in rows)


def nested(levels: int, name: str = "a") -> Any:
    """As many objects in each other."""
    value: Any = {}
    for _ in range(levels - 1):
        value = {name: value}
    return value


def test_equal_values_of_two_rows_are_one_object(tmp_path: Path) -> None:
    row = {
        "id": REGISTRY,
        "location": "east us 2",
        "tags": {"team": "shop"},
        "zones": ["1"],
        "properties": {"status": "is enabled", "policies": {"a": [1]}, "rules": [{}]},
    }

    one, other = read_raw_exports(saved(tmp_path, [row, row])).rows

    assert one == other
    assert one.body is not other.body
    assert one.type is other.type
    for name in ("location", "tags", "zones"):
        assert one.body[name] is other.body[name]
    assert one.body["properties"] is not other.body["properties"]
    for name in ("status", "policies", "rules"):
        assert one.body["properties"][name] is other.body["properties"][name]


@pytest.mark.parametrize(
    "values", [({"a": 1}, {"a": True}), ({"a": 1}, {"a": 1.0}), ({"a": 0.0}, {"a": -0.0}), ([0], [False])]
)
def test_values_that_are_equal_and_not_the_same_stay_apart(values: tuple[Any, Any]) -> None:
    one, other = shared(*({"tags": value, "properties": {"p": value}} for value in values))

    assert repr(one["tags"]) == repr(one["properties"]["p"]) == repr(values[0])
    assert repr(other["tags"]) == repr(other["properties"]["p"]) == repr(values[1])


def test_members_keep_their_order() -> None:
    one, other = shared({"tags": {"a": 1, "b": 2}}, {"tags": {"b": 2, "a": 1}})

    assert [list(each["tags"]) for each in (one, other)] == [["a", "b"], ["b", "a"]]


@pytest.mark.parametrize("place", ["properties", "tags", "a member of the properties"])
@pytest.mark.parametrize("levels", [60, 61, 62, 63, 64, 65])
def test_a_row_is_too_deep_whether_it_is_shared_or_not(levels: int, place: str, tmp_path: Path) -> None:
    below = {"properties": {"properties": nested(levels)}, "tags": {"tags": nested(levels)}}
    row = {"id": REGISTRY, **below.get(place, {"properties": {"p": nested(levels - 1)}})}
    reason = "the row is nested deeper than 64 levels"

    found = read_raw_exports(saved(tmp_path, [row, row]))

    assert isinstance(parse_row(row, where=""), Unusable if levels > 63 else Row)
    assert [each.reason for each in found.unusable] == ([reason] * 2 if levels > 63 else [])
    assert [each.body for each in found.rows] == ([] if levels > 63 else [row, row])


def test_properties_in_properties_are_as_deep_as_others(tmp_path: Path) -> None:
    rows = [{"id": REGISTRY, "properties": nested(levels, "properties")} for levels in (63, 64)]

    found = read_raw_exports(saved(tmp_path, rows))

    assert [each.body for each in found.rows] == rows[:1]
    assert [each.reason for each in found.unusable] == ["the row is nested deeper than 64 levels"]


@pytest.mark.parametrize("row", [{"tags": {"a": "\ud800"}}, {"properties": {"a": nested(2000)}}])
def test_what_cannot_be_written_is_left_to_the_intake(row: dict[str, Any]) -> None:
    assert Interner().shared(row, ALL_FIELDS) is row


KEPT = FieldFilter(frozenset({"id", "properties"}), frozenset({"a"}))


def test_only_what_somebody_asks_for_is_kept() -> None:
    row = {"id": REGISTRY, "tags": {"a": "b"}, "a": 1, "properties": {"a": {"b": 1}, "b": 2, "id": 3}}

    assert Interner().shared(row, KEPT) == {"id": REGISTRY, "properties": {"a": {"b": 1}}}
    assert Interner().shared(row, ALL_FIELDS) == row
    assert Interner().shared({"properties": "odd"}, KEPT) == {"properties": "odd"}


@pytest.mark.parametrize(
    "odd", ["\ud800", {"a": "\ud800"}, nested(64)], ids=["text", "half a pair", "too deep"]
)
def test_what_nobody_asks_for_is_looked_at_where_it_may_be_unsound(tmp_path: Path, odd: Any) -> None:
    found = read_raw_exports(
        saved(tmp_path, [{"id": REGISTRY, "tags": odd}, {"id": REGISTRY, "tags": "x"}]), KEPT
    )

    assert len(found.unusable) == 1
    assert [each.body for each in found.rows] == [{"id": REGISTRY}]


def test_half_a_surrogate_pair_is_found_wherever_it_stands(tmp_path: Path) -> None:
    rows = [
        {"id": REGISTRY, "tags": {"a": "\ud800"}},
        {"id": REGISTRY, "kind": "\ud800"},
        {"id": REGISTRY, "properties": {"a": "\ud800"}},
        {"id": REGISTRY, "properties": {"a": ["\ud800"]}},
    ]

    found = read_raw_exports(saved(tmp_path, rows))

    assert not found.rows
    assert {each.reason for each in found.unusable} == {
        "the row holds half a surrogate pair, which is no text"
    }


def test_secrets_of_rows_that_share_them_are_removed_from_each(tmp_path: Path) -> None:
    step = {"type": "EncodedTask", "encodedTaskContent": "hunter2"}
    rows = [
        {"id": f"{REGISTRY}/{path}", "properties": {"step": step}}
        for path in ("webhooks/keeps", "tasks/one", "tasks/two", "cacheRules/keeps")
    ]

    bodies = [each.body["properties"]["step"] for each in read_raw_exports(saved(tmp_path, rows)).rows]

    assert bodies == [step, {"type": "EncodedTask"}, {"type": "EncodedTask"}, step]


def test_only_so_many_values_are_known_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Interner, "MOST", 2)
    rows = [{"tags": {"n": number % 5}, "kind": f"kind {number % 5}"} for number in range(20)]

    assert list(shared(*rows)) == [
        {"tags": {"n": number % 5}, "kind": f"kind {number % 5}"} for number in range(20)
    ]
    assert rows[0]["tags"] is not rows[5]["tags"]
    assert rows[0]["kind"] is not rows[5]["kind"]


def test_a_long_value_is_not_kept_for_another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Interner, "LONGEST", len('{"a":"123"}'))

    one, other = shared(*({"tags": {"a": "123"}, "plan": {"a": "1234"}} for _ in range(2)))

    assert one["tags"] is other["tags"]
    assert one["plan"] is not other["plan"]
    assert one["plan"] == other["plan"]
