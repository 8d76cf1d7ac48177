"""Findings as they are judged: each once, in order, and none lost."""

from collections.abc import Iterator

import pytest

from scanner.engine.gate import Gate
from scanner.engine.scan import AT_ONCE, in_stretches, scan
from scanner.engine.tags import TagTable
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Resource, Row, Source
from scanner.model.store import Listed
from scanner.policy.load import builtin_folder, load
from scanner.result.findings import Judged, Stretch, Stretches

PACK = load([builtin_folder()])
PROVIDER = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers"


def inventory(count: int) -> Inventory:
    ids = (f"{PROVIDER}/Microsoft.ContainerRegistry/registries/r{number:05}" for number in range(count))
    kind = "microsoft.containerregistry/registries"
    return Inventory(by_id(Row(each, kind, {"id": each}, Source.ARM, "2025-11-01") for each in ids))


def judged(count: int) -> Stretches:
    policies = [policy for policy in PACK.policies if policy.id in {"ACR101", "ACR901"}]
    return scan(
        inventory(count),
        TagTable(None, "Public"),
        policies,
        PACK.terms,
        gate=Gate(),
        parameters={},
        wanted=lambda _: True,
    )


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1])
def test_each_is_there_once_by_policy_and_resource(count: int) -> None:
    found = judged(count)
    assert len(found) == 2 * count
    places = [(each.policy.id, each.resource.key) for each in found]
    assert places == sorted(places)
    assert len({*places}) == 2 * count
    assert [(each.policy.id, each.resource.key) for each in found] == places


def test_two_who_look_at_once_both_see_all() -> None:
    found = judged(2 * AT_ONCE + 1)
    one, other = found.stretches(), found.stretches()
    assert next(one) is next(other)
    assert len([*other]) == 2
    assert len([*one]) == 2


def test_what_broke_off_is_not_taken_for_all() -> None:
    def breaking() -> Iterator[Stretch]:
        yield next(judged(AT_ONCE).stretches())
        raise ZeroDivisionError

    found = Stretches(breaking(), 4 * AT_ONCE)
    with pytest.raises(ZeroDivisionError):
        list(found)
    with pytest.raises(AssertionError, match=f"{2 * AT_ONCE} of {4 * AT_ONCE} findings were judged"):
        list(found)


def test_a_ruler_that_ends_early_loses_no_finding_in_silence() -> None:
    resources = Listed([*inventory(3).resources.values()])
    with pytest.raises(AssertionError, match="0 of 3 findings were judged"):
        list(in_stretches([PACK.policies[0]], resources, lambda *_: Ended, lambda stretch: stretch))


class Ended(Judged):
    def __init__(self, _: Resource) -> None:
        raise StopIteration
