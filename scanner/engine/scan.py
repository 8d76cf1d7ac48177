"""Every policy on every resource of its types."""

from collections.abc import Callable, Iterable, Mapping
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
    judge = Judge(Evaluator(InventoryWorld(inventory, tags), terms), gate, parameters)
    return in_order(
        judge.finding(policy, resource)
        for policy in policies
        if policy.status is not Status.DEPRECATED
        for resource_type in policy.types
        for resource in inventory.of_type(resource_type)
        if wanted(resource)
    )
