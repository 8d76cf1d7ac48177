"""Every policy on every resource of its types."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanner.engine.evaluate import Evaluator
from scanner.engine.gate import Gate
from scanner.engine.relations import InventoryWorld
from scanner.engine.tags import TagTable
from scanner.engine.verdict import Judge
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.policy.model import Policy, Status, Term
from scanner.result.findings import Column, Columns

AT_ONCE = 1024
"""Resources that all policies judge before they turn to the next: what was looked up of them is at hand."""


def scan(  # noqa: PLR0913 - a scan is made of these
    inventory: Inventory,
    tags: TagTable,
    policies: Iterable[Policy],
    terms: Mapping[str, Term],
    *,
    gate: Gate,
    parameters: Mapping[str, Mapping[str, Any]],
    wanted: Callable[[Resource], bool],
) -> Columns:
    """Every finding in the order of reports, those that do not apply included.

    `wanted` narrows what is judged, never what is looked at. Deprecated policies are not judged.
    """
    judge = judge_of(inventory, tags, terms, gate, parameters)
    return judged(judge, policies, [each for each in inventory.resources.values() if wanted(each)])


def judge_of(
    inventory: Inventory,
    tags: TagTable,
    terms: Mapping[str, Term],
    gate: Gate,
    parameters: Mapping[str, Mapping[str, Any]],
) -> Judge:
    """A judge of an inventory's resources."""
    return Judge(Evaluator(InventoryWorld(inventory, tags), terms), gate, parameters)


def judged(judge: Judge, policies: Iterable[Policy], resources: Sequence[Resource]) -> Columns:
    """The findings on some resources, which are in the order of their keys."""
    asked = tuple(policies)
    judge.learn(asked, {resource.type for resource in resources})
    columns = [Column(policy, found, []) for policy, found in pairs(asked, resources)]
    for start in range(0, len(resources), AT_ONCE):
        for column, (_, some) in zip(columns, pairs(asked, resources[start : start + AT_ONCE]), strict=True):
            column.rulings.extend(judge.precedent(column.policy, each) for each in some)
    return Columns(columns)


def pairs(
    policies: Iterable[Policy], resources: Iterable[Resource]
) -> Iterator[tuple[Policy, Sequence[Resource]]]:
    """What is judged by what: the policies in the order of their ids, and the resources of their types."""
    of_types: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        of_types[resource.type].append(resource)
    several: dict[tuple[str, ...], Sequence[Resource]] = {}
    for policy in sorted(policies, key=lambda policy: policy.id):
        if policy.status is Status.DEPRECATED:
            continue
        types = policy.types
        if len(types) == 1:
            yield policy, of_types[types[0]]
            continue
        if types not in several:
            found = [each for kind in types for each in of_types[kind]]
            several[types] = sorted(found, key=lambda resource: resource.key)
        yield policy, several[types]
