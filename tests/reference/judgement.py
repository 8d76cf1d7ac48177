"""A condition's truth, with the leaves that it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner.model.resource import RequiredRead, Row
from scanner.model.truth import Truth
from scanner.result.finding import PROBLEM


def sentence_of(field: str, operator: str, truth: Truth, text: str) -> str:
    """What was found, as it is said after the resource's name: `properties.x is 'y'`."""
    alone = field == PROBLEM or (operator == "of" and truth is Truth.FALSE)
    return text if alone else f"{field} {text}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison as it was made: what was asked of which resource, what was there, what came of it.

    `missing` and `excess` are exact, collapsed IPv4 CIDR lists, or None where the operator has none.
    `reason` and `help` are set where something could not be seen; `optional` where only an opt-in
    read could have shown it, `needs` where ARM reads could. `text` completes the field to a sentence.
    """

    truth: Truth
    resource: str
    """The id, as Azure spelt it."""
    field: str
    operator: str
    text: str
    expected: Any = None
    actual: Any = None
    assumed: bool = False
    row: Row | None = None
    reason: str | None = None
    help: str | None = None
    optional: bool = False
    needs: tuple[RequiredRead, ...] = ()
    missing: tuple[str, ...] | None = None
    excess: tuple[str, ...] | None = None

    @property
    def sentence(self) -> str:
        """What was found, as it is said after the resource's name: `properties.x is 'y'`."""
        return sentence_of(self.field, self.operator, self.truth, self.text)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A truth and its grounds: a leaf's own, or the parts it was made from; `way` names a branch."""

    truth: Truth
    leaf: Leaf | None = None
    parts: tuple["Judgement", ...] = ()
    inverted: bool = False
    way: str | None = None

    def because(self) -> Iterator[Leaf]:
        """The leaves whose truth decided this one, and only those."""
        if self.leaf is not None:
            yield self.leaf
        decisive = self.truth.negated() if self.inverted else self.truth
        for part in self.parts:
            if part.truth is decisive:
                yield from part.because()
