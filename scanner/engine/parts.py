"""A scan in parts that can be judged anywhere: each has whole registries, and all that is no registry's.

The children of a registry lie below its id, and no relation of theirs leads to another registry. What is no
registry's, such as a firewall, may ask any of them: it is judged over the whole inventory.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scanner import __version__
from scanner.engine.compiled_policy import Ruling
from scanner.engine.gate import Gate
from scanner.engine.scan import judge_of, judged, pairs
from scanner.engine.tags import TagTable
from scanner.engine.verdict import Judge, Retold
from scanner.model.inventory import Inventory
from scanner.model.resource import Resource
from scanner.policy.model import Policy, Term
from scanner.result.finding import Finding, in_order

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

    @property
    def resources(self) -> Sequence[Resource]:
        """Those that are judged, in the order of their ids."""
        return [self.inventory.resources[key] for key in sorted(self.keys)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part's findings are, in the order in which they are judged: each by the number of its ruling."""

    rulings: tuple[Ruling, ...]
    numbers: "array[int]"


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


def shares(part: Part, number: int) -> Iterator[Part]:
    """About as many parts as wanted for workers that have the whole inventory before them."""
    keys = sorted(part.keys)  # registries with what is below them, which is read together
    size = max(1, -(-len(keys) // number))
    for start in range(0, len(keys), size):
        yield replace(part, keys=frozenset(keys[start : start + size]))


def findings_of(part: Part) -> tuple[Finding, ...]:
    """A part's findings in the order of reports."""
    return in_order(_judged(part))


def _judged(part: Part) -> Iterator[Finding]:
    return judged(_judge_of(part), part.policies, part.resources)


def _judge_of(part: Part) -> Judge:
    return judge_of(part.inventory, part.tags, part.terms, part.gate, part.parameters)


def judge_part(part: Part) -> tuple[Sequence[Finding], Outcome]:
    """A part's findings, and what travels of them. ValueError where another acr-scan was asked."""
    if part.version != __version__:
        raise ValueError(f"the worker has acr-scan {__version__}, and {part.version} is asked for")
    rulings: dict[Ruling, int] = {}
    findings = list(_judged(part))
    said = ((each.verdict, each.ways, each.gates, each.ungated) for each in findings)
    numbers = array("L", [rulings.setdefault(each, len(rulings)) for each in said])
    return findings, Outcome(tuple(rulings), numbers)


def outcome_of(part: Part) -> Outcome:
    """A part's findings as they travel."""
    return judge_part(part)[1]


def joined(whole: Part, outcomes: Iterable[tuple[Part, Outcome]]) -> tuple[Finding, ...]:
    """The findings of the whole from the outcomes of its parts; their accounts are made here, when read."""
    judge = _judge_of(whole)
    judge.learn(whole.policies, {resource.type for resource in whole.resources})
    findings = []
    tellers = {policy.id: Retold(judge, policy) for policy in whole.policies}
    for part, outcome in outcomes:
        asked = pairs(whole.policies, replace(whole, keys=part.keys).resources)
        for (policy, resource), number in zip(asked, outcome.numbers, strict=True):
            verdict, ways, gates, ungated = outcome.rulings[number]
            findings.append(Finding(policy, resource, verdict, tellers[policy.id], ways, gates, ungated))
    return in_order(findings)
