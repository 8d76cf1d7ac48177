"""A condition's truth on a resource, and its grounds: the one walk over the language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference.comparison import compared
from reference.counting import counted
from reference.judgement import Judgement, Leaf
from reference.subject import Subject
from reference.words import About, told
from scanner.engine.language.placeholders import PlaceholderValues
from scanner.engine.language.world import World
from scanner.model.resource import Resource
from scanner.model.truth import Truth, all_of, any_of
from scanner.policy.model import AllOf, AnyOf, Comparison, Condition, Count, Is, Not, Of, Term, Way


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates conditions over a world, with the terms that policies share."""

    world: World
    terms: Mapping[str, Term]

    def judge(self, condition: Condition, resource: Resource, parameters: Mapping[str, Any]) -> Judgement:
        """The truth of a policy's condition on a resource."""
        return self.evaluate(condition, self._subject(resource, parameters))

    def evaluate(self, condition: Condition, subject: Subject) -> Judgement:
        """The truth of a condition on a subject, and what it rests on."""
        match condition:
            case AllOf(_, parts):
                judged = tuple(self.evaluate(part, subject) for part in parts)
                return Judgement(all_of(part.truth for part in judged), parts=judged)
            case AnyOf(_, parts):
                judged = tuple(self.evaluate(part, subject) for part in parts)
                return Judgement(any_of(part.truth for part in judged), parts=judged)
            case Not(_, part):
                inner = self.evaluate(part, subject)
                return Judgement(inner.truth.negated(), parts=(inner,), inverted=True)
            case Way(_, name, part):
                inner = self.evaluate(part, subject)
                return Judgement(inner.truth, inner.leaf, inner.parts, inner.inverted, name)
            case Is(_, name):
                own = self._subject(subject.resource, subject.fill.parameters)
                return self.evaluate(self.terms[name].condition, own)
            case Of(_, relation, part):
                return self._of(relation, part, subject)
            case Comparison():
                leaf = compared(condition, subject)
                return Judgement(leaf.truth, leaf)
            case Count():
                return counted(condition, subject, self.evaluate)

    def _of(self, relation: str, part: Condition, subject: Subject) -> Judgement:
        """Some target satisfies the condition; without a target it is FALSE, whatever the operator."""
        related = self.world.related(subject.resource, relation)
        doubts = related.uncertain if related.unseen is None else (*related.uncertain, related.unseen)
        about = About(subject.resource.id, relation, "of", relation)
        judged = [self.evaluate(part, subject.of(target)) for target in related.targets]
        judged += [Judgement(Truth.UNKNOWN, told(about, doubt, Truth.UNKNOWN)) for doubt in doubts]
        if judged:
            return Judgement(any_of(each.truth for each in judged), parts=tuple(judged))
        return Judgement(
            Truth.FALSE,
            Leaf(Truth.FALSE, subject.resource.id, relation, "of", f"has no {relation}", relation),
        )

    def _subject(self, resource: Resource, parameters: Mapping[str, Any]) -> Subject:
        return Subject(self.world, resource, PlaceholderValues(self.world, resource, parameters))
