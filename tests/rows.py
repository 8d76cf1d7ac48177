"""A check of every row of a table, as one test: it fails once, and names every row that is wrong."""

from collections.abc import Callable, Iterable
from typing import Any


def hold(rows: Iterable[tuple[Any, ...]], check: Callable[..., None]) -> None:
    """Run a check on each row; AssertionError names each for which it fails, by its first values, and why."""
    wrong, count = [], 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were
        try:
            check(*row)
        except AssertionError as error:
            wrong.append(f"{' '.join(map(_name, row))}: {str(error).strip() or 'does not hold'}")
    assert count, "a table without rows checks nothing"
    assert not wrong, f"{len(wrong)} of {count} rows are wrong:\n" + "\n".join(wrong)


def _name(value: Any) -> str:
    """What a value is known by: the id, path or name that it has, or itself."""
    for key in ("id", "path", "name"):
        if isinstance(known := getattr(value, key, None), str):
            return known
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
