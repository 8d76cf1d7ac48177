"""What is remembered is made once, and never too much of it."""

from scanner.report.remembered import Remembered


def test_what_was_made_is_not_made_again() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    upper = Remembered(make)

    assert [upper["a"], upper["b"], upper["a"]] == ["A", "B", "A"]
    assert made == ["a", "b"]


def test_all_is_forgotten_when_there_is_too_much() -> None:
    upper = Remembered(str.upper, most=2)

    assert [upper[key] for key in "abc"] == ["A", "B", "C"]
    assert upper == {"c": "C"}
