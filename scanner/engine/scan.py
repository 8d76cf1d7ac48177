"""Every policy on every resource of its types."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanner.engine.evaluate import Evaluator
from scanner.engine.gate import Gate
from scanner.engine.relations import InventoryWorld
from scanner.engine.tags import TagTable
from scanner.engine.verdict import Judge
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.policy.model import Policy, Status, Term
from scanner.result.finding import Finding, in_order


def scan(  # noqa: PLR0913 - a scan is made of these
    inventory: Inventory,
    tags: TagTable,
    policies: Iterable[Policy],
    terms: Mapping[str, Term],
    *,
    gate: Gate,
    parameters: Mapping[str, Mapping[str, Any]],
    wanted: Callable[[Resource], bool],
) -> tuple[Finding, ...]:
    """Every finding in the order of reports, those that do not apply included.

    `wanted` narrows what is judged, never what is looked at. Deprecated policies are not judged.
    """
    judge = judge_of(inventory, tags, terms, gate, parameters)
    return in_order(judged(judge, policies, filter(wanted, inventory.resources.values())))


def judge_of(
    inventory: Inventory,
    tags: TagTable,
    terms: Mapping[str, Term],
    gate: Gate,
    parameters: Mapping[str, Mapping[str, Any]],
) -> Judge:
    """A judge of an inventory's resources."""
    return Judge(Evaluator(InventoryWorld(inventory, tags), terms), gate, parameters)


def judged(judge: Judge, policies: Iterable[Policy], resources: Iterable[Resource]) -> Iterator[Finding]:
    """The findings of some resources, policy by policy; in the order of the resources within a type."""
    asked, here = tuple(policies), tuple(resources)
    judge.learn(asked, {resource.type for resource in here})
    return (judge.finding(policy, resource) for policy, resource in pairs(asked, here))


def pairs(policies: Iterable[Policy], resources: Iterable[Resource]) -> Iterator[tuple[Policy, Resource]]:
    """What is judged by what: every policy on every resource of its types."""
    of_type: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        of_type[resource.type].append(resource)
    return (
        (policy, resource)
        for policy in policies
        if policy.status is not Status.DEPRECATED
        for resource_type in policy.types
        for resource in of_type[resource_type]
    )
