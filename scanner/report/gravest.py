"""The gravest findings of a report that is too large to be shown whole."""

from collections.abc import Iterable
from heapq import nsmallest

from scanner.result.finding import Finding, Verdict

WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT)
"""The verdicts that a reader has to see, the worst first."""


def gravest(findings: Iterable[Finding], most: int) -> list[Finding]:
    """At most so many findings, and no more held: the gravest, those of WORST among them only.

    What gates comes before what does not, then the higher severity, then the worse verdict; among equals the
    order of the findings stays.
    """
    return nsmallest(most, (finding for finding in findings if finding.verdict in WORST), key=_gravity)


def _gravity(finding: Finding) -> tuple[bool, int, int]:
    return finding.gates is None, -finding.policy.severity.rank, WORST.index(finding.verdict)
