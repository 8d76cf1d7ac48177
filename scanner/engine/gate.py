"""Which verdicts turn a gate red."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scanner.model.truth import Truth
from scanner.policy.model import Policy, Severity, Status
from scanner.result.finding import Evidence, Ungated, Verdict


@dataclass(frozen=True, slots=True)
class Gate:
    """What `--fail-on` (None is never), `--allow-unknown` and `--strict` say."""

    fail_on: Severity | None = Severity.LOW
    allow_unknown: bool = False
    strict: bool = False

    def gates(
        self, policy: Policy, verdict: Verdict, evidence: Callable[[], Sequence[Evidence]]
    ) -> Verdict | Ungated | None:
        """FAIL or UNKNOWN if a verdict gates; else why it does not; None where there is nothing to gate.

        The evidence is asked for only where the gate turns on it.
        """
        if verdict not in {Verdict.FAIL, Verdict.UNKNOWN}:
            return None
        if self.fail_on is None:
            return Ungated.NEVER
        if policy.status is not Status.STABLE:
            return Ungated.PREVIEW
        if policy.severity.rank < self.fail_on.rank:
            return Ungated.BELOW_THRESHOLD
        return verdict if verdict is Verdict.FAIL else self._unknown(evidence)

    def _unknown(self, evidence: Callable[[], Sequence[Evidence]]) -> Verdict | Ungated:
        if self.allow_unknown:
            return Ungated.UNKNOWN_ALLOWED
        if self.strict:
            return Verdict.UNKNOWN
        doubts = [each.fact for each in evidence() if each.fact.truth is Truth.UNKNOWN]
        if doubts and all(leaf.optional for leaf in doubts):
            return Ungated.NOT_ASKED
        return Verdict.UNKNOWN
