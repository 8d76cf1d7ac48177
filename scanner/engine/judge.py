"""Judges resources by policies, over a world that is fixed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.engine.compile.compiler import Compiler
from scanner.engine.compile.policy import CompiledPolicy, compile_policy
from scanner.engine.language.world import World
from scanner.model.resource import Resource
from scanner.policy.model import Policy, Term
from scanner.result.finding import Finding
from scanner.result.gate import Gate


@dataclass(slots=True)
class Judge:
    """The policies of a scan, each compiled when it is first asked."""

    world: World
    terms: Mapping[str, Term]
    gate: Gate
    parameters: Mapping[str, Mapping[str, Any]]
    """The parameters that were set, by policy id; a policy's defaults fill up the rest."""
    _compiler: Compiler = field(init=False)
    _compiled: dict[str, CompiledPolicy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._compiler = Compiler(self.world, self.terms)

    def finding(self, policy: Policy, resource: Resource) -> Finding:
        """The finding of a policy on a resource of one of its types."""
        compiled = self.compiled(policy)
        return Finding(policy, resource, compiled, *compiled.ruling(resource))

    def compiled(self, policy: Policy) -> CompiledPolicy:
        """A policy, ready to judge."""
        compiled = self._compiled.get(policy.id)
        if compiled is None:
            parameters = self.parameters.get(policy.id, {})
            compiled = compile_policy(policy, parameters, self._compiler, self.gate)
            self._compiled[policy.id] = compiled
        return compiled
