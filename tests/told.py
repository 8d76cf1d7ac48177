"""Findings whose account is known beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.model.resource import Resource
from scanner.result.finding import Explanation, Finding
from scanner.result.findings import Made


@dataclass(frozen=True)
class Told:
    """Tells what a test says that was found."""

    said: Explanation

    def explain(self, _: Resource) -> Explanation:
        return self.said


def in_order(findings: Iterable[Finding]) -> Made:
    """Findings in the order of every report."""
    return Made(sorted(findings, key=lambda finding: (finding.policy.id, finding.resource.key)))
