"""Whatever the case of a key and whatever was read before, a secret goes."""

from typing import Any

import pytest

from scanner.sources.rows.redaction import redacted

TASKS = "microsoft.containerregistry/registries/tasks"
GROUPS = "microsoft.containerinstance/containergroups"


def left(resource_type: str, properties: dict[str, Any]) -> Any:
    return redacted(resource_type, {"properties": properties})["properties"]


@pytest.mark.parametrize("key", ["password", "PASSWORD", "passWord", "to\u212aen", "TO\u212aEN"])
def test_a_key_is_known_in_any_case_and_any_number_of_times(key: str) -> None:
    for _ in range(3):
        assert left(TASKS, {"a": {key: "hunter2", "b": 1}}) == {"a": {"b": 1}}
        assert left(TASKS, {"a": {key: None, "b": 1}}) == {"a": {key: None, "b": 1}}


@pytest.mark.parametrize("mark", [True, "true", "True", 1, {"a": 1}, [], ""])
def test_any_mark_but_false_and_null_makes_the_value_a_secret(mark: Any) -> None:
    beside = {"Value": "hunter2", "value": {"a": "hunter2"}, "IsSecret": mark, "VALUE": None, "name": "n"}

    assert left(TASKS, {"values": [beside]}) == {"values": [{"IsSecret": mark, "VALUE": None, "name": "n"}]}


@pytest.mark.parametrize("mark", [False, None, "false", 0])
def test_a_mark_that_says_no_leaves_the_value(mark: Any) -> None:
    assert left(TASKS, {"value": "plain", "isSecret": mark}) == {"value": "plain", "isSecret": mark}


def test_a_mark_holds_for_its_own_object_and_not_for_those_in_or_around_it() -> None:
    inner = {"value": "plain", "isSecret": False}
    marked = {"isSecret": True, "value": "hunter2", "inner": inner, "password": "hunter2"}

    assert left(TASKS, {"value": "plain", "marked": marked}) == {
        "value": "plain",
        "marked": {"isSecret": True, "inner": inner},
    }


def test_secrets_lie_in_arrays_of_arrays_and_below_addresses_too() -> None:
    secret = [[{"password": "hunter2", "name": "n"}], 1, "x"]

    assert left(TASKS, {"a": secret, "contextPath": secret}) == {
        "a": [[{"name": "n"}], 1, "x"],
        "contextPath": [[{"name": "n"}], 1, "x"],
    }


def test_what_is_a_secret_of_one_type_is_none_of_another() -> None:
    properties = {"a": {"value": "v", "password": "hunter2", "userName": "u"}}

    assert left(TASKS, properties) == {"a": {"value": "v"}}
    assert left(GROUPS, properties) == {"a": {"userName": "u"}}
    assert left(f"{TASKS}/unknown", properties) is properties


def test_keys_beyond_those_that_are_remembered_are_known_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.sources.rows.redaction._FieldActions.MOST", 0)

    assert left(TASKS, {"neverSeen": 1, "PassWORD": "hunter2"}) == {"neverSeen": 1}


def test_the_members_that_stay_keep_their_order_and_are_the_same_objects() -> None:
    kept = {"a": [1]}
    properties = {"z": kept, "token": "hunter2", "a": 1, "contextPath": "https://u:hunter2@h/", "b": kept}

    found = left(TASKS, properties)

    assert list(found) == ["z", "a", "contextPath", "b"]
    assert found["z"] is found["b"] is kept
    assert list(properties) == ["z", "token", "a", "contextPath", "b"]
