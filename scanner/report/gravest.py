"""The gravest findings of a report that is too large to be shown whole."""

from collections.abc import Sequence
from heapq import nsmallest

from scanner.result.finding import Finding, Verdict
from scanner.result.findings import Findings, Standing

WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT)
"""The verdicts that a reader has to see, the worst first."""


def gravest(findings: Findings, most: int, verdicts: Sequence[Verdict] = WORST) -> list[Finding]:
    """At most so many findings, and no more held: the gravest, those of some of WORST only.

    What gates comes before what does not, then the higher severity, then the worse verdict; among equals the
    order of the findings stays.
    """
    standings = enumerate(findings.standings())
    graded = ((_gravity(each), number) for number, each in standings if each[1] in verdicts)
    order = [number for _, number in nsmallest(most, graded)]
    found = dict(findings.at(sorted(order)))
    return [found[number] for number in order]


def _gravity(standing: Standing) -> tuple[bool, int, int]:
    policy, verdict, gates = standing
    return gates is None, -policy.severity.rank, WORST.index(verdict)
