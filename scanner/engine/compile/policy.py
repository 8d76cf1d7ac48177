"""A policy on the resources of its types, compiled: its verdict on one, the evidence, and what to do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scanner.engine.compile.compiler import Compiler
from scanner.engine.compile.condition import FALSE, TRUE, TRUTHS, Grounds, ResourceCondition
from scanner.engine.compile.groups import AllOfParts, AnyOfParts, NamedWay
from scanner.engine.fields.opt_in import uses_opt_in_field
from scanner.engine.language.advice import Advise, advise
from scanner.engine.language.placeholders import PlaceholderValues, Words, sentence
from scanner.engine.language.world import World
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy
from scanner.result.finding import Evidence, Explanation, Ruling, Verdict
from scanner.result.gate import Gate

NOT_APPLICABLE = Ruling(Verdict.NOT_APPLICABLE)
_NO_WORDS: Mapping[str, str] = {}
_ALWAYS = Grounds(TRUE, ())


def implied(when: Truth, require: Truth) -> Verdict:
    """The verdict of "`when` implies `require`".

    If the requirement holds, it does not matter that we could not tell whether the policy applies.
    """
    if when is Truth.FALSE:
        return Verdict.NOT_APPLICABLE
    if require is Truth.TRUE:
        return Verdict.PASS
    return Verdict.FAIL if when is Truth.TRUE and require is Truth.FALSE else Verdict.UNKNOWN


_VERDICTS = {
    (when, require): implied(TRUTHS[when], TRUTHS[require]) for when in range(3) for require in range(3)
}


@dataclass(frozen=True)
class CompiledPolicy:
    """A policy's conditions with its parameters filled in."""

    policy: Policy
    parameters: Mapping[str, Any]
    world: World
    gate: Gate
    when: ResourceCondition | None
    require: ResourceCondition
    uses_opt_in_field: bool
    """Whether an unknown may rest on a read that the user has to ask for."""
    _rulings: dict[tuple[Verdict, tuple[str, ...], bool], Ruling] = field(default_factory=dict)

    def ruling(self, resource: Resource) -> Ruling:
        """The verdict on a resource, and whether it gates."""
        when = TRUE if self.when is None else self.when.truth(resource, resource)
        verdict = _VERDICTS[when, 0]
        if verdict is Verdict.NOT_APPLICABLE:
            return NOT_APPLICABLE
        verdict = _VERDICTS[when, self.require.truth(resource, resource)]
        if verdict is Verdict.UNKNOWN and self.uses_opt_in_field:
            return self._ruling(verdict, (), self._grounds(resource)[1])
        return self._ruling(verdict, self._open_ways(resource) if verdict is Verdict.PASS else (), ())

    def explain(self, resource: Resource) -> Explanation:
        """What the policy says of a resource in a sentence, with its evidence, and remedies of a fail."""
        verdict, evidence = self._grounds(resource)
        ways = self._open_ways(resource) if verdict is Verdict.PASS else ()
        return self._explanation(resource, verdict, ways, evidence)

    def judged(self, resource: Resource) -> tuple[Ruling, Explanation | None]:
        """The ruling on a resource with its explanation, in one pass; None where the policy does not apply.

        What does not apply is seldom reported, and `explain` can still say why.
        """
        when = TRUE if self.when is None else self.when.truth(resource, resource)
        if when == FALSE:
            return NOT_APPLICABLE, None
        require = self.require.grounds(resource, resource)
        verdict, evidence = _VERDICTS[when, require.truth], tuple(require.evidence)
        if verdict is Verdict.UNKNOWN and self.when is not None:
            evidence += tuple(self.when.grounds(resource, resource).evidence)
        ways = self._open_ways(resource) if verdict is Verdict.PASS else ()
        ruling = self._ruling(verdict, ways, evidence)
        return ruling, self._explanation(resource, verdict, ways, evidence)

    def _explanation(
        self, resource: Resource, verdict: Verdict, ways: tuple[str, ...], evidence: tuple[Evidence, ...]
    ) -> Explanation:
        if verdict is Verdict.NOT_APPLICABLE:
            return Explanation(f"{self.policy.id} does not apply to {resource.name}.", evidence)
        filler = PlaceholderValues(
            self.world, resource, self.parameters, {"way": ways[0]} if ways else _NO_WORDS
        )
        message = self._messages[verdict](filler)
        if verdict is not Verdict.FAIL:
            return Explanation(message, evidence)
        here = [advise for kind, advise in self._remedies if kind in {None, resource.type}]
        return Explanation(message, evidence, tuple([advise(filler, evidence) for advise in here]))

    def _grounds(self, resource: Resource) -> tuple[Verdict, tuple[Evidence, ...]]:
        """The verdict, and what decided it: `when` too where it leaves the verdict open."""
        when = _ALWAYS if self.when is None else self.when.grounds(resource, resource)
        verdict = _VERDICTS[when.truth, 0]
        if verdict is Verdict.NOT_APPLICABLE:
            return verdict, tuple(when.evidence)
        require = self.require.grounds(resource, resource)
        verdict = _VERDICTS[when.truth, require.truth]
        if verdict is Verdict.UNKNOWN:
            return verdict, (*require.evidence, *when.evidence)
        return verdict, tuple(require.evidence)

    def _open_ways(self, resource: Resource) -> tuple[str, ...]:
        """The named ways that hold, in the policy's order."""
        if not self._ways:
            return ()
        return open_ways(self._ways, resource)

    def _ruling(self, verdict: Verdict, ways: tuple[str, ...], evidence: Sequence[Evidence]) -> Ruling:
        """The ruling of a verdict: one object for all findings that have the same."""
        if verdict is Verdict.NOT_APPLICABLE:
            return NOT_APPLICABLE
        not_asked = self.uses_opt_in_field and verdict is Verdict.UNKNOWN and rests_on_opt_in(evidence)
        ruling = self._rulings.get((verdict, ways, not_asked))
        if ruling is None:
            gates = self.gate.gates(self.policy, verdict, not_asked=not_asked)
            ruling = Ruling(verdict, ways, *((gates, None) if isinstance(gates, Verdict) else (None, gates)))
            self._rulings[verdict, ways, not_asked] = ruling
        return ruling

    @cached_property
    def _ways(self) -> tuple[NamedWay[Resource], ...]:
        return tuple(ways_of(self.require))

    @cached_property
    def _messages(self) -> Mapping[Verdict, Words]:
        return {verdict: sentence(self.policy.messages[verdict.value]) for verdict in _SAID}

    @cached_property
    def _remedies(self) -> Sequence[tuple[str | None, Advise]]:
        """The resource type that each remedy is for, None for all, and what advises it."""
        return [(remedy.resource, advise(remedy)) for remedy in self.policy.remediation]


def rests_on_opt_in(evidence: Iterable[Evidence]) -> bool:
    """Whether all that is not known is what only a read that the user has to ask for could show."""
    doubts = [each.fact for each in evidence if each.fact.truth is Truth.UNKNOWN]
    return bool(doubts) and all(fact.optional for fact in doubts)


_SAID = (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN)
"""The verdicts that a policy has a message for."""


def ways_of(condition: ResourceCondition) -> Iterator[NamedWay[Resource]]:
    """The named ways of a requirement, in order: they stand below nothing but `allOf` and `anyOf`."""
    match condition:
        case NamedWay():
            yield condition
        case AllOfParts(parts) | AnyOfParts(parts):
            for part in parts:
                yield from ways_of(part)


def open_ways(ways: Iterable[NamedWay[Resource]], resource: Resource) -> tuple[str, ...]:
    """The names of the ways that hold; several branches may have one name."""
    return tuple(dict.fromkeys(way.name for way in ways if way.truth(resource, resource) == TRUE))


def compile_policy(
    policy: Policy, parameters: Mapping[str, Any], compiler: Compiler, gate: Gate
) -> CompiledPolicy:
    """A policy with the parameters that were set; its defaults fill up the rest."""
    values = {name: each.default for name, each in policy.parameters.items()} | {**parameters}
    return CompiledPolicy(
        policy,
        values,
        compiler.world,
        gate,
        None if policy.when is None else compiler.on_resource(policy.when, values),
        compiler.on_resource(policy.require, values),
        uses_opt_in_field(policy, compiler.terms),
    )
