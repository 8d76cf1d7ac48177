"""Which verdicts turn a gate red."""

from dataclasses import dataclass

from scanner.policy.model import Policy, Severity, Status
from scanner.result.finding import Ungated, Verdict


@dataclass(frozen=True, slots=True)
class Gate:
    """What `--fail-on` (None is never), `--allow-unknown` and `--strict` say."""

    fail_on: Severity | None = Severity.LOW
    allow_unknown: bool = False
    strict: bool = False

    def gates(self, policy: Policy, verdict: Verdict, *, not_asked: bool) -> Verdict | Ungated | None:
        """FAIL or UNKNOWN if a verdict gates; else why it does not; None where there is nothing to gate.

        `not_asked` says that an unknown rests on nothing but reads that the user has to ask for.
        """
        if verdict not in {Verdict.FAIL, Verdict.UNKNOWN}:
            return None
        if self.fail_on is None:
            return Ungated.NEVER
        if policy.status is not Status.STABLE:
            return Ungated.PREVIEW
        if policy.severity.rank < self.fail_on.rank:
            return Ungated.BELOW_THRESHOLD
        if verdict is Verdict.FAIL:
            return verdict
        if self.allow_unknown:
            return Ungated.UNKNOWN_ALLOWED
        return Ungated.NOT_ASKED if not_asked and not self.strict else verdict
