"""Whether findings that share accounts say what the evaluator says of each resource by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from scanner.engine.compiled_policy import implied
from scanner.engine.evaluate import Evaluator
from scanner.engine.gate import Gate
from scanner.engine.grounds import grounds
from scanner.engine.leaves import reason_of
from scanner.engine.relations import InventoryWorld
from scanner.engine.scan import judged
from scanner.engine.tags import TagTable
from scanner.engine.verdict import Judge
from scanner.model.inventory import Gap, Inventory
from scanner.model.judgement import Judgement
from scanner.model.resource import Resource
from scanner.model.store import Listed
from scanner.model.truth import Truth
from scanner.policy.load import Pack
from scanner.policy.model import Policy, Term
from scanner.result.finding import Evidence, Verdict
from scanner.sources.snapshot import Snapshot


def shown(evidence: Evidence) -> tuple[Any, ...]:
    needs = sorted((each.of.lower(), each.what, each.field or "") for each in evidence.needs)
    return evidence.resource, evidence.way, msgspec.structs.astuple(evidence.ground), needs


def by_itself(
    evaluator: Evaluator, policy: Policy, resource: Resource
) -> tuple[Verdict, list[tuple[Any, ...]]]:
    """The verdict and the evidence, by the evaluator alone."""
    values = {name: parameter.default for name, parameter in policy.parameters.items()}
    when = Judgement(Truth.TRUE)
    if policy.when is not None:
        when = evaluator.judge(policy.when, resource, values)
    require = evaluator.judge(policy.require, resource, values)
    verdict = implied(when.truth, require.truth)
    told = [] if verdict is Verdict.NOT_APPLICABLE else list(grounds(require))
    if verdict in {Verdict.NOT_APPLICABLE, Verdict.UNKNOWN}:
        told += [(None, leaf) for leaf in when.because()]
    reasons = ((way, reason_of(leaf)) for way, leaf in told)
    return verdict, [shown(Evidence(each.ground, each.resource, way, each.needs)) for way, each in reasons]


def agree(pack: Pack, snapshot: Snapshot, gaps: tuple[Gap, ...] = ()) -> int:
    """How many findings of a pack there are; AssertionError where one's account is not the evaluator's."""
    inventory = snapshot.inventory if not gaps else replace(snapshot.inventory, gaps=gaps)
    return agree_on(inventory, TagTable(snapshot.service_tags, inventory.cloud), pack.policies, pack.terms)


def agree_on(
    inventory: Inventory, tags: TagTable, policies: Sequence[Policy], terms: Mapping[str, Term]
) -> int:
    """The same of policies and terms that are in no pack."""
    evaluator = Evaluator(InventoryWorld(inventory, tags), terms)
    judge = Judge(Evaluator(InventoryWorld(inventory, tags), terms), Gate(), {})
    told = []
    for finding in judged(judge, policies, Listed([*inventory.resources.values()])):
        verdict, evidence = by_itself(evaluator, finding.policy, finding.resource)
        assert finding.verdict is verdict, f"{finding.policy.id} {finding.resource.id}"
        told.append((finding, evidence))
    # grounds are kept from the first account of a precedent that holds for several, whichever that is
    for finding, evidence in (*told, *reversed(told)):
        assert [shown(each) for each in finding.evidence] == evidence, (
            f"{finding.policy.id} {finding.resource.id}"
        )
    return len(told)
