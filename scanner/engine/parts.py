"""A scan in parts that can be judged anywhere: each has whole registries, and all that is no registry's.

The children of a registry lie below its id, and no relation of theirs leads to another registry. What is no
registry's, such as a firewall, may ask any of them: it is judged over the whole inventory.
"""

import copyreg
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any

from scanner import __version__
from scanner.engine.gate import Gate
from scanner.engine.scan import judge_of, judged
from scanner.engine.tags import TagTable
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource, Row
from scanner.policy.model import Policy, Term
from scanner.result.finding import Finding, Ungated, Verdict, in_order

_REGISTRIES = "/providers/microsoft.containerregistry/registries/"


@dataclass(frozen=True, slots=True)
class Part:
    """All that judging some resources takes; `keys` are those that are judged."""

    inventory: Inventory
    keys: frozenset[str]
    tags: TagTable
    policies: tuple[Policy, ...]
    terms: Mapping[str, Term]
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    version: str = __version__


Outcome = tuple[int, str, Verdict, tuple[str, ...], Verdict | None, Ungated | None]
"""A finding without what its part's sender has: the policy is a number, the resource its key."""


def _packed(kind: type) -> None:
    """Let instances of a frozen dataclass travel as their fields; by itself, each takes ten times as long."""
    values = attrgetter(*(each.name for each in fields(kind)))
    copyreg.pickle(kind, lambda instance: (kind, values(instance)))


for _kind in (Row, Resource):
    _packed(_kind)


def parted(part: Part, number: int) -> Iterator[Part]:
    """About as many parts as wanted, of whole registries in the order of their ids; then what is left."""
    families: defaultdict[str, list[str]] = defaultdict(list)
    for key in part.inventory.resources:
        families[family(key)].append(key)
    neighbours = families.pop("", [])
    size = max(1, -(-len(families) // number))
    names = sorted(families)
    for start in range(0, len(names), size):
        keys = [key for name in names[start : start + size] for key in families[name]]
        judged_here = part.keys & frozenset(keys)
        if judged_here:
            yield replace(
                part, inventory=_only(part.inventory, sorted([*keys, *neighbours])), keys=judged_here
            )
    if rest := part.keys & frozenset(neighbours):
        yield replace(part, keys=rest)


def family(key: str) -> str:
    """The id of the registry that an id is, or lies below; empty for any other."""
    before, found, after = key.partition(_REGISTRIES)
    return f"{before}{found}{after.partition('/')[0]}" if found else ""


def _only(inventory: Inventory, keys: Sequence[str]) -> Inventory:
    """An inventory with these resources alone, and with the reads of their registries."""
    here = {key: inventory.resources[key] for key in keys}
    names = {family(key) for key in keys}
    reads = tuple(read for read in inventory.reads if family(read.of) in names or not family(read.of))
    return replace(inventory, resources=here, reads=reads)


def findings_of(part: Part) -> tuple[Finding, ...]:
    """A part's findings in the order of reports."""
    judge = judge_of(part.inventory, part.tags, part.terms, part.gate, part.parameters)
    return in_order(judged(judge, part.inventory, part.policies, lambda each: each.key in part.keys))


def judge_part(part: Part) -> list[Outcome]:
    """What a part's findings are, in their order. ValueError where another acr-scan was asked."""
    if part.version != __version__:
        raise ValueError(f"the worker has acr-scan {__version__}, and {part.version} is asked for")
    judge = judge_of(part.inventory, part.tags, part.terms, part.gate, part.parameters)
    numbers = {policy.id: number for number, policy in enumerate(part.policies)}
    return [
        (
            numbers[finding.policy.id],
            finding.resource.key,
            finding.verdict,
            finding.ways,
            finding.gates,
            finding.ungated,
        )
        for finding in judged(judge, part.inventory, part.policies, lambda each: each.key in part.keys)
    ]


def joined(part: Part, outcomes: Iterable[Outcome]) -> tuple[Finding, ...]:
    """The findings of the whole from the outcomes of its parts; their accounts are made here, when read."""
    judge = judge_of(part.inventory, part.tags, part.terms, part.gate, part.parameters)
    findings = []
    for number, key, verdict, ways, gates, ungated in outcomes:
        policy, resource = part.policies[number], part.inventory.resources[key]
        account = judge.account(policy, resource, verdict, ways)
        findings.append(Finding(policy, resource, verdict, account, ways, gates, ungated))
    return in_order(findings)
