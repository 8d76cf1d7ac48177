"""The most severe findings of a report that is too large to be shown whole."""

from collections.abc import Sequence
from heapq import nsmallest

from scanner.policy.model import Policy
from scanner.result.finding import Finding, Ruling, Verdict
from scanner.result.finding_table import FindingTable

REPORTED_VERDICTS = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.EXEMPT)
"""The verdicts that a reader has to see, the worst first."""


def top_findings(
    findings: FindingTable, most: int, verdicts: Sequence[Verdict] = REPORTED_VERDICTS
) -> list[Finding]:
    """At most so many findings, and no more held: the most severe of some reported verdicts.

    What gates comes before what does not, then the higher severity, then the worse verdict; among equals the
    order of the findings stays.
    """
    numbered = enumerate(findings.rulings())
    ranked = ((_rank(*each), number) for number, each in numbered if each[1].verdict in verdicts)
    order = [number for _, number in nsmallest(most, ranked)]
    found = dict(findings.at(sorted(order)))
    return [found[number] for number in order]


def _rank(policy: Policy, ruling: Ruling) -> tuple[bool, int, int]:
    return ruling.gates is None, -policy.severity.rank, REPORTED_VERDICTS.index(ruling.verdict)
