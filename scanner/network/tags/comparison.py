"""Two lists of service tags side by side, the registries that their difference touches, and what is known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scanner.model.resource import Resource
from scanner.network.service_tags import ServiceTags
from scanner.network.tags.changes import TagChange
from scanner.network.tags.effects import Effect, EffectState


@dataclass(frozen=True, slots=True)
class AffectedRegistry:
    """What a difference does to a registry; `tasks` are those that have no other way than its IP rules."""

    registry: Resource
    tag: str
    effect: Effect
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabeledTags:
    """One list, what it is called, and its age in whole days where its date is known."""

    label: str
    tags: ServiceTags
    days: int | None

    @property
    def dated(self) -> str | None:
        """When it was published or fetched, as an ISO date or time."""
        return self.tags.published or self.tags.fetched


@dataclass(frozen=True)
class TagListComparison:
    """The difference of two lists of one cloud.

    `registries` is None where none were asked about; `unseen` says what may hide further ones. `in_use_from`
    is the first day on which what came may be in use, and `known` is what can be told of that, in sentences.
    """

    old: LabeledTags
    new: LabeledTags
    changes: tuple[TagChange, ...]
    registries: Sequence[AffectedRegistry] | None
    unseen: tuple[str, ...]
    in_use_from: str | None
    known: tuple[str, ...]

    @cached_property
    def states(self) -> Counter[EffectState]:
        """How many registries there are of each state."""
        return Counter(each.effect.state for each in self.registries or ())

    @property
    def exit_code(self) -> int:
        """1 a registry is affected, 3 that cannot be vouched for, 0 none is (ARCHITECTURE, "Exit codes")."""
        if self.states[EffectState.AFFECTED]:
            return 1
        return 3 if self.states[EffectState.UNKNOWN] or self.unseen else 0
