"""`of`: a condition on the resources that a relation leads to; and `is`, a shared term."""

from dataclasses import dataclass, field
from functools import partial

from scanner.engine.compile.condition import FALSE, TRUE, UNKNOWN, Grounds, ResourceCondition
from scanner.engine.compile.facts import FactTable, reads_of, unseen_fact, unseen_key
from scanner.engine.fields.lookup import AT_HAND
from scanner.engine.language.world import World
from scanner.model.resource import Related, Resource, Unseen
from scanner.model.truth import Truth
from scanner.result.finding import Evidence, EvidenceFact


@dataclass(frozen=True, slots=True)
class OfRelated(ResourceCondition):
    """Some resource that the relation leads to satisfies the part; FALSE where there is none."""

    world: World
    relation: str
    part: ResourceCondition
    _facts: FactTable = field(default_factory=FactTable)

    def truth(self, subject: Resource, root: Resource) -> int:
        related = self.world.related(subject, self.relation)
        most = _least(related)
        for target in related.targets:
            truth = self.part.truth(target, root)
            if truth > most:
                if truth == TRUE:
                    return TRUE
                most = truth
        return most

    def grounds(self, subject: Resource, root: Resource) -> Grounds:
        related = self.world.related(subject, self.relation)
        if len(related.targets) == 1 and not related.uncertain and related.unseen is None:
            return self.part.grounds(related.targets[0], root)  # the usual case: a parent
        judged = [self.part.grounds(target, root) for target in related.targets]
        truth = max([each.truth for each in judged], default=FALSE)
        truth = max(truth, _least(related))
        evidence = [one for each in judged if each.truth == truth for one in each.evidence]
        if truth == UNKNOWN:
            evidence += [self._unseen(subject, doubt) for doubt in _doubts(related)]
        elif truth == FALSE and not judged:
            evidence.append(Evidence(self._facts.fact(None, self._nobody), subject.id))
        return Grounds(truth, evidence)

    def _unseen(self, resource: Resource, doubt: Unseen) -> Evidence:
        make = partial(unseen_fact, self.relation, "of", self.relation, doubt)
        return Evidence(self._facts.fact(unseen_key(doubt), make), resource.id, None, reads_of(doubt))

    def _nobody(self) -> EvidenceFact:
        return EvidenceFact(
            self.relation, "of", f"has no {self.relation}", Truth.FALSE, expected=self.relation
        )


def _least(related: Related) -> int:
    """What is known of the others, which nobody could look at."""
    return FALSE if related.unseen is None and not related.uncertain else UNKNOWN


def _doubts(related: Related) -> tuple[Unseen, ...]:
    """Why each further resource may belong to a relation, and why there may be others again."""
    return related.uncertain if related.unseen is None else (*related.uncertain, related.unseen)


_HELD = 1024
"""Grounds of a term that are kept: those of the batch that is judged, which several policies ask for."""


@dataclass(frozen=True, slots=True)
class SharedTerm(ResourceCondition):
    """A term: its truth is the same whichever policy asks, so it is worked out once for each resource."""

    condition: ResourceCondition
    _known: dict[str, int] = field(default_factory=dict)
    _grounds: dict[str, Grounds] = field(default_factory=dict)

    def truth(self, subject: Resource, root: Resource) -> int:
        truth = self._known.get(subject.key)
        if truth is None:
            if len(self._known) >= AT_HAND:
                self._known.clear()
            truth = self._known[subject.key] = self.condition.truth(subject, subject)
        return truth

    def grounds(self, subject: Resource, root: Resource) -> Grounds:
        grounds = self._grounds.get(subject.key)
        if grounds is None:
            if len(self._grounds) >= _HELD:
                self._grounds.clear()
            grounds = self._grounds[subject.key] = self.condition.grounds(subject, subject)
        return grounds
