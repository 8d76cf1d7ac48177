"""What every compiled condition can do: give its truth, and the evidence that decided it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from scanner.model.resource import Resource
from scanner.model.truth import Truth
from scanner.result.finding import Evidence

FALSE, UNKNOWN, TRUE = 0, 1, 2
"""Truth as numbers, for speed: `allOf` is the least, `anyOf` the greatest, `not` what is left to TRUE."""

TRUTHS = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)
"""The truth that each number stands for."""


def to_code(truth: Truth) -> int:
    """The number of a truth."""
    return TRUE if truth is Truth.TRUE else FALSE if truth is Truth.FALSE else UNKNOWN


class Member(msgspec.Struct, frozen=True):
    """A member of one of a resource's arrays, as the subject of a condition."""

    owner: Resource
    value: Any

    @property
    def id(self) -> str:
        """The id of the resource."""
        return self.owner.id


class Grounds(msgspec.Struct, frozen=True):
    """A truth, and the evidence that decided it; of named ways, the evidence of each of them."""

    truth: int
    evidence: Sequence[Evidence]


Subject = TypeVar("Subject", bound=Resource | Member)


class CompiledCondition(ABC, Generic[Subject]):
    """A condition of a policy, made ready once per scan, on a resource or on a member of an array.

    `subject` is what the condition is asked of; `root` is the resource that placeholders speak of: the
    subject itself, but below `of`, and in a count, the resource that the policy or term is about.
    """

    __slots__ = ()

    @abstractmethod
    def truth(self, subject: Subject, root: Resource) -> int:
        """FALSE, UNKNOWN or TRUE; stops as soon as it is settled."""

    @abstractmethod
    def grounds(self, subject: Subject, root: Resource) -> Grounds:
        """The same truth with the evidence for it, in one pass."""

    @property
    def has_ways(self) -> bool:
        """Whether a named way stands in it: its evidence is reported whatever it decides."""
        return False


ResourceCondition = CompiledCondition[Resource]
MemberCondition = CompiledCondition[Member]


@dataclass(frozen=True, slots=True)
class OnOwner(CompiledCondition[Member]):
    """A condition on the resource whose array the member is of."""

    condition: ResourceCondition

    def truth(self, subject: Member, root: Resource) -> int:
        return self.condition.truth(subject.owner, root)

    def grounds(self, subject: Member, root: Resource) -> Grounds:
        return self.condition.grounds(subject.owner, root)
