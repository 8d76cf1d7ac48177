"""One policy's verdict on one resource: `when` implies `require`."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from scanner.engine.cards import Cards
from scanner.engine.compiled import Compiler
from scanner.engine.compiled_fields import NO, YES, Test, code
from scanner.engine.evaluate import Evaluator
from scanner.engine.explainer import Explainer, Grounds
from scanner.engine.fill import Filler
from scanner.engine.footprint import Read, Reader, footprint_of, identities, reader_of
from scanner.engine.gate import Gate
from scanner.engine.grounds import open_ways
from scanner.engine.leaves import Reason
from scanner.engine.placed import Placed, placed
from scanner.engine.walk import asks_what_is_opt_in, ways_of
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy, Remedy
from scanner.result.finding import Account, Advice, Evidence, Finding, Ungated, Verdict


@dataclass(slots=True, eq=False)
class Precedent:
    """What was judged where a policy had read the same: it holds for all of which the same is read."""

    verdict: Verdict
    ways: tuple[str, ...] = ()
    """The ways that hold, in the policy's order."""
    gates: Verdict | None = None
    ungated: Ungated | None = None
    grounds: tuple[Placed, ...] | None = None
    """What its accounts rest on, from the first of them on; None where that cannot be shared."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges resources by policies, over a world that is fixed."""

    evaluator: Evaluator
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    """The parameters that were set, by policy id; a policy's defaults fill up the rest."""
    _compiler: Compiler = field(init=False)
    _cards: Cards = field(init=False)
    _compiled: dict[tuple[str, str], "_Compiled"] = field(default_factory=dict)
    _accounts: dict[tuple[str, str], Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiler", Compiler(self.evaluator))
        object.__setattr__(self, "_cards", Cards(self.evaluator.world))

    def learn(self, policies: Iterable[Policy]) -> None:
        """What these policies read is read at once then, of each resource that they are asked about."""
        for policy in policies:
            for resource_type in policy.types:
                self._of(policy, resource_type)

    def finding(self, policy: Policy, resource: Resource) -> Finding:
        """The finding of a policy on a resource of one of its types."""
        compiled = self._of(policy, resource.type)
        read = Read([resource])
        precedent = self._precedent(compiled, read)
        account = partial(self._account, compiled, precedent, read.resources)
        return Finding(
            policy,
            resource,
            precedent.verdict,
            account,
            precedent.ways,
            precedent.gates,
            precedent.ungated,
        )

    def _precedent(self, compiled: "_Compiled", read: Read) -> Precedent:
        """What was judged where the same was read, or is judged now; `read` gets all that are read."""
        resource = read.resources[0]
        known = compiled.precedents
        applies = compiled.reads_when(resource, read)
        if applies is None:
            return self._first(compiled, read.resources)
        key: Hashable = (applies, identities(read.resources)) if read.free else applies
        found = known.get(key)
        if found is None:
            if compiled.when is not None and compiled.when(resource, resource) == NO:
                found = Precedent(Verdict.NOT_APPLICABLE)
            else:
                found = _TO_BE_JUDGED
            _keep(known, key, found)
        if found is not _TO_BE_JUDGED:
            return found
        required = compiled.reads_require(resource, read)
        if required is None:
            return self._first(compiled, read.resources)
        key = (key, required, identities(read.resources)) if read.free else (key, required)
        found = known.get(key)
        if found is None:
            found = self._first(compiled, read.resources)
            _keep(known, key, found)
        return found

    def _first(self, compiled: "_Compiled", read: list[Resource]) -> Precedent:
        """What is judged without a precedent."""
        policy, resource = compiled.policy, read[0]
        when = YES if compiled.when is None else compiled.when(resource, resource)
        if when == NO:
            return Precedent(Verdict.NOT_APPLICABLE)
        verdict, gates, ungated = compiled.outcomes[when, compiled.require(resource, resource)]
        if verdict is Verdict.PASS:
            return Precedent(verdict, self._open(compiled, resource))
        precedent = Precedent(verdict, (), gates, ungated)
        if verdict is Verdict.UNKNOWN and compiled.opt_in:
            account = self._account(compiled, precedent, read)
            precedent.gates, precedent.ungated = self._gates(policy, verdict, lambda: account)
        return precedent

    def _gates(
        self, policy: Policy, verdict: Verdict, account: Callable[[], Account]
    ) -> tuple[Verdict | None, Ungated | None]:
        """What of a verdict gates, and why it does not."""
        gates = self.gate.gates(policy, verdict, account)
        return gates if isinstance(gates, Verdict) else None, gates if isinstance(gates, Ungated) else None

    def _open(self, compiled: "_Compiled", resource: Resource) -> tuple[str, ...]:
        """The ways that hold, in the policy's order."""
        if compiled.ways is not None:
            return tuple(name for name, holds in compiled.ways if holds(resource, resource) == YES)
        return open_ways(self.evaluator.judge(compiled.policy.require, resource, compiled.values))

    def _of(self, policy: Policy, resource_type: str) -> "_Compiled":
        place = policy.id, resource_type
        compiled = self._compiled.get(place)
        if compiled is None:
            compiled = self._compiled[place] = self._compile(policy, resource_type)
        return compiled

    def _compile(self, policy: Policy, resource_type: str) -> "_Compiled":
        values = {name: parameter.default for name, parameter in policy.parameters.items()}
        values |= self.parameters.get(policy.id, {})
        compile_, explain = self._compiler.compiled, Explainer(self._compiler).grounds
        terms = self.evaluator.terms
        ways = ways_of(policy.require, terms)
        when = () if policy.when is None else (policy.when,)
        return _Compiled(
            policy,
            values,
            None if policy.when is None else compile_(policy.when, values),
            compile_(policy.require, values),
            None if ways is None else tuple((way.name, compile_(way.part, values)) for way in ways),
            asks_what_is_opt_in(policy, terms),
            {
                truths: (verdict, *self._gates(policy, verdict, _nothing_optional))
                for truths, verdict in _VERDICTS.items()
            },
            _nothing if policy.when is None else explain(policy.when, values, by_way=False),
            explain(policy.require, values),
            reader_of(footprint_of(when, resource_type, terms), self._cards),
            reader_of(footprint_of((policy.require,), resource_type, terms), self._cards),
        )

    def account(self, policy: Policy, resource: Resource) -> Account:
        """The account of a finding that was judged elsewhere."""
        return self.finding(policy, resource).account()

    def _account(self, compiled: "_Compiled", precedent: Precedent, read: Sequence[Resource]) -> Account:
        """A finding's account; the last few are kept, read in turn."""
        place = compiled.policy.id, read[0].key
        account = self._accounts.get(place)
        if account is None:
            account = self._told(compiled, precedent, read)
            if len(self._accounts) >= _ACCOUNTS:
                self._accounts.clear()
            self._accounts[place] = account
        return account

    def _told(self, compiled: "_Compiled", precedent: Precedent, read: Sequence[Resource]) -> Account:
        """A sentence, the evidence of the precedent or the evaluator's own, and remedies."""
        policy, resource, verdict = compiled.policy, read[0], precedent.verdict
        if precedent.grounds is None:
            evidence = self._evidence(compiled, resource, verdict)
            precedent.grounds = placed(evidence, read)
        else:
            evidence = tuple(each.on(read) for each in precedent.grounds)
        if verdict is Verdict.NOT_APPLICABLE:
            return Account(f"{policy.id} does not apply to {resource.name}.", evidence)
        words = {"way": precedent.ways[0]} if precedent.ways else {}
        fill = Filler(self.evaluator.world, resource, compiled.values, words)
        message = fill.sentence(policy.messages[verdict.value])
        remedies = tuple(_advice(policy.remediation, fill, evidence)) if verdict is Verdict.FAIL else ()
        return Account(message, evidence, remedies)

    def _evidence(self, compiled: "_Compiled", resource: Resource, verdict: Verdict) -> tuple[Evidence, ...]:
        """The grounds of a verdict: those of `when` where it settled nothing, or everything."""
        when = YES if compiled.when is None else compiled.when(resource, resource)
        if verdict is Verdict.NOT_APPLICABLE:
            return _evidence(compiled.why_when(resource, resource, when))
        require = compiled.require(resource, resource)
        evidence = _evidence(compiled.why_require(resource, resource, require))
        return (
            evidence + _evidence(compiled.why_when(resource, resource, when))
            if verdict is Verdict.UNKNOWN
            else evidence
        )


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A policy on a type: its conditions with its parameters filled in, what they read, what was judged."""

    policy: Policy
    values: Mapping[str, Any]
    """Its parameters."""
    when: Test | None
    require: Test
    ways: tuple[tuple[str, Test], ...] | None
    """Its named branches; None where they have to be looked for in the grounds."""
    opt_in: bool
    """Whether an unknown may rest on a read that the user has to ask for."""
    outcomes: Mapping[tuple[int, int], "_Outcome"]
    """By the truths of `when` and `require`."""
    why_when: Grounds
    why_require: Grounds
    reads_when: Reader
    reads_require: Reader
    precedents: dict[Hashable, Precedent] = field(default_factory=dict)


def _keep(known: dict[Hashable, Precedent], key: Hashable, found: Precedent) -> None:
    if len(known) >= _PRECEDENTS:
        known.clear()
    known[key] = found


_Outcome = tuple[Verdict, Verdict | None, Ungated | None]
"""A verdict, what of it gates, and why it does not."""
_TO_BE_JUDGED = Precedent(Verdict.UNKNOWN)
"""Stands for what applies, or may: the rest has to be read."""


def _nothing(*_: object) -> Iterator[tuple[str | None, Reason]]:
    return iter(())


def _nothing_optional() -> Account:
    return Account("")


_ACCOUNTS = 64
"""How many accounts are kept."""
_PRECEDENTS = 4096
"""How many precedents of a policy are kept: more are what nothing else is like."""


def implied(when: Truth, require: Truth) -> Verdict:
    """If the requirement holds, it does not matter that we could not tell whether it applies."""
    if when is Truth.FALSE:
        return Verdict.NOT_APPLICABLE
    if require is Truth.TRUE:
        return Verdict.PASS
    return Verdict.FAIL if when is Truth.TRUE and require is Truth.FALSE else Verdict.UNKNOWN


_VERDICTS = {(code(when), code(require)): implied(when, require) for when in Truth for require in Truth}


def _evidence(found: Iterable[tuple[str | None, Reason]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(reason.ground, reason.resource, way, reason.needs) for way, reason in found)


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
    leaves = [each.ground for each in evidence if remedy.way in {None, each.way}]
    found = [leaf.missing if remedy.for_each == "missing" else leaf.excess for leaf in leaves]
    return tuple(dict.fromkeys(item for items in found if items is not None for item in items))
