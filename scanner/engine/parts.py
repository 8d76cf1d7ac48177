"""A scan in parts that can be judged anywhere: each has whole registries, and all that is no registry's.

The children of a registry lie below its id, and no relation of theirs leads to another registry's. What is no
registry's, such as a firewall, may ask any of them: it is judged over the whole inventory. What extends one,
such as a role assignment, may be asked by any: an identity has roles on several registries.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from scanner import __version__
from scanner.engine.gate import Gate
from scanner.engine.judge import Judge
from scanner.engine.scan import judge_of, judged, number_of, pairs, parts_of
from scanner.engine.tags import TagTable
from scanner.model.inventory import Inventory
from scanner.model.store import Listed, Resources
from scanner.policy.model import Policy, Term
from scanner.result.finding import Ruling
from scanner.result.findings import Column, Stretch, Stretches

_REGISTRIES = "/providers/microsoft.containerregistry/registries/"
_SETTINGS = "providers/microsoft.insights/diagnosticsettings/"
"""Extensions that are asked of their registry alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """All that judging some resources of an inventory takes."""

    inventory: Inventory
    resources: Resources
    """Those that are judged."""
    tags: TagTable
    policies: tuple[Policy, ...]
    terms: Mapping[str, Term]
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part's findings are, by policy id in the order of resources: the numbers of their rulings."""

    rulings: tuple[Ruling, ...]
    columns: "Mapping[str, array[int]]"


def parted(part: Part, number: int) -> Iterator[Part]:
    """About as many parts as wanted, of whole registries in the order of their ids; then what is left."""
    families: defaultdict[str, list[str]] = defaultdict(list)
    for key in part.inventory.resources:
        families[family(key)].append(key)
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for resource in part.resources:
        asked[family(resource.key)].append(resource.key)
    neighbours = families.pop("", [])
    size = max(1, -(-len(families) // number))
    names = sorted(families)
    for start in range(0, len(names), size):
        here = names[start : start + size]
        if keys := _of(asked, here):
            inventory = _only(part.inventory, [*_of(families, here), *neighbours])
            yield replace(part, inventory=inventory, resources=_listed(inventory, keys))
    if rest := asked[""]:
        yield replace(part, resources=_listed(part.inventory, rest))


def _listed(inventory: Inventory, keys: Iterable[str]) -> Listed:
    return Listed([inventory.resources[key] for key in keys])


def _of(families: Mapping[str, Sequence[str]], names: Iterable[str]) -> tuple[str, ...]:
    """The keys of some families, in their order."""
    return tuple(sorted(chain.from_iterable(families.get(name, ()) for name in names)))


def family(key: str) -> str:
    """The id of the registry that an id is, or is that of a child of; empty for any other."""
    before, found, after = key.partition(_REGISTRIES)
    name, _, below = after.partition("/")
    extends = below.startswith("providers/") and not below.startswith(_SETTINGS)
    return f"{before}{found}{name}" if found and not extends else ""


def _only(inventory: Inventory, keys: Sequence[str]) -> Inventory:
    """An inventory with these resources alone, and with the reads of their registries."""
    here = {key: inventory.resources[key] for key in sorted(keys)}
    names = {family(key) for key in keys}
    reads = tuple(read for read in inventory.reads if family(read.of) in names or not family(read.of))
    return replace(inventory, resources=here, reads=reads)


def shares(part: Part, number: int) -> Iterator[Part]:
    """About as many parts as wanted, one after the other, for workers that have the whole inventory."""
    resources = part.resources  # registries with what is below them, which is read together
    size = max(1, -(-len(resources) // number))
    for start in range(0, len(resources), size):
        yield replace(part, resources=resources[start : start + size])


def findings_of(part: Part) -> Stretches:
    """A part's findings in the order of reports. ValueError where another acr-scan was asked."""
    if part.version != __version__:
        raise ValueError(f"the worker has acr-scan {__version__}, and {part.version} is asked for")
    return judged(_judge_of(part), part.policies, part.resources)


def _judge_of(part: Part) -> Judge:
    return judge_of(part.inventory, part.tags, part.terms, part.gate, part.parameters)


def outcome_of(findings: Stretches) -> Outcome:
    """Findings as they travel."""
    rulings: dict[Ruling, int] = {}
    columns: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    for stretch in findings.stretches():
        for column in stretch.columns:
            numbers = (rulings.setdefault(each, len(rulings)) for each in column.rulings)
            columns[column.policy.id].extend(numbers)
    return Outcome(tuple(rulings), dict(columns))


def judge_part(part: Part) -> Outcome:
    """What a part's findings are."""
    return outcome_of(findings_of(part))


def in_turn(whole: Part, outcomes: Iterable[tuple[Part, Outcome]]) -> Stretches:
    """The findings of the whole from those of its shares; their accounts are made here, when read."""
    return Stretches(_each(whole, outcomes), number_of(whole.policies, whole.resources))


def _each(whole: Part, outcomes: Iterable[tuple[Part, Outcome]]) -> Iterator[Stretch]:
    """Share by share, a stretch after the other."""
    judge = _judge_of(whole)
    for share, outcome in outcomes:
        ruled = {
            policy: map(outcome.rulings.__getitem__, numbers) for policy, numbers in outcome.columns.items()
        }
        for resources in parts_of(share.resources):
            columns = [
                Column(policy, some, [*islice(ruled[policy.id], len(some))], judge.compiled(policy))
                for policy, some in pairs(whole.policies, resources)
            ]
            yield Stretch(resources, columns)


def joined(whole: Part, outcomes: Iterable[tuple[Part, Outcome]]) -> Stretches:
    """The same from parts that lie between each other."""
    judge = _judge_of(whole)
    found: defaultdict[str, list[tuple[str, Ruling]]] = defaultdict(list)
    for part, outcome in outcomes:
        for policy, some in pairs(whole.policies, part.resources):
            numbers = zip(some, outcome.columns[policy.id], strict=True)
            found[policy.id] += [(each.key, outcome.rulings[number]) for each, number in numbers]
    columns = [
        Column(
            policy,
            some,
            [ruling for _, ruling in sorted(found[policy.id], key=itemgetter(0))],
            judge.compiled(policy),
        )
        for policy, some in pairs(whole.policies, whole.resources)
    ]
    return Stretches(iter([Stretch(whole.resources, columns)]), number_of(whole.policies, whole.resources))
