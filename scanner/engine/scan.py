"""Every policy on every resource of its types, a batch of resources after the other."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from scanner.engine.compile.policy import CompiledPolicy
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.judge import Judge
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.model.store import Resources
from scanner.policy.model import Policy, Status, Term
from scanner.result.finding_table import BATCH_SIZE, FindingTable, PolicyResults
from scanner.result.gate import Gate


@dataclass(frozen=True, slots=True)
class Workload:
    """All that judging some resources of an inventory takes."""

    inventory: Inventory
    resources: Resources
    """The resources that are judged; all others are only looked at."""
    tags: TagTable
    policies: tuple[Policy, ...]
    terms: Mapping[str, Term]
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]

    @classmethod
    def where(  # noqa: PLR0913 - a scan is made of these
        cls,
        wanted: Callable[[Resource], bool],
        inventory: Inventory,
        tags: TagTable,
        policies: Iterable[Policy],
        terms: Mapping[str, Term],
        *,
        gate: Gate,
        parameters: Mapping[str, Mapping[str, Any]],
    ) -> "Workload":
        """All resources of an inventory that are wanted, of the types that the policies judge."""
        asked = tuple(policies)
        types = {kind for policy in asked for kind in policy.types}
        resources = inventory.subset(filter(wanted, inventory.of_types(types)))
        return cls(inventory, resources, tags, asked, terms, gate, parameters)

    def judge(self) -> Judge:
        """A judge of the inventory's resources."""
        return Judge(InventoryWorld(self.inventory, self.tags), self.terms, self.gate, self.parameters)

    @property
    def judged_policies(self) -> Sequence[Policy]:
        """The policies in the order of reports; deprecated ones are not judged."""
        return [
            policy
            for policy in sorted(self.policies, key=lambda policy: policy.id)
            if policy.status is not Status.DEPRECATED
        ]

    def shares(self, number: int) -> Iterator["Workload"]:
        """About as many workloads as wanted, each of resources that follow each other."""
        size = max(1, -(-len(self.resources) // number))
        for start in range(0, len(self.resources), size):
            yield replace(self, resources=self.resources[start : start + size])

    def table(self, judge: Judge) -> FindingTable:
        """The table of the findings, of which none is judged yet."""
        return FindingTable(
            [
                PolicyResults(policy, self.resources.of(policy.types), judge.compiled(policy))
                for policy in self.judged_policies
            ]
        )


class PolicyBatch(NamedTuple):
    """Some resources of the types of a policy."""

    results: PolicyResults
    policy: CompiledPolicy
    resources: Sequence[Resource]


def batches(workload: Workload, judge: Judge, table: FindingTable) -> Iterator[Sequence[PolicyBatch]]:
    """All policies with some resources, then with the next: what one looked up is at hand for the others."""
    compiled = [judge.compiled(each.policy) for each in table.results]
    for start in range(0, len(workload.resources), BATCH_SIZE):
        resources = workload.resources[start : start + BATCH_SIZE]
        resources.fetch()
        yield [
            PolicyBatch(results, policy, resources.of(results.policy.types))
            for results, policy in zip(table.results, compiled, strict=True)
        ]


def scan(workload: Workload) -> FindingTable:
    """The verdict of every policy on every resource of its types."""
    judge = workload.judge()
    table = workload.table(judge)
    for batch in batches(workload, judge, table):
        for results, policy, resources in batch:
            results.rulings.extend(map(policy.ruling, resources))
    table.check()
    return table
