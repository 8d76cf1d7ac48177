"""Histories of live scans: what a management group and a subscription that cannot be read do to them."""

import json
from pathlib import Path
from typing import Any

import pytest
from estates import DATA, HR, PLENTY, SHOP, registry, run, scan, subscriptions, world
from fake_azure import FakeAzure, World

from scanner.app import history

GROUPS = {"Contoso": ["Retail", HR], "Retail": [SHOP, DATA]}
SELECT = ("--select", "ACR901")


def estate(*, admin: bool, **more: Any) -> World:
    rows = [registry("shop", SHOP), registry("data", DATA, adminUserEnabled=admin)]
    return world(*rows, management_groups=GROUPS, **more)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'audit.db'}"


def told(err: str) -> str:
    return err.splitlines()[-1].rpartition(": ")[2]


def test_a_scan_and_the_judging_of_its_snapshot_are_one_run(url: str, tmp_path: Path) -> None:
    with FakeAzure(estate(admin=True), quota=PLENTY) as azure:
        live = scan(azure, *SELECT, "--history", url, "--save-snapshot", tmp_path / "kept")
    again = run("--snapshot", tmp_path / "kept", *SELECT, "--history", url)

    assert (told(live.err), told(again.err)) == ("kept as run 1", "has this scan as run 1")


def test_a_subscription_that_cannot_be_read_stays_in_the_scope_and_nothing_of_it_is_fixed(url: str) -> None:
    for hidden in ([], [DATA]):
        seen = [each for each in (SHOP, DATA, HR) if each not in hidden]
        there = estate(admin=True, subscriptions=subscriptions(*seen, hidden=hidden))
        with FakeAzure(there, quota=PLENTY) as azure:
            scan(azure, *SELECT, "--history", url)

    whole, partial = history.runs(url)
    assert whole.scope == partial.scope
    assert (whole.complete, partial.complete) == (True, False)
    moved = history.diff(url, whole.number, partial.number)
    assert [(each.resource.rsplit("/", 1)[-1], each.state) for each in moved.still_open] == [
        ("data", "unseen")
    ]
    assert list(moved.fixed) == []


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--management-group", "Retail"), {"managementGroup": "retail"}),
        (("--all-subscriptions",), {"allSubscriptions": True}),
    ],
)
def test_a_group_and_everything_stand_for_themselves(url: str, option: tuple[str, ...], words: Any) -> None:
    with FakeAzure(estate(admin=True), quota=PLENTY) as azure:
        outcome = scan(azure, *option, *SELECT, "--history", url)

    assert outcome.code == 1
    [kept] = history.runs(url)
    assert json.loads(json.dumps(kept.scope)) == {"cloud": "Public", "select": ["acr901"], **words}
