"""One registry, and how the access table asks about it: always by the conditions that policies judge by."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.engine.evaluate import Evaluator
from scanner.engine.grounds import grounds
from scanner.engine.relations import InventoryWorld
from scanner.model.judgement import Judgement, Leaf
from scanner.model.resource import Resource
from scanner.network.access import Admission
from scanner.policy.model import Is, Policy, Spot

SERVICE = "AzureContainerRegistry"
_HERE = Spot("explain", 1, "")
_WORDS = {
    "properties.publicNetworkAccess": "public network access",
    "properties.networkRuleSet.defaultAction": "the default action",
}
"""What people call a field."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A registry in its world, and the shipped policies by id."""

    world: InventoryWorld
    registry: Resource
    evaluator: Evaluator
    policies: Mapping[str, Policy]

    def term(self, name: str, resource: Resource | None = None) -> Judgement:
        """What a shared term says of a resource; of the registry if none is given."""
        return self.evaluator.judge(Is(_HERE, name), resource or self.registry, {})

    def required(self, policy: str, resource: Resource | None = None) -> Judgement:
        """What a policy requires of a resource, whether it applies there or not."""
        return self.evaluator.judge(self.policies[policy].require, resource or self.registry, {})

    def open(self) -> Admission:
        """Whether the registry answers the open internet: whatever ACR101 does not call restricted."""
        restricted = self.term("network-restricted")
        return Admission(restricted.truth.negated(), because(restricted))


def because(judgement: Judgement) -> str:
    """The leaves that decided a judgement, in a sentence of their own."""
    said = dict.fromkeys(f"{_WORDS.get(leaf.field, leaf.field)} {leaf.text}" for leaf in judgement.because())
    return " and ".join(said)


def proofs(judgement: Judgement, ways: Iterable[str] | None = None) -> Iterator[str]:
    """What decided each way, or each of some ways, in a sentence; else what decided the whole."""
    wanted = None if ways is None else set(ways)
    found: dict[str | None, list[Leaf]] = {}
    for way, leaf in grounds(judgement):
        if wanted is None or way in wanted:
            found.setdefault(way, []).append(leaf)
    for way, leaves in found.items():
        yield f"{way}: {told(leaves)}" if way is not None else told(leaves)


def told(leaves: Iterable[Leaf]) -> str:
    """Leaves in a sentence, each after the name of its resource where that is another one than before."""
    said: dict[str, None] = {}
    before = None
    for leaf in leaves:
        name = leaf.resource.rsplit("/", 1)[-1]
        sentence = leaf.sentence.removeprefix("properties.")
        said[sentence if name == before else f"{name}: {sentence}"] = None
        before = name
    return "; ".join(said)
