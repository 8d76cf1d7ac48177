"""A policy on the resources of a type, compiled: what it says of one, on what grounds, and what to do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from scanner.engine.advice import Advise, advise
from scanner.engine.compiled import Compiler
from scanner.engine.compiled_fields import MAYBE, NO, YES, Test, code
from scanner.engine.evaluate import Evaluator
from scanner.engine.explainer import Explainer, Grounds
from scanner.engine.fill import Filler, Words, sentence
from scanner.engine.gate import Gate
from scanner.engine.grounds import open_ways
from scanner.engine.leaves import Reason
from scanner.engine.walk import asks_what_is_opt_in, ways_of
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy
from scanner.result.finding import Account, Evidence, Ruling, Verdict

NOT_APPLICABLE: Ruling = (Verdict.NOT_APPLICABLE, (), None, None)
_NO_WORDS: Mapping[str, str] = {}


def implied(when: Truth, require: Truth) -> Verdict:
    """If the requirement holds, it does not matter that we could not tell whether it applies."""
    if when is Truth.FALSE:
        return Verdict.NOT_APPLICABLE
    if require is Truth.TRUE:
        return Verdict.PASS
    return Verdict.FAIL if when is Truth.TRUE and require is Truth.FALSE else Verdict.UNKNOWN


_VERDICTS = {(code(when), code(require)): implied(when, require) for when in Truth for require in Truth}


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy's conditions with its parameters filled in."""

    policy: Policy
    values: Mapping[str, Any]
    """Its parameters."""
    evaluator: Evaluator
    gate: Gate
    when: Test | None
    require: Test
    ways: tuple[tuple[str, Test], ...] | None
    """Its named branches; None where they have to be looked for in the grounds."""
    opt_in: bool
    """Whether an unknown may rest on a read that the user has to ask for."""
    rulings: Mapping[Verdict, Ruling]
    why_when: Callable[[], Grounds]
    why_require: Callable[[], Grounds]
    """What finds the grounds, made when somebody asks why."""
    message: Callable[[Verdict], Words]
    remedies: Callable[[], Sequence[Advise]]
    """What words a verdict, and what to do about a fail; made then too."""

    def applies(self, resource: Resource) -> int:
        """The truth of `when`."""
        return YES if self.when is None else self.when(resource, resource)

    def ruling(self, resource: Resource) -> Ruling:
        """What it says of a resource."""
        when = self.applies(resource)
        if when == NO:
            return NOT_APPLICABLE
        verdict = _VERDICTS[when, self.require(resource, resource)]
        if verdict is Verdict.PASS:
            return verdict, self._open(resource), None, None
        if verdict is Verdict.UNKNOWN and self.opt_in:
            return _ruling(self.gate, self.policy, verdict, lambda: self.evidence(resource, verdict))
        return self.rulings[verdict]

    def evidence(self, resource: Resource, verdict: Verdict) -> tuple[Evidence, ...]:
        """The grounds of a verdict: those of `when` where it settled nothing, or everything."""
        if verdict is Verdict.NOT_APPLICABLE:
            return _evidence(self.why_when()(resource, resource, NO))
        if verdict is not Verdict.UNKNOWN:
            required = YES if verdict is Verdict.PASS else NO
            return _evidence(self.why_require()(resource, resource, required))
        when = self.applies(resource)
        required = MAYBE if when == YES else self.require(resource, resource)
        found = (self.why_require()(resource, resource, required), self.why_when()(resource, resource, when))
        return _evidence(chain(*found))

    def account(
        self, resource: Resource, verdict: Verdict, ways: Sequence[str], evidence: tuple[Evidence, ...]
    ) -> Account:
        """A verdict in a sentence, with its evidence, and remedies of a fail."""
        if verdict is Verdict.NOT_APPLICABLE:
            return Account(f"{self.policy.id} does not apply to {resource.name}.", evidence)
        fill = Filler(self.evaluator.world, resource, self.values, {"way": ways[0]} if ways else _NO_WORDS)
        message = self.message(verdict)(fill)
        if verdict is not Verdict.FAIL:
            return Account(message, evidence)
        remedies = zip(self.policy.remediation, self.remedies(), strict=True)
        for_it = [advice for remedy, advice in remedies if remedy.resource in {None, resource.type}]
        return Account(message, evidence, tuple([advice(fill, evidence) for advice in for_it]))

    def _open(self, resource: Resource) -> tuple[str, ...]:
        """The ways that hold, in the policy's order."""
        if self.ways is not None:
            return tuple(name for name, holds in self.ways if holds(resource, resource) == YES)
        return open_ways(self.evaluator.judge(self.policy.require, resource, self.values))


def compiled_policy(
    policy: Policy, parameters: Mapping[str, Any], compiler: Compiler, gate: Gate
) -> CompiledPolicy:
    """A policy with the parameters that were set; its defaults fill up the rest."""
    values = {name: parameter.default for name, parameter in policy.parameters.items()} | {**parameters}
    compile_, explain, evaluator = compiler.compiled, Explainer(compiler).grounds, compiler.evaluator
    ways = ways_of(policy.require, evaluator.terms)
    return CompiledPolicy(
        policy,
        values,
        evaluator,
        gate,
        None if policy.when is None else compile_(policy.when, values),
        compile_(policy.require, values),
        None if ways is None else tuple((way.name, compile_(way.part, values)) for way in ways),
        asks_what_is_opt_in(policy, evaluator.terms),
        {verdict: _ruling(gate, policy, verdict, tuple) for verdict in Verdict},
        cache(lambda: _nothing if policy.when is None else explain(policy.when, values, by_way=False)),
        cache(lambda: explain(policy.require, values)),
        cache(lambda verdict: sentence(policy.messages[verdict.value])),
        cache(lambda: [advise(remedy) for remedy in policy.remediation]),
    )


def _ruling(
    gate: Gate, policy: Policy, verdict: Verdict, evidence: Callable[[], tuple[Evidence, ...]]
) -> Ruling:
    """What of a verdict gates, and why it does not."""
    gates = gate.gates(policy, verdict, evidence)
    return verdict, (), *((gates, None) if isinstance(gates, Verdict) else (None, gates))


def _nothing(*_: object) -> Iterator[tuple[str | None, Reason]]:
    return iter(())


def _evidence(found: Iterable[tuple[str | None, Reason]]) -> tuple[Evidence, ...]:
    return tuple([Evidence(reason.ground, reason.resource, way, reason.needs) for way, reason in found])
