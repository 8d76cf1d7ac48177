"""Evidence that holds of other resources too: whose it is, as a place among those that were read."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.model.resource import Need, Resource, parent_key
from scanner.result.finding import Evidence, Ground

_Owner = tuple[int, bool] | None
"""Which of the resources a read is of, and whether of what it lies below; None where of neither."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A ground, the number of its resource among those that were read, and its needs."""

    ground: Ground
    number: int
    way: str | None
    needs: tuple[tuple[Need, _Owner], ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it takes no other resource than the one that is judged."""
        return not self.number and all(owner is None or not owner[0] for _, owner in self.needs)

    def on(self, read: Sequence[Resource]) -> Evidence:
        """The same of others, of which the same was read."""
        resource = read[self.number].id
        if not self.needs:
            return Evidence(self.ground, resource, self.way)
        return Evidence(
            self.ground, resource, self.way, tuple([_need(need, owner, read) for need, owner in self.needs])
        )


def placed(evidence: Sequence[Evidence], read: Sequence[Resource]) -> tuple[Placed, ...] | None:
    """Evidence by places among the resources that were read; None where it stands on none of them."""
    numbers = {resource.id: number for number, resource in reversed(list(enumerate(read)))}
    if any(each.resource not in numbers for each in evidence):
        return None
    return tuple(
        Placed(
            each.ground,
            numbers[each.resource],
            each.way,
            tuple((need, _owner(need, read)) for need in each.needs),
        )
        for each in evidence
    )


def _owner(need: Need, read: Sequence[Resource]) -> _Owner:
    of = need.of.lower()
    for number, resource in enumerate(read):
        if resource.key == of:
            return number, False
    for number, resource in enumerate(read):
        if parent_key(resource.key) == of:
            return number, True
    return None


def _need(need: Need, owner: _Owner, read: Sequence[Resource]) -> Need:
    match owner:
        case None:
            return need
        case number, above:
            resource_id = read[number].id
            return Need(parent_key(resource_id) if above else resource_id, need.what, need.field)
