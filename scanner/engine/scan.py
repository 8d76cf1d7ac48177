"""Every policy on every resource of its types."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from scanner.engine.evaluate import Evaluator
from scanner.engine.gate import Gate
from scanner.engine.relations import InventoryWorld
from scanner.engine.tags import TagTable
from scanner.engine.verdict import Judge
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.policy.model import Policy, Status, Term
from scanner.result.findings import Column, Judged, Stretches

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
) -> Stretches:
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


def judged(judge: Judge, policies: Iterable[Policy], resources: Sequence[Resource]) -> Stretches:
    """The findings on some resources, which are in the order of their keys."""
    asked = tuple(policies)
    judge.learn(asked, {resource.type for resource in resources})
    return in_stretches(asked, resources, judge.ruler)


def in_stretches(
    policies: Sequence[Policy],
    resources: Sequence[Resource],
    ruler: Callable[[Policy, str], Callable[[Resource], Judged]],
) -> Stretches:
    """Findings of what the ruler of a policy and a type gives, which is asked of resources in their order."""
    return Stretches(
        (
            [
                Column(policy, some, _ruled(policy, some, ruler))
                for policy, some in pairs(policies, resources[start : start + AT_ONCE])
            ]
            for start in range(0, len(resources), AT_ONCE)
        ),
        number_of(policies, resources),
    )


def number_of(policies: Iterable[Policy], resources: Iterable[Resource]) -> int:
    """How many findings there are."""
    types = Counter(resource.type for resource in resources)
    return sum(types[kind] for policy, _ in pairs(policies, ()) for kind in policy.types)


def _ruled(
    policy: Policy, some: Sequence[Resource], ruler: Callable[[Policy, str], Callable[[Resource], Judged]]
) -> Sequence[Judged]:
    """What a policy says of some resources."""
    if len(policy.types) > 1:
        return [ruler(policy, resource.type)(resource) for resource in some]
    return [*map(ruler(policy, policy.types[0]), some)] if some else []


def pairs(
    policies: Iterable[Policy], resources: Iterable[Resource]
) -> Iterator[tuple[Policy, Sequence[Resource]]]:
    """What is judged by what: the policies in the order of their ids, and the resources of their types."""
    of_type: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        of_type[resource.type].append(resource)
    for policy in sorted(policies, key=lambda policy: policy.id):
        if policy.status is not Status.DEPRECATED:
            yield policy, _merged([of_type[kind] for kind in policy.types])


def _merged(found: Sequence[Sequence[Resource]]) -> Sequence[Resource]:
    """Resources of one type or several, in the order of their keys."""
    match found:
        case [alone]:
            return alone
        case _:
            return sorted(chain.from_iterable(found), key=lambda each: each.key)
