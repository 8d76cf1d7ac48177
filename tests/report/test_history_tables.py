"""What a history looks like on a terminal, and that nothing in it is obeyed there."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.report.console import history
from scanner.result.movement import Moved, Movement, PastRun
from scanner.text.printable import printable

HOSTILE = '"><script>[bold red]x=cmd()\x1b[31m\u202e\x00\u200b\ud800\ufffeGrün\n'
GUIDS = [f"{digit * 8}-1111-4111-8111-111111111111" for digit in "12345"]


def past(number: int = 1, **changes: Any) -> PastRun:
    fields: dict[str, Any] = {
        "digest": f"{number}",
        "collected": f"2026-11-0{number}T06:00:00Z",
        "evaluated": None,
        "stored": "2026-11-09T06:00:00Z",
        "scope": {"cloud": "Public", "subscriptions": GUIDS[:1]},
        "source": "azure",
        "tool_version": "0.1.0",
        "complete": True,
        "exit_code": 1,
        "policies": 40,
        "policy_digest": "sha256:00",
        "parameters": {},
        "tag_change_number": "346",
        "registries": 3,
        "passed": 5,
        "failed": 2,
        "unknown": 0,
        "exempt": 1,
        "not_applicable": 7,
        "gating_fails": 2,
        "gating_unknowns": 0,
    }
    return PastRun(number, **{**fields, **changes})


def moved(**changes: Any) -> Moved:
    fields: dict[str, Any] = {
        "policy": "ACR901",
        "name": "admin-user-off",
        "severity": "medium",
        "resource": f"/subscriptions/{GUIDS[0]}/resourceGroups/Shop/providers/"
        "Microsoft.ContainerRegistry/registries/contoso/tasks/nightly",
        "fingerprint": "0" * 32,
        "state": "fail",
        "first_seen": "2026-11-01T06:00:00Z",
        "opened": "2026-11-01T06:00:00Z",
        "fixed": None,
        "seconds": 86400,
    }
    return Moved(**{**fields, **changes})


def movement(**changes: Any) -> Movement:
    fields: dict[str, Any] = {
        "before": past(1),
        "after": past(2),
        "new": (),
        "reopened": (),
        "fixed": (),
        "still_open": (),
        "mean_seconds_to_fix": None,
    }
    return Movement(**{**fields, **changes})


def test_runs_are_a_line_each() -> None:
    text = history.listing([past(1), past(2, complete=False, exit_code=3)], width=120, color=False)

    lines = [line.split() for line in text.splitlines()[2:]]
    scope = ["subscriptions", "11111111…"]
    assert lines == [
        ["1", "2026-11-01T06:00:00Z", *scope, "2", "·", "1", "5", "1"],
        ["2", "2026-11-02T06:00:00Z", *scope, "incomplete", "2", "·", "1", "5", "3"],
    ]


def test_no_run_is_said() -> None:
    assert history.listing([], width=80, color=False) == "no run yet\n"


def test_a_diff_says_what_else_changed_and_puts_the_gravest_first() -> None:
    grave = moved(policy="ACR999", severity="high", state="unseen")
    after = past(2, policy_digest="sha256:11", tag_change_number="347", tool_version="0.2.0", complete=False)
    text = history.diff(movement(after=after, still_open=(moved(), grave)), width=120, color=False)

    for what in ("policies", "service tags", "acr-scan"):
        assert f"! {what} changed in between" in text
    assert "parameters changed" not in text
    assert "the later run is incomplete" in text
    rows = [line.split() for line in text.splitlines() if "ACR9" in line]
    assert rows == [
        ["ACR999", "admin-user-off", "high", "contoso/tasks/nightly", "2026-11-01", "24", "h", "unseen"],
        ["ACR901", "admin-user-off", "medium", "contoso/tasks/nightly", "2026-11-01", "24", "h"],
    ]
    assert text.splitlines()[-1] == "0 new, 0 reopened, 0 fixed, 1 still open; nothing was fixed".replace(
        "1", "2", 1
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172800, "2 d"),
        (999999, "11 d"),
    ],
)
def test_a_length_of_time_is_said_in_the_largest_unit_that_it_holds_twice(seconds: float, said: str) -> None:
    assert history.duration(seconds) == said


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ({"cloud": "Public", "subscriptions": []}, "subscriptions none"),
        ({"cloud": "China", "allSubscriptions": True}, "all subscriptions; cloud China"),
        (
            {"cloud": "Public", "managementGroup": "corp", "select": ["tasks"]},
            "management group corp; select tasks",
        ),
        (
            {"cloud": "Public", "subscriptions": GUIDS, "noBuiltin": True},
            "subscriptions 11111111…, 22222222…, 33333333… and 2 more; no builtin policies",
        ),
    ],
)
def test_a_scope_is_a_line(scope: dict[str, Any], said: str) -> None:
    assert history.scope_words(scope) == said


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            "/subscriptions/x/resourceGroups/G/providers/Microsoft.Network/azureFirewalls/f",
            "G/providers/Microsoft.Network/azureFirewalls/f",
        ),
        ("/subscriptions/x", "/subscriptions/x"),
    ],
)
def test_a_resource_that_is_in_no_registry_is_known_by_its_group(resource: str, said: str) -> None:
    assert history.short(resource) == said


@pytest.mark.parametrize("color", [True, False])
def test_nothing_hostile_is_obeyed(color: bool) -> None:
    run = past(1, scope={"cloud": HOSTILE, "subscriptions": [HOSTILE], "select": [HOSTILE]})
    words: dict[str, str] = dict.fromkeys(("policy", "name", "severity", "resource", "state"), HOSTILE)
    found = movement(before=run, after=run, new=(moved(**words),), fixed=(moved(**words),))
    texts: list[Callable[..., str]] = [
        lambda **how: history.listing([run], **how),
        lambda **how: history.trend([run], found, **how),
        lambda **how: history.diff(found, **how),
    ]
    for render in texts:
        text = render(width=200, color=color)
        left = text.replace("\n", "").replace("\x1b[", "") if color else text.replace("\n", "")
        assert printable(left) == left
        assert "\x1b[31mx" not in text
    for document in (history.listing_json([run]), history.trend_json([run], found), history.diff_json(found)):
        left = document.replace("\n", "")
        assert printable(left) == left
