"""What moved between two runs of a scope: findings that are new, fixed, reopened or still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.result.trend import TrendPoint


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as a history keeps it. Times are RFC 3339 in UTC."""

    number: int
    digest: str
    """What tells that two runs are the same one."""
    collected: str
    evaluated: str | None
    stored: str
    scope: Mapping[str, Any]
    source: str
    tool_version: str
    complete: bool
    exit_code: int
    policies: int
    policy_digest: str
    parameters: Mapping[str, Any]
    tag_change_number: str | None
    registries: int
    passed: int
    failed: int
    unknown: int
    exempt: int
    not_applicable: int
    gating_fails: int
    gating_unknowns: int

    @property
    def point(self) -> TrendPoint:
        """The run as a point of the trend."""
        return TrendPoint(self.collected, self.passed, self.failed, self.unknown, self.exempt)


@dataclass(frozen=True, slots=True)
class Moved:
    """A finding and its latest episode: since when it is or was open, until when, and how long.

    `state` is what the later run said of it: a verdict, gone or unseen. `seconds` run until it was fixed, or
    until the later run.
    """

    policy: str
    name: str
    severity: str
    resource: str
    fingerprint: str
    state: str
    first_seen: str
    opened: str
    fixed: str | None
    seconds: int


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened after one run (None: since ever) up to a later one, in the order of reports."""

    before: PastRun | None
    after: PastRun
    new: Sequence[Moved]
    reopened: Sequence[Moved]
    fixed: Sequence[Moved]
    still_open: Sequence[Moved]
    mean_seconds_to_fix: float | None
    """Of all that was fixed in between, whatever became of it later; None where nothing was."""

    @property
    def changed(self) -> Sequence[str]:
        """What else is not as it was, and may be why verdicts are not."""
        if self.before is None:
            return ()
        pairs = {
            "policies": (self.before.policy_digest, self.after.policy_digest),
            "parameters": (self.before.parameters, self.after.parameters),
            "service tags": (self.before.tag_change_number, self.after.tag_change_number),
            "acr-scan": (self.before.tool_version, self.after.tool_version),
        }
        return [what for what, (then, now) in pairs.items() if then != now]
