"""Leaves in words, as grounds that findings share."""

from collections.abc import Callable, Hashable
from typing import NamedTuple

from scanner.engine.tokens import Names, token_reader
from scanner.engine.world import World
from scanner.model.judgement import Leaf
from scanner.model.resource import Need, Resource, Unseen
from scanner.result.finding import Ground

_REMEMBERED = 4096
"""How many values of a field are kept in words."""


class Reason(NamedTuple):
    """A ground, the id of the resource that it stands on, and the reads that would show more."""

    ground: Ground
    resource: str
    needs: tuple[Need, ...] = ()


def reason_of(leaf: Leaf) -> Reason:
    """A leaf without its resource, and its resource."""
    row = leaf.row
    ground = Ground(
        field=leaf.field,
        operator=leaf.operator,
        expected=leaf.expected,
        actual=leaf.actual,
        truth=leaf.truth,
        assumed=leaf.assumed,
        source=None if row is None else row.source,
        api_version=None if row is None else row.api_version,
        reason=leaf.reason,
        help=leaf.help,
        optional=leaf.optional,
        missing=leaf.missing,
        excess=leaf.excess,
        text=leaf.text,
    )
    return Reason(ground, leaf.resource, leaf.needs)


class Worded(dict[Hashable, Ground]):
    """Grounds by what they say: `worded(place, make)` words a leaf where nobody said the same before."""

    def __call__(self, place: Hashable, make: Callable[[], Leaf]) -> Ground:
        found = self.get(place)
        if found is None:
            found = reason_of(make()).ground
            if len(self) < _REMEMBERED:
                self[place] = found
        return found


def said(unseen: Unseen | None) -> Hashable:
    """All that a ground says of what could not be seen."""
    if unseen is None:
        return None
    row = unseen.row
    shown = None if row is None else (row.source, row.api_version)
    return unseen.reason, unseen.help, unseen.optional, shown


def needs_of(unseen: Unseen | None) -> tuple[Need, ...]:
    """The read that would show what could not be seen."""
    return () if unseen is None or unseen.need is None else (unseen.need,)


def shared(world: World, names: Names) -> Callable[[Resource, Callable[[], Reason]], Reason]:
    """Gives what was said of a field where another resource's row says the same of it."""
    read, shape_of = token_reader(names), world.shape
    known: dict[tuple[int, Hashable], Reason] = {}

    def reason(resource: Resource, make: Callable[[], Reason]) -> Reason:
        shape = shape_of(resource)
        if shape is None:
            return make()
        place = shape, read(resource.rows[0].body)
        found = known.get(place)
        if found is None:
            found = make()
            if len(known) < _REMEMBERED:
                known[place] = found
            return found
        if not found.needs:
            return Reason(found.ground, resource.id)
        # what would show a field is a read of the resource that has it
        needs = tuple([Need(resource.id, each.what, each.field) for each in found.needs])
        return Reason(found.ground, resource.id, needs)

    return reason
