"""Exemptions as a user and a CI job meet them: the same scan with and without, and `exemptions check`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
SAMPLE = ROOT / "samples" / "exemptions.yaml"
SCHEMA = json.loads((ROOT / "scanner" / "result" / "results.schema.json").read_text("utf-8"))
GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
HOSTILE = '"><script>alert(1)</script>\x1b[31m\u202e=cmd()\u00fc'

Run = Callable[..., tuple[int, str, str]]


def registry(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": f"{REGISTRY}/{name}",
        "name": name,
        "location": "eastus",
        "apiVersion": "2025-11-01",
        "sku": {"name": "Basic"},
        "properties": {"provisioningState": "Succeeded", "anonymousPullEnabled": False, **properties},
    }


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """One registry, which fails ACR901 and passes ACR902."""
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([registry("shop", adminUserEnabled=True)]), "utf-8")
    return path


def exemptions(folder: Path, *entries: dict[str, str]) -> Path:
    """A file of exemptions; JSON is YAML."""
    whole = {
        "policy": "ACR901",
        "resource": f"{REGISTRY}/shop",
        "category": "waiver",
        "reason": "A legacy build logs in so.",
        "owner": "team-build",
        "expiresOn": "2026-12-31",
    }
    found = [{**whole, **entry} for entry in entries]
    lines = [f"  - {json.dumps({k: v for k, v in each.items() if v})}\n" for each in found]
    path = folder / "exemptions.yaml"
    path.write_text("exemptions:\n" + "".join(lines), "utf-8")
    return path


def results(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    Draft202012Validator(SCHEMA).validate(document)
    return document


def kinds(document: dict[str, Any]) -> list[str]:
    known = {"expired-exemption", "unused-exemption", "stale-baseline", "azure-exemption"}
    return [notice["kind"] for notice in document["notices"] if notice["kind"] in known]


SELECT = ("--select", "ACR901", "--select", "ACR902")


@pytest.mark.parametrize(
    ("as_of", "code", "notices"),
    [
        ("2026-12-31", 0, []),
        ("2026-12-31T23:59:59Z", 0, []),
        ("2026-12-31T23:59:59-01:00", 1, ["expired-exemption"]),
        ("2027-01-01T00:59:59+01:00", 0, []),
        ("2027-01-01", 1, ["expired-exemption"]),
    ],
)
def test_the_same_scan_on_the_last_day_and_after_it(
    run: Run, shop: Path, tmp_path: Path, as_of: str, code: int, notices: list[str]
) -> None:
    own, out = exemptions(tmp_path, {}), tmp_path / "r.json"

    found, *_ = run("--snapshot", shop, *SELECT, "--exemptions", own, "--as-of", as_of, "--json", out, "-q")

    document = results(out)
    assert found == code
    assert document["results"][0]["verdict"] == ("fail" if code else "exempt")
    assert kinds(document) == notices
    assert document["results"][0]["gates"] == ("fail" if code else None)


def test_without_an_exemption_it_is_red_with_one_green_and_with_no_exemptions_red_again(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    own = exemptions(tmp_path, {})
    base = ("--snapshot", shop, *SELECT, "--as-of", "2026-11-21", "-q")

    assert run(*base)[0] == 1
    assert run(*base, "--exemptions", own)[0] == 0
    config = tmp_path / "acr-scan.yaml"
    config.write_text("exemptions: { file: exemptions.yaml }", "utf-8")
    assert run(*base, "--config", config)[0] == 0
    assert run(*base, "--config", config, "--no-exemptions")[0] == 1

    code, _, err = run(*base, "--exemptions", own, "--no-exemptions")
    assert code == 2
    assert "--exemptions and --no-exemptions contradict each other" in err


def test_every_report_says_until_when_and_why(run: Run, shop: Path, tmp_path: Path) -> None:
    own, out, xml = exemptions(tmp_path, {}), tmp_path / "r.json", tmp_path / "j.xml"
    options = ("--exemptions", own, "--as-of", "2026-11-21", "--json", out, "--junit", xml)

    _, table, _ = run("--snapshot", shop, *SELECT, *options)

    said = "exempt until 2026-12-31: A legacy build logs in so."
    assert said in " ".join(table.split())
    assert [each.get("message") for each in ET.parse(xml).iter("skipped")] == [said]
    assert results(out)["results"][0]["exemption"] == {
        "category": "waiver",
        "reason": "A legacy build logs in so.",
        "owner": "team-build",
        "expiresOn": "2026-12-31",
    }
    assert results(out)["summary"]["exempt"] == 1


def test_hostile_words_do_nothing(run: Run, shop: Path, tmp_path: Path) -> None:
    own = exemptions(tmp_path, {"reason": HOSTILE, "owner": HOSTILE, "policy": "ACR901"})
    out, xml = tmp_path / "r.json", tmp_path / "j.xml"
    base = ("--snapshot", shop, *SELECT, "--exemptions", own)

    _, table, _ = run(*base, "--as-of", "2026-11-21", "--json", out, "--junit", xml)
    _, check, _ = run("exemptions", "check", own, "--snapshot", shop, "--as-of", "2027-01-01")

    for text in (table, check, out.read_text("utf-8"), xml.read_text("utf-8")):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script>" not in xml.read_text("utf-8")
    assert results(out)["results"][0]["exemption"]["reason"] == HOSTILE


@pytest.mark.parametrize("category", ["waiver", "mitigated"])
def test_an_incomplete_inventory_is_never_green(run: Run, tmp_path: Path, category: str) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([registry("shop", adminUserEnabled=True), {"id": 3}]), "utf-8")
    own = exemptions(tmp_path, {"policy": "*", "scope": GROUP, "resource": "", "category": category})

    code, _, _ = run("--snapshot", rows, "--exemptions", own, "--as-of", "2026-11-21", "-q")

    assert code == 3


def test_nothing_scanned_is_never_green(run: Run, tmp_path: Path) -> None:
    rows, out = tmp_path / "rows.json", tmp_path / "r.json"
    rows.write_text("[]", "utf-8")
    own = exemptions(tmp_path, {})

    code, *_ = run("--snapshot", rows, "--exemptions", own, "--as-of", "2026-11-21", "-q", "--json", out)

    assert code == 3
    assert kinds(results(out)) == []


def test_a_file_that_names_no_time_is_judged_as_of_now(run: Run, shop: Path, tmp_path: Path) -> None:
    past, future = {"expiresOn": "2020-01-01"}, {"expiresOn": "9999-12-31"}
    out = tmp_path / "r.json"
    base = ("--snapshot", shop, *SELECT, "-q", "--json", out, "--exemptions")

    assert run(*base, exemptions(tmp_path, past))[0] == 1
    assert results(out)["run"]["evaluated"] is not None
    assert run(*base, exemptions(tmp_path, future))[0] == 0


def test_a_snapshot_is_judged_as_of_its_collection(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "r.json"

    for day, notices in (("2026-11-16", []), ("2026-11-15", ["expired-exemption"])):
        target = f"{GROUP}-registries/providers/Microsoft.ContainerRegistry/registries/contosodemo"
        own = exemptions(tmp_path, {"policy": "ACR101", "resource": target, "expiresOn": day})
        run("--snapshot", CONTOSO, "--exemptions", own, "-q", "--json", out)
        assert kinds(results(out)) == notices


def test_exemptions_beyond_what_was_asked_for_are_no_news(run: Run, shop: Path, tmp_path: Path) -> None:
    own = exemptions(tmp_path, {"policy": "ACR902"}, {"policy": "ACR101", "resource": f"{REGISTRY}/other"})
    out = tmp_path / "r.json"
    base = ("--snapshot", shop, "--exemptions", own, "--as-of", "2026-11-21", "-q", "--json", out)

    run(*base, "--select", "ACR902")
    assert [n["reason"] for n in results(out)["notices"] if n["kind"] == "unused-exemption"] == [
        "what it covers passes"
    ]

    run(*base)
    assert kinds(results(out)) == ["unused-exemption", "unused-exemption"]


def test_a_wrong_file_is_exit_2_with_every_line(run: Run, shop: Path, tmp_path: Path) -> None:
    own = exemptions(tmp_path, {"category": "waver"}, {"expiresOn": "2026-02-30"})

    code, _, err = run("--snapshot", shop, "--exemptions", own)

    assert code == 2
    assert [line.split(": ")[1:3] for line in err.splitlines()] == [
        [f"{own}:2", "exemptions[0].category"],
        [f"{own}:3", "exemptions[1].expiresOn"],
    ]


def test_the_sample_shows_each_kind(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "r.json"

    code, table, _ = run("--snapshot", CONTOSO, "--exemptions", SAMPLE, "--json", out)

    document = results(out)
    assert code == 1
    assert document["summary"]["exempt"] == 14
    assert kinds(document) == ["expired-exemption"]
    assert "Exempt (14)" in table
    exempt = {each["policy"] for each in document["results"] if each["verdict"] == "exempt"}
    assert exempt == {"ACR101", "ACR701", "ACR902", "ACR905"}
    assert run("--snapshot", CONTOSO, "-q")[0] == 1


def test_check_of_the_sample(run: Run) -> None:
    code, out, err = run("exemptions", "check", SAMPLE, "--snapshot", CONTOSO)

    said = [line for line in out.splitlines() if not line.startswith("    ")]
    assert code == 1
    assert err == ""
    assert said == [
        f"{SAMPLE}:27: expired after 2026-10-31; the finding that it covered counts again",
        "4 exemptions: 3 used, 1 expired",
    ]


def test_check_lists_what_is_in_use_with_verbose(run: Run, shop: Path, tmp_path: Path) -> None:
    own = exemptions(tmp_path, {})

    code, out, _ = run("exemptions", "check", own, "--snapshot", shop, "--as-of", "2026-11-21", "-v")

    assert code == 0
    assert out.splitlines() == [
        f"{own}:2: used: 1 finding until 2026-12-31",
        f"    ACR901 on the resource {REGISTRY.lower()}/shop (team-build: A legacy build logs in so.)",
        "1 exemption: 1 used",
    ]


def test_check_tells_expired_unused_and_matching_nothing_apart(run: Run, shop: Path, tmp_path: Path) -> None:
    own = exemptions(
        tmp_path,
        {},
        {"expiresOn": "2026-01-01"},
        {"policy": "ACR902"},
        {"resource": f"{REGISTRY}/gone"},
        {"policy": "ACR9O1"},
    )
    out = tmp_path / "check.json"
    options = ("--snapshot", shop, "--as-of", "2026-11-21")

    code, text, _ = run("exemptions", "check", own, *options, "--json", out)

    assert code == 1
    assert text.splitlines()[-1] == "5 exemptions: 1 used, 1 expired, 1 unused, 2 matches nothing"
    document = json.loads(out.read_text("utf-8"))
    assert document["format"] == 1
    assert document["asOf"] == "2026-11-21T00:00:00Z"
    assert [each["standing"] for each in document["exemptions"]] == [
        "used",
        "expired",
        "unused",
        "matches nothing",
        "matches nothing",
    ]
    assert document["exemptions"][4] == {
        "where": f"{own}:6",
        "policy": "ACR9O1",
        "resource": f"{REGISTRY.lower()}/shop",
        "scope": None,
        "category": "waiver",
        "reason": "A legacy build logs in so.",
        "owner": "team-build",
        "expiresOn": "2026-12-31",
        "standing": "matches nothing",
        "exempted": 0,
        "why": "no policy has the id ACR9O1; did you mean 'ACR901'?",
        "help": "delete it, or correct it",
    }


def test_check_of_the_file_alone_says_what_it_did_not_look_at(run: Run, tmp_path: Path) -> None:
    fine = exemptions(tmp_path, {})
    assert run("exemptions", "check", fine, "--as-of", "2026-11-21") == (
        0,
        "1 exemption: nothing to say\n",
        "help: what they cover was not looked at; pass --snapshot PATH or a scope in Azure\n",
    )

    over = exemptions(tmp_path, {}, {"policy": "ACR9O1"})
    code, out, _ = run("exemptions", "check", over, "--as-of", "2027-01-01")
    assert code == 1
    assert f"{over}:2: expired after 2026-12-31\n" in out
    assert f"{over}:3: expired after 2026-12-31\n" in out
    code, out, _ = run("exemptions", "check", over, "--as-of", "2026-11-21")
    assert code == 1
    assert f"{over}:3: matches nothing: no policy has the id ACR9O1; did you mean 'ACR901'?\n" in out


def test_check_cannot_vouch_for_an_incomplete_inventory(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([registry("shop", adminUserEnabled=True), {"id": 3}]), "utf-8")
    own = exemptions(tmp_path, {})

    assert run("exemptions", "check", own, "--snapshot", rows, "--as-of", "2026-11-21", "-q") == (3, "", "")


def test_check_prints_json_alone_on_standard_output(run: Run, shop: Path, tmp_path: Path) -> None:
    own = exemptions(tmp_path, {})

    code, out, _ = run("exemptions", "check", own, "--snapshot", shop, "--as-of", "2026-11-21", "--json", "-")

    assert code == 0
    assert json.loads(out)["exemptions"][0]["exempted"] == 1


def test_check_of_what_is_no_file_is_exit_2(run: Run, tmp_path: Path) -> None:
    code, _, err = run("exemptions", "check", tmp_path / "none.yaml")

    assert code == 2
    assert "none.yaml:1: no such file or directory" in err
