"""Terms and requirements of policies, asked of one resource at a time: for access tables and plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scanner.engine.compile.compiler import Compiler
from scanner.engine.compile.condition import TRUTHS, ResourceCondition
from scanner.engine.compile.policy import open_ways, ways_of
from scanner.engine.language.world import World
from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.policy.model import Policy, Term
from scanner.result.finding import Evidence


class Judgment(NamedTuple):
    """The truth of a condition on a resource, the evidence, and the named ways that hold."""

    truth: Truth
    evidence: Sequence[Evidence]
    open_ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks by the conditions that policies judge by."""

    world: World
    terms: Mapping[str, Term]
    _compiler: Compiler = field(init=False)
    _roles: Mapping[str, str] = field(init=False)
    _required: dict[str, ResourceCondition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiler", Compiler(self.world, self.terms))
        # of two terms of one role the first counts: those that acr-scan ships come first
        named = reversed(list(self.terms.items()))
        roles = {term.role: name for name, term in named if term.role is not None}
        object.__setattr__(self, "_roles", roles)

    def term(self, role: str, resource: Resource) -> Judgment:
        """What the shared term of a role says of a resource."""
        grounds = self._compiler.term(self._roles[role]).grounds(resource, resource)
        return Judgment(TRUTHS[grounds.truth], grounds.evidence)

    def truth(self, role: str, resource: Resource) -> Truth:
        """The truth of the shared term of a role; UNKNOWN where no term has it."""
        name = self._roles.get(role)
        return Truth.UNKNOWN if name is None else TRUTHS[self._compiler.term(name).truth(resource, resource)]

    def requirement(self, policy: Policy, resource: Resource) -> Judgment:
        """What a policy requires of a resource, with its default parameters, whether it applies or not."""
        required = self._required.get(policy.id)
        if required is None:
            values = {name: each.default for name, each in policy.parameters.items()}
            required = self._required[policy.id] = self._compiler.on_resource(policy.require, values)
        grounds = required.grounds(resource, resource)
        return Judgment(TRUTHS[grounds.truth], grounds.evidence, open_ways(ways_of(required), resource))
