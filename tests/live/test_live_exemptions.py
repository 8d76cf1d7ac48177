"""Exemptions on a scan of Azure: reads are not saved on what is exempt, and Azure Policy's own are shown."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from estates import DATA, HR, PLENTY, SHOP, Body, registry, requests, resource, run, scan, task, world
from fake_azure import FakeAzure

CLOSED = registry("closed", SHOP, publicNetworkAccess="Disabled", networkRuleBypassOptions="None")
BUILD = task(CLOSED, "build")
OPEN = registry("open", DATA, adminUserEnabled=True)
QUIET = registry("quiet", HR)
AS_OF = ("--as-of", "2026-11-21")


def azure_exemption(scope: str, name: str, **properties: object) -> Body:
    identifier = f"{scope}/providers/Microsoft.Authorization/policyExemptions/{name}"
    known: Body = {"exemptionCategory": "Waiver", "displayName": f"The {name}", "policyAssignmentId": "/x"}
    return resource(identifier, None, {**known, **properties})


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    rows = [
        CLOSED,
        BUILD,
        OPEN,
        QUIET,
        azure_exemption(OPEN["id"].upper().replace("/PROVIDERS/", "/providers/"), "exact"),
        azure_exemption(f"/subscriptions/{DATA}", "wide", expiresOn="2026-12-31T00:00:00.0000000Z"),
        azure_exemption(f"/subscriptions/{DATA}", "over", expiresOn="2026-11-20T23:59:59.0000000Z"),
        azure_exemption(f"{OPEN['id']}x", "elsewhere"),
        azure_exemption(OPEN["id"].partition("-eastus")[0], "half"),
        azure_exemption("/providers/Microsoft.Management/managementGroups/Contoso", "group"),
    ]
    there = world(*rows, management_groups={"Contoso": [SHOP, DATA, HR]})
    with FakeAzure(there, quota=PLENTY) as started:
        yield started


def exemptions(folder: Path, **changes: str) -> Path:
    entry = {
        "policy": "ACR201",
        "resource": BUILD["id"],
        "category": "mitigated",
        "reason": "r",
        "owner": "o",
    }
    path = folder / "e.yaml"
    path.write_text(json.dumps({"exemptions": [{**entry, "expiresOn": "2026-12-31", **changes}]}), "utf-8")
    return path


def test_what_is_exempt_is_read_and_judged_like_anything_else(azure: FakeAzure, tmp_path: Path) -> None:
    without = scan(azure, *AS_OF)
    asked = requests(azure)
    azure.requests.clear()

    outcome = scan(azure, *AS_OF, "--exemptions", exemptions(tmp_path))

    assert without.verdict("ACR201", BUILD) == "fail"
    assert outcome.verdict("ACR201", BUILD) == "exempt"
    assert outcome.result("ACR201", BUILD)["evidence"] == without.result("ACR201", BUILD)["evidence"]
    assert requests(azure) == asked


def test_a_saved_snapshot_says_the_same(azure: FakeAzure, tmp_path: Path) -> None:
    own, kept = exemptions(tmp_path), tmp_path / "snapshot"
    options = (*AS_OF, "--exemptions", own, "--azure-exemptions")

    live = scan(azure, *options, "--save-snapshot", kept)
    select = [part for policy in live.json["results"] for part in ("--select", policy["policy"])]
    again = run("--snapshot", kept, *select, *options)
    unasked = run("--snapshot", kept, *select, *AS_OF, "--exemptions", own)

    assert again.replayable == live.replayable
    assert unasked.replayable == live.replayable
    assert again.code == live.code


def test_azure_policys_exemptions_are_asked_for_only_with_the_option(azure: FakeAzure) -> None:
    outcome = scan(azure, *AS_OF)

    assert "graph policyresources" not in requests(azure)
    assert outcome.notices("azure-exemption") == []


def test_azure_policys_exemptions_are_shown_and_change_no_verdict(azure: FakeAzure) -> None:
    plain = scan(azure, *AS_OF)
    azure.requests.clear()

    outcome = scan(azure, *AS_OF, "--azure-exemptions")

    assert requests(azure)["graph policyresources"] == 1
    assert outcome.verdicts == plain.verdicts
    assert outcome.code == plain.code == 1
    said = {
        notice["where"].rpartition("/")[2].lower(): notice["reason"]
        for notice in outcome.notices("azure-exemption")
    }
    found = "covers what has findings: ACR101 open, ACR901 open"
    assert said == {
        "exact": f'Waiver "The exact" of Azure Policy (without an end) {found}',
        "wide": f'Waiver "The wide" of Azure Policy (until 2026-12-31T00:00:00.0000000Z) {found}',
        "over": 'Waiver "The over" of Azure Policy (expired on 2026-11-20T23:59:59.0000000Z, so Azure '
        f"honours it no longer) {found}",
        "group": 'Waiver "The group" of Azure Policy (without an end) covers a management group',
    }
    assert {notice["help"] for notice in outcome.notices("azure-exemption")} == {
        "it changes no verdict here; what acr-scan shall accept belongs into --exemptions FILE"
    }


def test_a_table_that_is_refused_is_a_gap(azure: FakeAzure) -> None:
    azure.world.refused_tables["policyresources"] = "AccessDenied"

    assert scan(azure, *AS_OF, "--fail-on", "never").code == 0
    outcome = scan(azure, *AS_OF, "--azure-exemptions", "--fail-on", "never")

    assert outcome.code == 3
    assert [notice["where"] for notice in outcome.notices("unseen")] == [
        "microsoft.authorization/policyexemptions"
    ]


def test_a_snapshot_without_them_says_so(azure: FakeAzure, tmp_path: Path) -> None:
    scan(azure, *AS_OF, "--save-snapshot", tmp_path / "s")

    outcome = run("--snapshot", tmp_path / "s", "--azure-exemptions", "--select", "ACR101")

    (notice,) = outcome.notices("unseen")
    assert notice["where"] == "microsoft.authorization/policyexemptions"
    assert notice["reason"] == "the snapshot holds no exemptions of Azure Policy"


def test_rows_of_any_shape_are_told_of_and_break_nothing(tmp_path: Path) -> None:
    strange = [
        azure_exemption(OPEN["id"], "a", displayName=7, expiresOn="soon", exemptionCategory=None),
        {**azure_exemption(OPEN["id"], "b"), "properties": None},
        azure_exemption(OPEN["id"], "c", displayName="\x1b[31m" + "x" * 300, expiresOn="2026-11-21"),
    ]
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([OPEN, *strange]), "utf-8")

    outcome = run("--snapshot", rows, "--select", "ACR901", *AS_OF)

    found = "covers what has findings: ACR901 open"
    assert [notice["reason"] for notice in outcome.notices("azure-exemption")] == [
        f'exemption "a" of Azure Policy (until soon) {found}',
        f'exemption "b" of Azure Policy (without an end) {found}',
        (
            f'Waiver "\x1b[31m{"x" * 195}" of Azure Policy (expired on 2026-11-21, so Azure honours it '
            f"no longer) {found}"
        ),
    ]
    assert "\x1b" not in outcome.out


def test_many_findings_are_counted_and_only_some_named(tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    registries = [registry(f"r{number}", DATA, adminUserEnabled=True) for number in range(7)]
    rows.write_text(json.dumps([*registries, azure_exemption(f"/subscriptions/{DATA}", "wide")]), "utf-8")

    outcome = run("--snapshot", rows, "--select", "ACR901", *AS_OF)

    (notice,) = outcome.notices("azure-exemption")
    names = ", ".join(f"ACR901 r{number}" for number in range(5))
    assert notice["reason"].endswith(f"covers what has findings: {names} and 2 more")


def test_where_nothing_is_wrong_they_are_no_news(tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    group = azure_exemption("/providers/Microsoft.Management/managementGroups/Contoso", "group")
    rows.write_text(json.dumps([QUIET, azure_exemption(QUIET["id"], "exact"), group]), "utf-8")

    assert run("--snapshot", rows, "--select", "ACR901", *AS_OF).notices("azure-exemption") == []
