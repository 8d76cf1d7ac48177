"""Kleene's strong logic of three truth values, in the order FALSE < UNKNOWN < TRUE."""

from collections.abc import Iterable
from enum import Enum
from typing import NoReturn


class Truth(Enum):
    """What is known of a claim. Never a bool: `if truth:` raises, so that no code can drop UNKNOWN."""

    FALSE = "false"
    UNKNOWN = "unknown"
    TRUE = "true"

    def __bool__(self) -> NoReturn:
        raise TypeError("a Truth is no bool; compare it with `is`")

    def negated(self) -> "Truth":
        """Not this; UNKNOWN stays UNKNOWN."""
        return _NEGATED[self]


_NEGATED = {Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN, Truth.TRUE: Truth.FALSE}


def truth_of(claim: bool) -> Truth:
    """The truth of a claim that was seen whole."""
    return Truth.TRUE if claim else Truth.FALSE


def all_of(truths: Iterable[Truth]) -> Truth:
    """The least of the truths; TRUE of none."""
    seen = set(truths)
    if Truth.FALSE in seen:
        return Truth.FALSE
    return Truth.UNKNOWN if Truth.UNKNOWN in seen else Truth.TRUE


def any_of(truths: Iterable[Truth]) -> Truth:
    """The greatest of the truths; FALSE of none."""
    seen = set(truths)
    if Truth.TRUE in seen:
        return Truth.TRUE
    return Truth.UNKNOWN if Truth.UNKNOWN in seen else Truth.FALSE
