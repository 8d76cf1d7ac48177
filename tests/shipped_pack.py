"""The policies that acr-scan ships and their cases, read once for all tests of a process."""

from collections.abc import Sequence
from functools import cache

from scanner.authoring.cases import Case, read_cases
from scanner.policy.load import Pack, load
from scanner.policy.model import Policy


@cache
def pack() -> Pack:
    """The shipped pack. What a test changes, it changes in a copy."""
    return load((), shipped=True)


@cache
def cases() -> Sequence[Case]:
    """Every case of every shipped policy."""
    return read_cases(pack().policies)


def cases_of(policy: Policy) -> Sequence[Case]:
    """The cases of one shipped policy."""
    return [case for case in cases() if case.policy.id == policy.id]
