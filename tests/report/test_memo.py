"""What is remembered is made once, and never too much of it."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model.resource import Resource
from scanner.report import memo
from scanner.report.memo import Memo, ResourceMemo


def test_what_was_made_is_not_made_again() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    upper = Memo(make)

    assert [upper["a"], upper["b"], upper["a"]] == ["A", "B", "A"]
    assert made == ["a", "b"]


def test_all_is_forgotten_when_there_is_too_much() -> None:
    upper = Memo(str.upper, most=2)

    assert [upper[key] for key in "abc"] == ["A", "B", "C"]
    assert upper == {"c": "C"}


def test_a_resource_is_known_by_its_key(
    a_resource: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memo, "MOST", 2)
    made: list[str] = []

    def make(resource: Resource) -> str:
        made.append(resource.name)
        return resource.name.upper()

    name = ResourceMemo(make)
    one, again, two, three = (a_resource(f"/subscriptions/s/{letter}") for letter in "aAbc")

    assert [name(each) for each in (one, two, again, three, three, one)] == ["A", "B", "A", "C", "C", "A"]
    assert made == ["a", "b", "c", "a"]
