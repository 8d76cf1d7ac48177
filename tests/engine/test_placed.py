"""Evidence by places: what stands on the judged resource alone takes no other."""

import pytest

from scanner.engine.leaves import reason_of
from scanner.engine.placed import Placed
from scanner.model.judgement import Leaf
from scanner.model.resource import Need
from scanner.model.truth import Truth

GROUND = reason_of(Leaf(Truth.FALSE, "/a", "f", "equals", "is 1")).ground
NEED = Need("/a", "self")


@pytest.mark.parametrize(
    ("number", "owner", "alone"),
    [
        (0, None, True),
        (0, (0, False), True),
        (0, (0, True), True),
        (0, (1, False), False),
        (1, None, False),
        (1, (0, False), False),
    ],
)
def test_who_is_needed_to_tell_of_it(number: int, owner: tuple[int, bool] | None, alone: bool) -> None:
    assert Placed(GROUND, number, None, ((NEED, owner),)).alone is alone


def test_without_needs_the_place_decides() -> None:
    assert Placed(GROUND, 0, "way").alone
    assert not Placed(GROUND, 2, "way").alone
