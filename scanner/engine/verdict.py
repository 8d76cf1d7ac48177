"""One policy's verdict on one resource: `when` implies `require`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scanner.engine.evaluate import Evaluator
from scanner.engine.fill import Filler
from scanner.engine.gate import Gate
from scanner.model.judgement import Judgement, Leaf
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy, Remedy
from scanner.result.finding import Advice, Evidence, Finding, Ungated, Verdict


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges resources by policies, over a world that is fixed."""

    evaluator: Evaluator
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    """The parameters that were set, by policy id; a policy's defaults fill up the rest."""

    def finding(self, policy: Policy, resource: Resource) -> Finding:
        """The finding of a policy on a resource of one of its types."""
        values = {name: parameter.default for name, parameter in policy.parameters.items()}
        values |= self.parameters.get(policy.id, {})
        always = Judgement(Truth.TRUE)
        when = always if policy.when is None else self.evaluator.judge(policy.when, resource, values)
        if when.truth is Truth.FALSE:
            message = f"{policy.id} does not apply to {resource.name}."
            reasons = tuple(_evidence(leaf, None) for leaf in when.because())
            return Finding(policy, resource, Verdict.NOT_APPLICABLE, message, evidence=reasons)
        require = self.evaluator.judge(policy.require, resource, values)
        return self._applied(policy, resource, values, when, require)

    def _applied(
        self,
        policy: Policy,
        resource: Resource,
        values: Mapping[str, Any],
        when: Judgement,
        require: Judgement,
    ) -> Finding:
        verdict = implied(when.truth, require.truth)
        evidence = tuple(_evidence(leaf, way) for way, leaf in grounds(require))
        if verdict is Verdict.UNKNOWN:
            evidence += tuple(_evidence(leaf, None) for leaf in when.because())
        ways = tuple(way.way for way in _ways(require) if way.truth is Truth.TRUE and way.way is not None)
        ways = ways if verdict is Verdict.PASS else ()
        words = {"way": ways[0]} if ways else {}
        fill = Filler(self.evaluator.world, resource, values, words)
        gates = self.gate.gates(policy, verdict, evidence)
        return Finding(
            policy,
            resource,
            verdict,
            fill.sentence(policy.messages[verdict.value]),
            ways,
            evidence,
            tuple(_advice(policy.remediation, fill, evidence)) if verdict is Verdict.FAIL else (),
            gates if isinstance(gates, Verdict) else None,
            gates if isinstance(gates, Ungated) else None,
        )


def implied(when: Truth, require: Truth) -> Verdict:
    """If the requirement holds, it does not matter that we could not tell whether it applies."""
    if when is Truth.FALSE:
        return Verdict.NOT_APPLICABLE
    if require is Truth.TRUE:
        return Verdict.PASS
    return Verdict.FAIL if when is Truth.TRUE and require is Truth.FALSE else Verdict.UNKNOWN


def grounds(judgement: Judgement) -> Iterator[tuple[str | None, Leaf]]:
    """Per way the leaves that decided it, whatever the verdict; elsewhere those that decided the whole."""
    if judgement.way is not None or not any(_ways(judgement)):
        for leaf in judgement.because():
            yield judgement.way, leaf
        return
    decisive = judgement.truth.negated() if judgement.inverted else judgement.truth
    for part in judgement.parts:
        if part.truth is decisive or any(_ways(part)):
            yield from grounds(part)


def _ways(judgement: Judgement) -> Iterator[Judgement]:
    """The named branches, in the policy's order."""
    if judgement.way is not None:
        yield judgement
    for part in judgement.parts:
        yield from _ways(part)


def _evidence(leaf: Leaf, way: str | None) -> Evidence:
    row = leaf.row
    return Evidence(
        way=way,
        resource=leaf.resource,
        field=leaf.field,
        operator=leaf.operator,
        expected=leaf.expected,
        actual=leaf.actual,
        truth=leaf.truth,
        assumed=leaf.assumed,
        source=None if row is None else row.source,
        api_version=None if row is None else row.api_version,
        reason=leaf.reason,
        help=leaf.help,
        optional=leaf.optional,
        missing=leaf.missing,
        excess=leaf.excess,
        text=leaf.text,
        needs=leaf.needs,
    )


def _advice(remedies: Sequence[Remedy], fill: Filler, evidence: Sequence[Evidence]) -> Iterator[Advice]:
    """The remedies with their commands, repeated for each missing or excess prefix where they say so."""
    for remedy in remedies:
        if remedy.for_each is None:
            commands = tuple(fill.command(line) for line in remedy.az)
        else:
            each = [replace(fill, words={"item": item}) for item in _items(remedy, evidence)]
            commands = tuple(one.command(line) for one in each for line in remedy.az)
        yield Advice(remedy.way, fill.sentence(remedy.text), commands)


def _items(remedy: Remedy, evidence: Sequence[Evidence]) -> Sequence[str]:
    leaves = [leaf for leaf in evidence if remedy.way in {None, leaf.way}]
    found = [leaf.missing if remedy.for_each == "missing" else leaf.excess for leaf in leaves]
    return tuple(dict.fromkeys(item for items in found if items is not None for item in items))
