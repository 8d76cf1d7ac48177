"""`allOf`, `anyOf`, `not`, and named ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scanner.engine.compile.condition import FALSE, TRUE, CompiledCondition, Grounds, Subject
from scanner.model.resource import Resource
from scanner.result.finding import Evidence


@dataclass(frozen=True)
class _Group(CompiledCondition[Subject]):
    """Several conditions on one subject."""

    parts: tuple[CompiledCondition[Subject], ...]

    @cached_property
    def has_ways(self) -> bool:
        return any(part.has_ways for part in self.parts)

    def _decided(self, truth: int, judged: Sequence[Grounds]) -> Grounds:
        """The truth, with the evidence of the parts that have it too, and of all that hold named ways."""
        evidence: list[Evidence] = []
        if self.has_ways:
            for part, grounds in zip(self.parts, judged, strict=True):
                if grounds.truth == truth or part.has_ways:
                    evidence += grounds.evidence
        else:
            for grounds in judged:
                if grounds.truth == truth:
                    evidence += grounds.evidence
        return Grounds(truth, evidence)


class AllOfParts(_Group[Subject]):
    """Holds where every part holds."""

    def truth(self, subject: Subject, root: Resource) -> int:
        least = TRUE
        for part in self.parts:
            truth = part.truth(subject, root)
            if truth < least:
                if truth == FALSE:
                    return FALSE
                least = truth
        return least

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        judged = [part.grounds(subject, root) for part in self.parts]
        return self._decided(min([each.truth for each in judged], default=TRUE), judged)


class AnyOfParts(_Group[Subject]):
    """Holds where some part holds."""

    def truth(self, subject: Subject, root: Resource) -> int:
        most = FALSE
        for part in self.parts:
            truth = part.truth(subject, root)
            if truth > most:
                if truth == TRUE:
                    return TRUE
                most = truth
        return most

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        judged = [part.grounds(subject, root) for part in self.parts]
        return self._decided(max([each.truth for each in judged], default=FALSE), judged)


@dataclass(frozen=True, slots=True)
class Negation(CompiledCondition[Subject]):
    """Holds where its part does not; what decided the part decided this."""

    part: CompiledCondition[Subject]

    def truth(self, subject: Subject, root: Resource) -> int:
        return TRUE - self.part.truth(subject, root)

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        inner = self.part.grounds(subject, root)
        return Grounds(TRUE - inner.truth, inner.evidence)


@dataclass(frozen=True, slots=True)
class NamedWay(CompiledCondition[Subject]):
    """A branch of a requirement that evidence and remedies refer to by its name."""

    name: str
    part: CompiledCondition[Subject]

    def truth(self, subject: Subject, root: Resource) -> int:
        return self.part.truth(subject, root)

    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        inner = self.part.grounds(subject, root)
        named = [Evidence(each.fact, each.resource, self.name, each.needs) for each in inner.evidence]
        return Grounds(inner.truth, named)

    @property
    def has_ways(self) -> bool:
        return True
