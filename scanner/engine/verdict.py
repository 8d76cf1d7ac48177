"""One policy's verdict on one resource: `when` implies `require`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from scanner.engine.compiled import Compiler
from scanner.engine.compiled_fields import NO, YES, Test, code
from scanner.engine.evaluate import Evaluator
from scanner.engine.fill import Filler
from scanner.engine.gate import Gate
from scanner.engine.walk import asks_what_is_opt_in, ways_of
from scanner.model.judgement import Judgement, Leaf
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy, Remedy
from scanner.result.finding import Account, Advice, Evidence, Finding, Ungated, Verdict


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges resources by policies, over a world that is fixed."""

    evaluator: Evaluator
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    """The parameters that were set, by policy id; a policy's defaults fill up the rest."""
    _compiler: Compiler = field(init=False)
    _compiled: dict[str, "_Compiled"] = field(default_factory=dict)
    _accounts: dict[tuple[str, str], Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiler", Compiler(self.evaluator))

    def finding(self, policy: Policy, resource: Resource) -> Finding:
        """The finding of a policy on a resource of one of its types."""
        compiled = self._compiled.get(policy.id) or self._compile(policy)
        when = YES if compiled.when is None else compiled.when(resource, resource)
        if when == NO:
            verdict, gates, ungated = _NOT_APPLICABLE
        else:
            verdict, gates, ungated = compiled.outcomes[when, compiled.require(resource, resource)]
        account = self.account(policy, resource, verdict)
        if verdict is Verdict.PASS:
            return Finding(policy, resource, verdict, account, self._open(policy, resource, compiled))
        if verdict is Verdict.UNKNOWN and compiled.opt_in:
            gates, ungated = self._gates(policy, verdict, account)
        return Finding(policy, resource, verdict, account, (), gates, ungated)

    def _gates(
        self, policy: Policy, verdict: Verdict, account: Callable[[], Account]
    ) -> tuple[Verdict | None, Ungated | None]:
        """What of a verdict gates, and why it does not."""
        gates = self.gate.gates(policy, verdict, account)
        return gates if isinstance(gates, Verdict) else None, gates if isinstance(gates, Ungated) else None

    def _open(self, policy: Policy, resource: Resource, compiled: "_Compiled") -> tuple[str, ...]:
        """The ways that hold, in the policy's order."""
        if compiled.ways is not None:
            return tuple(name for name, holds in compiled.ways if holds(resource, resource) == YES)
        return open_ways(self.evaluator.judge(policy.require, resource, self._values(policy)))

    def _compile(self, policy: Policy) -> "_Compiled":
        values = self._values(policy)
        compile_ = self._compiler.compiled
        ways = ways_of(policy.require, self.evaluator.terms)
        compiled = _Compiled(
            None if policy.when is None else compile_(policy.when, values),
            compile_(policy.require, values),
            None if ways is None else tuple((way.name, compile_(way.part, values)) for way in ways),
            asks_what_is_opt_in(policy, self.evaluator.terms),
            {
                truths: (verdict, *self._gates(policy, verdict, _nothing_optional))
                for truths, verdict in _VERDICTS.items()
            },
        )
        self._compiled[policy.id] = compiled
        return compiled

    def account(self, policy: Policy, resource: Resource, verdict: Verdict) -> Callable[[], Account]:
        """What gives a finding's account when it is asked for."""
        return partial(self._account, policy, resource, verdict)

    def _account(self, policy: Policy, resource: Resource, verdict: Verdict) -> Account:
        """A finding with its grounds, from the evaluator; the last few are kept, read in turn."""
        place = policy.id, resource.key
        account = self._accounts.get(place)
        if account is None:
            account = self._told(policy, resource, verdict)
            if len(self._accounts) >= _KEPT:
                self._accounts.clear()
            self._accounts[place] = account
        return account

    def _told(self, policy: Policy, resource: Resource, verdict: Verdict) -> Account:
        """The grounds of a verdict: those of `when` where it settled nothing, or everything."""
        values = self._values(policy)
        when = Judgement(Truth.TRUE)
        if policy.when is not None and verdict in {Verdict.NOT_APPLICABLE, Verdict.UNKNOWN}:
            when = self.evaluator.judge(policy.when, resource, values)
        if verdict is Verdict.NOT_APPLICABLE:
            _agree(policy, resource, implied(when.truth, Truth.UNKNOWN), verdict)
            message = f"{policy.id} does not apply to {resource.name}."
            return Account(message, tuple(_evidence(leaf, None) for leaf in when.because()))
        require = self.evaluator.judge(policy.require, resource, values)
        _agree(policy, resource, implied(when.truth, require.truth), verdict)
        evidence = tuple(_evidence(leaf, way) for way, leaf in grounds(require))
        if verdict is Verdict.UNKNOWN:
            evidence += tuple(_evidence(leaf, None) for leaf in when.because())
        words = {"way": ways[0]} if verdict is Verdict.PASS and (ways := open_ways(require)) else {}
        fill = Filler(self.evaluator.world, resource, values, words)
        message = fill.sentence(policy.messages[verdict.value])
        remedies = tuple(_advice(policy.remediation, fill, evidence)) if verdict is Verdict.FAIL else ()
        return Account(message, evidence, remedies)

    def _values(self, policy: Policy) -> Mapping[str, Any]:
        values = {name: parameter.default for name, parameter in policy.parameters.items()}
        return {**values, **self.parameters.get(policy.id, {})}


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A policy's conditions with its parameters filled in."""

    when: Test | None
    require: Test
    ways: tuple[tuple[str, Test], ...] | None
    """Its named branches; None where they have to be looked for in the grounds."""
    opt_in: bool
    """Whether an unknown may rest on a read that the user has to ask for."""
    outcomes: Mapping[tuple[int, int], "_Outcome"]
    """By the truths of `when` and `require`."""


def _agree(policy: Policy, resource: Resource, told: Verdict, judged: Verdict) -> None:
    if told is not judged:
        raise AssertionError(
            f"{policy.id} on {resource.id} is {judged.value}, and {told.value} by its grounds"
        )


_Outcome = tuple[Verdict, Verdict | None, Ungated | None]
"""A verdict, what of it gates, and why it does not."""
_NOT_APPLICABLE: _Outcome = (Verdict.NOT_APPLICABLE, None, None)


def _nothing_optional() -> Account:
    return Account("")


_KEPT = 64
"""How many accounts are kept."""


def implied(when: Truth, require: Truth) -> Verdict:
    """If the requirement holds, it does not matter that we could not tell whether it applies."""
    if when is Truth.FALSE:
        return Verdict.NOT_APPLICABLE
    if require is Truth.TRUE:
        return Verdict.PASS
    return Verdict.FAIL if when is Truth.TRUE and require is Truth.FALSE else Verdict.UNKNOWN


_VERDICTS = {(code(when), code(require)): implied(when, require) for when in Truth for require in Truth}


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


def open_ways(judgement: Judgement) -> tuple[str, ...]:
    """The named branches that hold, in the policy's order."""
    return tuple(way.way for way in _ways(judgement) if way.truth is Truth.TRUE and way.way is not None)


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
