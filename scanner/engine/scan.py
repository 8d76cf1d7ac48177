"""Every policy on every resource of its types."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanner.engine.gate import Gate
from scanner.engine.judge import Judge
from scanner.engine.relations import InventoryWorld
from scanner.engine.tags import TagTable
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.model.store import Resources
from scanner.policy.model import Policy, Status, Term
from scanner.result.findings import Column, Stretch, Stretches

AT_ONCE = 512
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
) -> Stretches:
    """Every finding in the order of reports, those that do not apply included.

    `wanted` narrows what is judged, never what is looked at. Deprecated policies are not judged.
    """
    asked = tuple(policies)
    judge = judge_of(inventory, tags, terms, gate, parameters)
    types = {kind for policy in asked for kind in policy.types}
    return judged(judge, asked, inventory.these(filter(wanted, inventory.of_types(types))))


def judge_of(
    inventory: Inventory,
    tags: TagTable,
    terms: Mapping[str, Term],
    gate: Gate,
    parameters: Mapping[str, Mapping[str, Any]],
) -> Judge:
    """A judge of an inventory's resources."""
    return Judge(InventoryWorld(inventory, tags), terms, gate, parameters)


def judged(judge: Judge, policies: Sequence[Policy], resources: Resources) -> Stretches:
    """The findings on some resources, judged as somebody looks at them."""
    ahead = (_stretch(policies, part, judge) for part in parts_of(resources))
    return Stretches(ahead, number_of(policies, resources))


def parts_of(resources: Resources) -> Iterator[Resources]:
    """Those that are judged at once, after each other."""
    return (resources[start : start + AT_ONCE] for start in range(0, len(resources), AT_ONCE))


def _stretch(policies: Iterable[Policy], resources: Resources, judge: Judge) -> Stretch:
    resources.fetch()
    columns = []
    for policy, some in pairs(policies, resources):
        compiled = judge.compiled(policy)
        columns.append(Column(policy, some, [*map(compiled.ruling, some)], compiled))
    return Stretch(resources, columns)


def number_of(policies: Iterable[Policy], resources: Resources) -> int:
    """How many findings there are."""
    return sum(len(some) for _, some in pairs(policies, resources))


def pairs(policies: Iterable[Policy], resources: Resources) -> Iterator[tuple[Policy, Resources]]:
    """What is judged by what: the policies in the order of their ids, and the resources of their types."""
    for policy in sorted(policies, key=lambda policy: policy.id):
        if policy.status is not Status.DEPRECATED:
            yield policy, resources.of(policy.types)
