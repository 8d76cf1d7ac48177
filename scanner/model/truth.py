"""Kleene's strong logic of three truth values, in the order FALSE < UNKNOWN < TRUE."""

from collections.abc import Iterable
from enum import Enum
from typing import NoReturn


class Truth(Enum):
    """What is known of a claim. Never a bool: `if truth:` raises, so that no code can drop UNKNOWN."""

    FALSE = "false"
    UNKNOWN = "unknown"
    TRUE = "true"

    __hash__ = object.__hash__  # members are singletons; Enum's own hashes their names, in Python

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
    least = Truth.TRUE
    for truth in truths:
        if truth is Truth.FALSE:
            return truth
        if truth is Truth.UNKNOWN:
            least = truth
    return least


def any_of(truths: Iterable[Truth]) -> Truth:
    """The greatest of the truths; FALSE of none."""
    most = Truth.FALSE
    for truth in truths:
        if truth is Truth.TRUE:
            return truth
        if truth is Truth.UNKNOWN:
            most = truth
    return most
