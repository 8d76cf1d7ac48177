"""The findings of policies on resources."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.engine.cards import Cards
from scanner.engine.compiled import Compiler
from scanner.engine.compiled_policy import compiled_policy
from scanner.engine.evaluate import Evaluator
from scanner.engine.gate import Gate
from scanner.engine.precedents import Precedent, Precedents
from scanner.model.resource import Resource
from scanner.policy.model import Policy
from scanner.result.finding import Account, Finding, Ruling
from scanner.result.findings import finding_of


@dataclass(slots=True)
class Judge:
    """Judges resources by policies, over a world that is fixed."""

    evaluator: Evaluator
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    """The parameters that were set, by policy id; a policy's defaults fill up the rest."""
    _compiler: Compiler = field(init=False)
    _cards: Cards = field(init=False)
    _precedents: dict[tuple[str, str], Precedents] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._compiler = Compiler(self.evaluator)
        self._cards = Cards(self.evaluator.world)

    def learn(self, policies: Iterable[Policy], types: Container[str]) -> None:
        """What these policies read of resources of these types is read at once then, of each."""
        for policy in policies:
            for resource_type in policy.types:
                if resource_type in types:
                    self._of(policy, resource_type)

    def finding(self, policy: Policy, resource: Resource) -> Finding:
        """The finding of a policy on a resource of one of its types."""
        return finding_of(policy, resource, self.ruler(policy, resource.type)(resource))

    def ruler(self, policy: Policy, resource_type: str) -> Callable[[Resource], Precedent]:
        """What gives what a policy says of resources of one of its types."""
        return self._of(policy, resource_type).on

    def _of(self, policy: Policy, resource_type: str) -> Precedents:
        place = policy.id, resource_type
        found = self._precedents.get(place)
        if found is None:
            compiled = compiled_policy(policy, self.parameters.get(policy.id, {}), self._compiler, self.gate)
            found = self._precedents[place] = Precedents.of(compiled, resource_type, self._cards)
        return found


@dataclass(frozen=True, slots=True)
class Retold:
    """Tells of findings of a policy that were judged elsewhere."""

    judge: Judge
    policy: Policy
    ruling: Ruling

    def account(self, resource: Resource) -> Account:
        """What is found where one looks again."""
        return self.judge.finding(self.policy, resource).account()
