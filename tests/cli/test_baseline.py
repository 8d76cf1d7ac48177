"""A baseline: today's fails accepted, tomorrow's not, and none of them hidden."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
SELECT = ("--select", "ACR901", "--select", "ACR902")
HINT = "To gate on new fails only: once with --create-baseline FILE, then always with --baseline FILE"

Run = Callable[..., tuple[int, str, str]]


def snapshot(folder: Path, **registries: bool) -> Path:
    """Registries by name, and whether each has the admin user, which fails ACR901."""
    rows = [
        {
            "id": f"{REGISTRY}/{name}",
            "name": name,
            "location": "eastus",
            "apiVersion": "2025-11-01",
            "sku": {"name": "Basic"},
            "properties": {
                "provisioningState": "Succeeded",
                "anonymousPullEnabled": False,
                "adminUserEnabled": admin,
            },
        }
        for name, admin in registries.items()
    ]
    path = folder / "rows.json"
    path.write_text(json.dumps(rows), "utf-8")
    return path


def results(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def test_what_was_red_is_green_with_the_baseline_of_it(run: Run, tmp_path: Path) -> None:
    rows, kept, out, xml = snapshot(tmp_path, shop=True), tmp_path / "b.json", tmp_path / "r", tmp_path / "j"

    first, text, _ = run("--snapshot", rows, *SELECT, "--create-baseline", kept)
    second, table, _ = run("--snapshot", rows, *SELECT, "--baseline", kept, "--json", out, "--junit", xml)

    assert (first, second) == (1, 0)
    assert text.splitlines()[-1] == f"1 fail is in {kept}; scans with --baseline {kept} do not gate on them"
    fail = results(out)["results"][0]
    assert (fail["verdict"], fail["baseline"], fail["gates"]) == ("fail", True, None)
    assert results(out)["summary"]["fail"] == 1
    assert results(out)["summary"]["gating"] == {"fail": 0, "unknown": 0}
    assert "does not gate: in the baseline" in " ".join(table.split())
    assert [each.get("message") for each in ET.parse(xml).iter("skipped")] == ["in the baseline"]


def test_any_results_file_is_a_baseline(run: Run, tmp_path: Path) -> None:
    rows, kept = snapshot(tmp_path, shop=True), tmp_path / "r.json"

    run("--snapshot", rows, *SELECT, "--json", kept, "-q")

    assert run("--snapshot", rows, *SELECT, "--baseline", kept, "-q") == (0, "", "")


def test_a_new_fail_gates_all_the_same(run: Run, tmp_path: Path) -> None:
    kept, out = tmp_path / "b.json", tmp_path / "r.json"
    run("--snapshot", snapshot(tmp_path, shop=True), *SELECT, "--create-baseline", kept, "-q")
    rows = snapshot(tmp_path, shop=True, fresh=True)

    code, text, _ = run("--snapshot", rows, *SELECT, "--baseline", kept, "--json", out)

    assert code == 1
    assert HINT not in text
    found = {each["resource"]["name"]: each["baseline"] for each in results(out)["results"][:2]}
    assert found == {"fresh": False, "shop": True}


def test_a_baseline_made_with_a_baseline_keeps_the_old_fails(run: Run, tmp_path: Path) -> None:
    kept, next_ = tmp_path / "b.json", tmp_path / "next.json"
    run("--snapshot", snapshot(tmp_path, shop=True), *SELECT, "--create-baseline", kept, "-q")
    rows = snapshot(tmp_path, shop=True, fresh=True)

    run("--snapshot", rows, *SELECT, "--baseline", kept, "--create-baseline", next_, "-q")

    assert run("--snapshot", rows, *SELECT, "--baseline", next_, "-q")[0] == 0


def test_a_fixed_fail_is_news_since_the_baseline_would_hide_it(run: Run, tmp_path: Path) -> None:
    kept, out = tmp_path / "b.json", tmp_path / "r.json"
    run("--snapshot", snapshot(tmp_path, shop=True, old=True), *SELECT, "--create-baseline", kept, "-q")

    code, *_ = run(
        "--snapshot",
        snapshot(tmp_path, shop=False, old=True),
        *SELECT,
        "--baseline",
        kept,
        "--json",
        out,
        "-q",
    )

    assert code == 0
    (notice,) = [each for each in results(out)["notices"] if each["kind"] == "stale-baseline"]
    assert notice == {
        "kind": "stale-baseline",
        "where": str(kept),
        "reason": "1 of its 2 fails is fixed, and it would hide it if seen again",
        "help": "write it anew with --create-baseline",
    }


def test_an_exemption_goes_before_a_baseline(run: Run, tmp_path: Path) -> None:
    rows, kept, out = snapshot(tmp_path, shop=True), tmp_path / "b.json", tmp_path / "r.json"
    own = tmp_path / "e.yaml"
    entry = {"policy": "ACR901", "resource": f"{REGISTRY}/shop", "category": "waiver"}
    entry |= {"reason": "r", "owner": "o", "expiresOn": "2026-12-31"}
    own.write_text(json.dumps({"exemptions": [entry]}), "utf-8")
    run("--snapshot", rows, *SELECT, "--create-baseline", kept, "-q")
    base = ("--snapshot", rows, *SELECT, "--baseline", kept, "--exemptions", own, "--json", out, "-q")

    assert run(*base, "--as-of", "2026-11-21")[0] == 0
    assert results(out)["results"][0]["verdict"] == "exempt"
    assert results(out)["results"][0]["baseline"] is False

    assert run(*base, "--as-of", "2027-01-01")[0] == 0
    assert results(out)["results"][0]["verdict"] == "fail"
    assert results(out)["results"][0]["baseline"] is True


def test_a_baseline_makes_no_unknown_and_no_incomplete_inventory_green(run: Run, tmp_path: Path) -> None:
    rows, kept = snapshot(tmp_path, shop=True), tmp_path / "b.json"
    run("--snapshot", rows, "--create-baseline", kept, "-q")

    assert run("--snapshot", rows, "--baseline", kept, "-q")[0] == 3  # ACR701 could not be seen
    damaged = [*json.loads(rows.read_text("utf-8")), {"id": 3}]
    rows.write_text(json.dumps(damaged), "utf-8")
    assert run("--snapshot", rows, *SELECT, "--baseline", kept, "-q")[0] == 3


def test_a_red_run_says_how_to_accept_it_and_others_do_not(run: Run, tmp_path: Path) -> None:
    red, kept = snapshot(tmp_path, shop=True), tmp_path / "b.json"

    assert run("--snapshot", red, *SELECT)[1].splitlines()[-1] == HINT
    assert HINT not in run("--snapshot", red, *SELECT, "--create-baseline", kept)[1]
    assert HINT not in run("--snapshot", red, *SELECT, "--json", "-")[1]
    assert run("--snapshot", red, *SELECT, "-q")[1] == ""
    assert HINT not in run("--snapshot", red, *SELECT, "--fail-on", "never")[1]
    assert HINT not in run("--snapshot", snapshot(tmp_path, shop=False), *SELECT)[1]


def test_where_nothing_was_scanned_the_old_baseline_stays(run: Run, tmp_path: Path) -> None:
    rows, kept = snapshot(tmp_path), tmp_path / "b.json"
    kept.write_text("old", "utf-8")

    code, out, err = run("--snapshot", rows, *SELECT, "--create-baseline", kept)

    assert code == 3
    assert kept.read_text("utf-8") == "old"
    assert f"{kept}: no baseline was written, because nothing was scanned" in err
    assert "scans with --baseline" not in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--create-baseline", "-"], "--create-baseline takes a file, not standard output"),
        (["--create-baseline", "{}/x.json", "--json", "{}/x.json"], "two reports would go to"),
        (["--create-baseline", "{}"], "is a folder; name a file in it"),
        (["--create-baseline", "{}/none/x.json"], "there is no folder"),
        (["--baseline", "{}/none.json"], "there is no such file"),
        (["--baseline", "{}/rows.json"], "this is an array, not results of a scan"),
    ],
)
def test_what_cannot_be_written_or_read_is_exit_2(
    run: Run, tmp_path: Path, options: list[str], said: str
) -> None:
    rows = snapshot(tmp_path, shop=True)

    code, _, err = run("--snapshot", rows, *[each.format(tmp_path) for each in options])

    assert code == 2
    assert said in err
