"""Whether compiled policies find what the reference finds of each resource by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from reference.evaluate import Evaluator
from reference.grounds import grounds, open_ways
from reference.judgement import Judgement, Leaf
from scanned import scan_all

from scanner.engine.compile.policy import implied
from scanner.engine.fields.tag_table import TagTable
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.inventory import Gap, Inventory
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.load import Pack
from scanner.policy.model import Policy, Term
from scanner.result.finding import Evidence, EvidenceFact, Verdict
from scanner.sources.files.snapshot import Snapshot


def shown(evidence: Evidence) -> tuple[Any, ...]:
    needs = sorted((each.of.lower(), each.what, each.field or "") for each in evidence.needs)
    return evidence.resource, evidence.way, msgspec.structs.astuple(evidence.fact), needs


def of_leaf(leaf: Leaf, way: str | None = None) -> Evidence:
    """A leaf of the reference as evidence."""
    row = leaf.row
    fact = EvidenceFact(
        leaf.field,
        leaf.operator,
        leaf.text,
        leaf.truth,
        leaf.expected,
        leaf.actual,
        leaf.assumed,
        None if row is None else row.source,
        None if row is None else row.api_version,
        leaf.reason,
        leaf.help,
        leaf.optional,
        leaf.missing,
        leaf.excess,
    )
    return Evidence(fact, leaf.resource, way, leaf.needs)


def by_itself(
    evaluator: Evaluator, policy: Policy, resource: Resource
) -> tuple[Verdict, tuple[str, ...], list[tuple[Any, ...]]]:
    """The verdict, the ways that hold and the evidence, by the reference alone."""
    values = {name: parameter.default for name, parameter in policy.parameters.items()}
    when = Judgement(Truth.TRUE)
    if policy.when is not None:
        when = evaluator.judge(policy.when, resource, values)
    require = evaluator.judge(policy.require, resource, values)
    verdict = implied(when.truth, require.truth)
    told = [] if verdict is Verdict.NOT_APPLICABLE else list(grounds(require))
    if verdict in {Verdict.NOT_APPLICABLE, Verdict.UNKNOWN}:
        told += [(None, leaf) for leaf in when.because()]
    ways = open_ways(require) if verdict is Verdict.PASS else ()
    return verdict, ways, [shown(of_leaf(leaf, way)) for way, leaf in told]


def agree(pack: Pack, snapshot: Snapshot, gaps: tuple[Gap, ...] = ()) -> int:
    """How many findings of a pack there are; AssertionError where one is not the reference's."""
    inventory = snapshot.inventory if not gaps else replace(snapshot.inventory, gaps=gaps)
    return agree_on(inventory, TagTable(snapshot.service_tags, inventory.cloud), pack.policies, pack.terms)


def agree_on(
    inventory: Inventory, tags: TagTable, policies: Sequence[Policy], terms: Mapping[str, Term]
) -> int:
    """The same of policies and terms that are in no pack."""
    evaluator = Evaluator(InventoryWorld(inventory, tags), terms)
    told = []
    for finding in scan_all(inventory, tags, policies, terms):
        verdict, ways, evidence = by_itself(evaluator, finding.policy, finding.resource)
        assert finding.verdict is verdict, f"{finding.policy.id} {finding.resource.id}"
        assert finding.ways == ways, f"{finding.policy.id} {finding.resource.id}"
        told.append((finding, evidence))
    # facts are kept from the first resource that they were found on, whichever that is
    for finding, evidence in (*told, *reversed(told)):
        assert [shown(each) for each in finding.evidence] == evidence, (
            f"{finding.policy.id} {finding.resource.id}"
        )
    return len(told)
