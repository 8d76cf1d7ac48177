"""A finding's way through the runs of its scope: open, fixed, open again. Pure.

A fail opens it. It is fixed by a pass, by no longer being applicable, or by its resource being gone for
certain; an unknown, an exemption or a run that could not see it leave it as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from scanner.result.finding import Verdict


class FindingState(Enum):
    """What a run said of a finding, as the table of verdicts writes it."""

    PASS = "p"
    FAIL = "f"
    UNKNOWN = "u"
    EXEMPT = "e"
    NOT_APPLICABLE = "n"
    GONE = "g"
    """The resource is gone: the run saw all of the place where it was."""
    UNSEEN = "-"
    """The run did not judge it, and cannot say why."""


STATES = {verdict: FindingState[verdict.name] for verdict in Verdict}
FIXED = frozenset({FindingState.PASS, FindingState.NOT_APPLICABLE, FindingState.GONE})

Change = tuple[int, FindingState]
"""The position of a run in its scope, from 0, and the state from there on."""


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """From the fail that opened a finding to what fixed it: positions of runs, None while it is open."""

    opened: int
    fixed: int | None


@dataclass(frozen=True, slots=True)
class FindingTimeline:
    """All that a finding went through: when a run last said fail, and its episodes in order."""

    last_seen: int | None
    episodes: tuple[OpenPeriod, ...]
    state: FindingState


def life(changes: Sequence[Change], last: int) -> FindingTimeline:
    """The life that a finding's changes tell, up to the run at position `last`."""
    episodes: list[OpenPeriod] = []
    last_seen: int | None = None
    state = FindingState.UNSEEN
    for number, (position, state) in enumerate(changes):
        is_open = bool(episodes) and episodes[-1].fixed is None
        if state is FindingState.FAIL:
            last_seen = changes[number + 1][0] - 1 if number + 1 < len(changes) else last
            if not is_open:
                episodes.append(OpenPeriod(position, None))
        elif state in FIXED and is_open:
            episodes[-1] = OpenPeriod(episodes[-1].opened, position)
    return FindingTimeline(last_seen, tuple(episodes), state)


def changes_until(changes: Sequence[Change], last: int) -> Sequence[Change]:
    """Those of the changes that had happened at the run at position `last`."""
    return [change for change in changes if change[0] <= last]
