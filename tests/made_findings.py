"""Findings whose explanation a test makes up, and tables of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from scanner.model.resource import Resource
from scanner.model.store import ResourceList
from scanner.result.finding import Explanation, Finding
from scanner.result.finding_table import FindingTable, PolicyResults, Rulings


@dataclass(frozen=True)
class Told:
    """Explains every finding alike."""

    said: Explanation

    def explain(self, _: Resource) -> Explanation:
        return self.said


@dataclass(frozen=True)
class ByResource:
    """Explains findings as those of their resource do."""

    findings: Mapping[str, Finding]

    def explain(self, resource: Resource) -> Explanation:
        return self.findings[resource.key].explain()


def table_of(findings: Iterable[Finding]) -> FindingTable:
    """A table of findings, in the order of every report; those of one policy id are of one policy."""
    ordered = sorted(findings, key=lambda each: (each.policy.id, each.resource.key))
    results = []
    for _, group in groupby(ordered, key=lambda each: each.policy.id):
        those = [*group]
        assert all(each.policy == those[0].policy for each in those)
        explainer = ByResource({each.resource.key: each for each in those})
        resources = ResourceList([each.resource for each in those])
        results.append(
            PolicyResults(those[0].policy, resources, explainer, Rulings(each.ruling for each in those))
        )
    return FindingTable(results)
