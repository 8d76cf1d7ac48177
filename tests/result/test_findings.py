"""Findings as they are judged: each once, in order, and none lost."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

import pytest
import shipped_pack

from scanner.engine.gate import Gate
from scanner.engine.scan import AT_ONCE, in_stretches, scan
from scanner.engine.tags import TagTable
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Resource, Row, Source
from scanner.model.store import Listed
from scanner.result.finding import Finding, Verdict
from scanner.result.findings import Column, Judged, Stretch, Stretches, anyhow, by_resource, of

PACK = shipped_pack.pack()
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


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1])
def test_in_another_order_they_have_the_same_numbers(count: int) -> None:
    found = judged(count)
    in_order = list(enumerate(found))

    def keys(numbered: Iterable[tuple[int, Finding]]) -> list[tuple[int, str, str]]:
        return [(number, each.policy.id, each.resource.key) for number, each in numbered]

    assert sorted(keys(anyhow(found))) == keys(in_order)
    assert keys(found.at(range(0, len(found), 3))) == keys(in_order[::3])
    assert keys(by_resource(found, {*Verdict})) == sorted(keys(in_order), key=itemgetter(2, 1))
    verdicts = {each.verdict for each in found}
    for verdict in Verdict:
        those = keys(each for each in in_order if each[1].verdict is verdict)
        assert keys(of(found, {verdict})) == those
        assert sorted(keys(anyhow(found, {verdict}))) == those
        assert bool(those) == (verdict in verdicts)


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


def test_a_ruling_for_each_resource_or_none_at_all() -> None:
    resources = Listed([*inventory(3).resources.values()])
    with pytest.raises(AssertionError, match="0 of 3 findings were judged"):
        Column(PACK.policies[0], resources, [])
