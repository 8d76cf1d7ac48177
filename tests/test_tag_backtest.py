"""Years of weekly service tag files, replayed: `tags diff` warns in time, and never without a change."""

from collections.abc import Sequence
from functools import cache

import backtest
import pytest
from backtest import Outcome, Week, history, replay
from recordings import CORPORA

from scanner.network.service_tags import parse_service_tags

HISTORIES = {corpus.name: history(corpus.folder / "service-tags") for corpus in CORPORA}
OF_CLOUDS = [(name, cloud) for name, clouds in HISTORIES.items() for cloud in clouds]

EAST = "AzureContainerRegistry.EastUS"


def weeks(*lists: tuple[int, Sequence[str] | None]) -> list[Week]:
    """A file for each change number and list of AzureContainerRegistry.EastUS; None where it is not in it."""
    found = []
    for number, prefixes in lists:
        listed: dict[str, Sequence[str] | None] = {EAST: prefixes, "Storage": ["192.0.2.0/24"]}
        properties = {name: {"addressPrefixes": each} for name, each in listed.items() if each is not None}
        values = [{"name": name, "properties": each} for name, each in properties.items()]
        document = {"changeNumber": number, "cloud": "Public", "values": values}
        tags = parse_service_tags(document, source="file", published=None)
        found.append(Week(tags, {name.lower(): number for name in properties}))
    return found


@cache
def outcome_of(corpus: str, cloud: str) -> Outcome:
    return replay(cloud, HISTORIES[corpus][cloud])


@pytest.mark.slow
@pytest.mark.parametrize(("corpus", "cloud"), OF_CLOUDS)
def test_a_frozen_list_is_warned_of_no_later_than_in_the_first_file_that_it_is_short_of(
    corpus: str, cloud: str
) -> None:
    outcome = outcome_of(corpus, cloud)

    assert outcome.late == []
    assert outcome.false_alarms == []
    assert outcome.in_time == outcome.short
    assert set(outcome.unknown) <= {"unknown"}


def test_our_own_history_has_what_makes_a_back_test_hard() -> None:
    outcome = outcome_of("ours", "Public")

    assert outcome.short > 1
    assert outcome.steps["number moved"] > 1
    assert outcome.steps["number back"] > 0
    assert outcome.unknown["unknown"] > 0


@pytest.mark.slow
@pytest.mark.recordings
def test_the_history_has_what_makes_a_back_test_hard() -> None:
    outcome = outcome_of("recorded", "Public")

    assert outcome.short > 3000
    assert outcome.steps["number moved"] > 200
    assert outcome.steps["number back"] > 1
    assert outcome.unknown["unknown"] > 200


SAME = ["20.42.66.0/27", "20.42.66.32/27"]


@pytest.mark.parametrize("number", [1, 2, 3], ids=["back", "repeated", "forward"])
def test_addresses_that_stay_raise_no_alarm_whatever_the_change_number_does(number: int) -> None:
    outcome = replay("Public", weeks((2, SAME), (number, ["20.42.66.0/26"]), (number, SAME[::-1])))

    assert (outcome.short, outcome.late, outcome.false_alarms) == (0, [], [])
    assert outcome.steps["unchanged"] == 2


def test_a_tag_that_vanishes_and_returns_is_unknown_and_then_judged_anew() -> None:
    outcome = replay(
        "Public", weeks((1, SAME), (2, None), (3, SAME), (4, None), (5, [*SAME, "57.151.4.0/23"]))
    )

    assert outcome.unknown == {"unknown": 3}
    assert (outcome.short, outcome.in_time, outcome.late, outcome.false_alarms) == (2, 2, [], [])


def test_the_table_has_a_line_for_each_cloud() -> None:
    header, line = backtest.table([Outcome("Public", 75, 64, late=["x"])])

    assert header.split()[:3] == ["cloud", "files", "regions"]
    assert line.split() == ["Public", "75", "64", "0", "0", "0", "1", "0", "0", "0", "0", "0", "0", "-"]
