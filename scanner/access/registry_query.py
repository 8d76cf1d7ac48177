"""One registry, and how the access table asks about it: always by the conditions that policies judge by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.engine.compile.questions import Judgment, Questions
from scanner.engine.relations.inventory_world import InventoryWorld
from scanner.model.resource import Resource
from scanner.network.registry_firewall import Admission
from scanner.policy.model import Policy
from scanner.result.finding import Evidence

SERVICE = "AzureContainerRegistry"
_WORDS = {
    "properties.publicNetworkAccess": "public network access",
    "properties.networkRuleSet.defaultAction": "the default action",
}
"""What people call a field."""


@dataclass(frozen=True, slots=True)
class RegistryQuery:
    """A registry in its world, and the shipped policies by their roles."""

    world: InventoryWorld
    registry: Resource
    questions: Questions
    policies: Mapping[str, Policy]

    def term(self, role: str, resource: Resource | None = None) -> Judgment:
        """What the shared term of a role says of a resource; of the registry if none is given."""
        return self.questions.term(role, resource or self.registry)

    def required(self, role: str, resource: Resource | None = None) -> Judgment:
        """What the policy of a role requires of a resource, whether it applies there or not."""
        return self.questions.requirement(self.policies[role], resource or self.registry)

    def open(self) -> Admission:
        """Whether the registry answers the open internet: it does where policies do not call it closed."""
        restricted = self.term("closed")
        return Admission(restricted.truth.negated(), because(restricted))


def because(judgment: Judgment) -> str:
    """The evidence that decided, in a sentence of its own."""
    facts = (each.fact for each in judgment.evidence)
    said = dict.fromkeys(f"{_WORDS.get(fact.field, fact.field)} {fact.text}" for fact in facts)
    return " and ".join(said)


def proofs(judgment: Judgment, ways: Iterable[str] | None = None) -> Iterator[str]:
    """What decided each way, or each of some ways, in a sentence; else what decided the whole."""
    wanted = None if ways is None else set(ways)
    found: dict[str | None, list[Evidence]] = {}
    for each in judgment.evidence:
        if wanted is None or each.way in wanted:
            found.setdefault(each.way, []).append(each)
    for way, leaves in found.items():
        yield f"{way}: {told(leaves)}" if way is not None else told(leaves)


def told(leaves: Iterable[Evidence]) -> str:
    """Evidence in a sentence, each after the name of its resource where that is another one than before."""
    said: dict[str, None] = {}
    before = None
    for leaf in leaves:
        name = leaf.resource.rsplit("/", 1)[-1]
        sentence = leaf.fact.sentence.removeprefix("properties.")
        said[sentence if name == before else f"{name}: {sentence}"] = None
        before = name
    return "; ".join(said)
