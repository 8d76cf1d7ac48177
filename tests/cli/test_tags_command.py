"""`acr-scan tags show` and `tags diff` as a user meets them."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from scanner.app.options import Listener, ScanScope, now
from scanner.app.service_tags.queries import compare_tags
from scanner.cli import main
from scanner.report.tags.diff_markdown import escaped

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
EAST = "AzureContainerRegistry.EastUS"
OLD = ["20.42.66.0/24", "40.71.10.216/29", "2603:1030:210:402::90/125"]
NEW = [*OLD, "57.151.4.0/23"]
GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg"
ACR = f"{GROUP}/providers/Microsoft.ContainerRegistry"
HOSTILE = '"><script>alert(1)</script>|[x](y)`=cmd()\x1b[31m\u202e'

Run = Callable[..., tuple[int, str, str]]
Body = dict[str, Any]


@pytest.fixture
def tags(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `acr-scan tags …` in process: exit code, output, errors."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["tags", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def listed(tmp_path: Path) -> Callable[..., Path]:
    """Writes a weekly file of some tags."""

    def write(name: str, tags: Mapping[str, Sequence[str]], cloud: str = "Public", **more: Any) -> Path:
        values = [
            {"name": each, "properties": {"platform": "Azure", "addressPrefixes": list(prefixes)}}
            for each, prefixes in tags.items()
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"changeNumber": 7, "cloud": cloud, "values": values, **more}), "utf-8")
        return path

    return write


def registry(name: str, rules: Sequence[str] | None = OLD[:2], **settings: Any) -> Body:
    rule_set = None if rules is None else {"defaultAction": "Deny", "ipRules": [{"value": r} for r in rules]}
    properties = {
        "loginServer": f"{name}.azurecr.io",
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": rule_set,
        "networkRuleBypassAllowedForTasks": False,
        **settings,
    }
    return {
        "id": f"{ACR}/registries/{name}",
        "type": "Microsoft.ContainerRegistry/registries",
        "name": name,
        "location": "eastus",
        "apiVersion": "2025-11-01",
        "source": "arm",
        "sku": {"name": "Premium"},
        "properties": {key: value for key, value in properties.items() if value is not None},
    }


def task(of: str, name: str, **settings: Any) -> Body:
    properties = {"status": "Enabled", "isSystemTask": False, **settings}
    return {
        "id": f"{ACR}/registries/{of}/tasks/{name}",
        "type": "Microsoft.ContainerRegistry/registries/tasks",
        "name": name,
        "location": "eastus",
        "apiVersion": "2025-03-01-preview",
        "source": "arm",
        "properties": properties,
    }


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as a bare file."""

    def write(*bodies: Body) -> Path:
        path = tmp_path / "rows.json"
        path.write_text(json.dumps(bodies), "utf-8")
        return path

    return write


# show


def test_show_lists_the_prefixes_of_both_families_and_their_source(
    tags: Run, listed: Callable[..., Path]
) -> None:
    path = listed("ServiceTags_Public_20260105.json", {EAST: ["20.42.66.0/25", "20.42.66.128/25", OLD[2]]})

    code, out, err = tags("show", "azurecontainerregistry", "--region", "East US", "--service-tags", path)

    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert f"{path} Public, the weekly file, change 7, published 2026-01-05, " in words
    assert re.search(r"published 2026-01-05, [\d,]+ days old", words)
    assert "IPv4 2 prefixes, 1 after merging neighbours, 256 addresses 20.42.66.0/25 20.42.66.128/25" in words
    assert "IPv6 1 prefix, 1 after merging neighbours" in words
    assert words.endswith(OLD[2])


def test_show_says_the_same_in_json(tags: Run, listed: Callable[..., Path], tmp_path: Path) -> None:
    path = listed("tags.json", {EAST: ["20.42.66.0/25", "20.42.66.128/25", OLD[2]]})

    code, out, _ = tags("show", EAST, "--ip", "20.42.66.7", "--service-tags", path, "--json", "-")

    document = json.loads(out)
    assert code == 0
    assert document["tag"] == {
        "name": EAST,
        "region": "eastus",
        "ipv4": {
            "prefixes": ["20.42.66.0/25", "20.42.66.128/25"],
            "merged": ["20.42.66.0/24"],
            "addresses": 256,
        },
        "ipv6": {"prefixes": [OLD[2]], "merged": [OLD[2]]},
    }
    assert document["address"] == {"address": "20.42.66.7", "tags": [EAST]}
    assert document["serviceTags"] == {
        "label": str(path),
        "cloud": "Public",
        "feed": "weekly",
        "changeNumber": "7",
        "published": None,
        "fetched": None,
        "ageDays": None,
        "source": "file",
        "tags": 1,
    }
    assert tags("show", "--ip", "10.0.0.1", "--service-tags", path, "--json", tmp_path / "x.json")[0] == 0
    assert json.loads((tmp_path / "x.json").read_text("utf-8"))["tag"] is None


@pytest.mark.parametrize(
    ("address", "said"), [("20.42.66.5", "1 tag holds 20.42.66.5"), ("::1", "0 tags hold ::1")]
)
def test_show_names_the_tags_that_hold_an_address(
    tags: Run, listed: Callable[..., Path], address: str, said: str
) -> None:
    code, out, _ = tags("show", "--ip", address, "--service-tags", listed("t.json", {EAST: OLD}))

    assert code == 0
    assert said in out
    assert (EAST in out) is ("1 tag" in said)


def test_show_calls_an_empty_tag_empty(tags: Run, listed: Callable[..., Path]) -> None:
    code, out, _ = tags("show", EAST, "--service-tags", listed("t.json", {EAST: []}))

    assert code == 0
    assert "the tag is empty: nothing can be compared with it" in out


def test_show_takes_the_tags_of_a_snapshot(tags: Run) -> None:
    code, out, _ = tags("show", "AzureContainerRegistry", "--region", "uksouth", "--snapshot", CONTOSO)

    assert code == 0
    assert "203.0.113.64/27" in out
    assert "published 2026-11-16" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["AzureContainerRegistri"], "no service tag AzureContainerRegistri; did you mean"),
        ([EAST, "--ip", "1.2.3.0/24"], "--ip 1.2.3.0/24: expected one IPv4 or IPv6 address"),
        (["AzureContainerRegistry", "--region", "eastuz"], "did you mean 'AzureContainerRegistry.EastUS'?"),
        ([], "there is nothing to show"),
        (["--ip", "1.2.3.4", "--region", "eastus"], "there is nothing to show"),
        (["\x1b[31m\u202e"], "there is no service tag \\x1b[31m\\u202e"),
    ],
)
def test_show_refuses_what_is_not_there(
    tags: Run, listed: Callable[..., Path], arguments: list[str], complaint: str
) -> None:
    code, out, err = tags("show", *arguments, "--service-tags", listed("t.json", {EAST: OLD}))

    assert (code, out) == (2, "")
    assert complaint in err


def test_show_takes_one_scope(tags: Run) -> None:
    code, _, err = tags("show", EAST, "--snapshot", CONTOSO, "--subscription", "x")

    assert code == 2
    assert "--snapshot and a scope in Azure contradict each other" in err


def test_show_without_any_source_says_what_to_pass(tags: Run) -> None:
    code, out, err = tags("show", EAST)

    assert (code, out) == (2, "")
    assert "there are no service tags to look at\nhelp: pass --service-tags FILE" in err


def test_show_takes_the_cache_where_nothing_else_is_named(tags: Run, cache_folder: Path) -> None:
    values = [{"name": EAST, "properties": {"addressPrefixes": OLD}}]
    document = {"changeNumber": 74, "cloud": "Public", "values": values, "feed": "api", "fetched": now()}
    cache_folder.mkdir()
    (cache_folder / "service-tags-Public.json").write_text(json.dumps(document), "utf-8")

    code, out, _ = tags("show", EAST)
    words = " ".join(out.split())
    assert code == 0
    assert "the cache of the Discovery API Public, an answer of the Discovery API, change 74" in words
    assert words.count("0 days old") == 1
    document["fetched"] = "2020-01-01T00:00:00Z"
    (cache_folder / "service-tags-Public.json").write_text(json.dumps(document), "utf-8")
    code, _, err = tags("show", EAST)
    assert code == 2
    assert "it was ignored, as --max-tag-age is 7" in err
    assert tags("show", EAST, "--max-tag-age", "100000")[0] == 0


def test_show_refuses_a_snapshot_without_tags_whatever_the_cache_holds(
    tags: Run, rows: Callable[..., Path]
) -> None:
    code, _, err = tags("show", EAST, "--snapshot", rows(registry("contoso")))

    assert code == 2
    assert "rows.json: holds no service tags" in err


# diff


def test_diff_tells_what_came_and_left_and_joins_it_with_firewalls(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("ServiceTags_Public_20260105.json", {EAST: OLD}), listed("new.json", {EAST: NEW})
    builds = task("short", "build", agentPoolName=None)

    code, out, err = tags(
        "diff", old, new, "--snapshot", rows(registry("short"), registry("whole", [*NEW[:2], NEW[3]]), builds)
    )

    words = " ".join(out.split())
    assert (code, err) == (1, "")
    assert f"changed {EAST} + 57.151.4.0/23 (512 addresses)" in words
    assert f"affected short eastus: its IP rules lack addresses that came to {EAST}" in words
    assert (
        "Its tasks will be refused from 57.151.4.0/23, which no IP rule admits, when these ranges go live."
        in words
    )
    assert "Tasks with no other way: build." in words
    assert "whole" not in words
    assert "When the newer list was published is not known" in words
    assert "Which ranges come next cannot be told from any list." in words
    assert words.endswith("AFFECTED: of 2 registries 1 affected, 0 unknown, 1 unaffected (exit code 1)")


def test_diff_says_from_when_the_new_ranges_may_be_in_use(tags: Run, listed: Callable[..., Path]) -> None:
    names = ("ServiceTags_Public_20240415.json", "ServiceTags_Public_20991228.json")
    old, new = listed(names[0], {EAST: OLD}), listed(names[1], {EAST: NEW})

    _, out, _ = tags("diff", old, new, "--json", "-")
    document = json.loads(out)
    assert document["inUseFrom"] == "2100-01-04"
    assert re.search(r"not before 2100-01-04, \d+ days from now\.", document["known"][0])
    swapped = json.loads(tags("diff", new, old, "--json", "-")[1])
    assert swapped["inUseFrom"] is None
    assert swapped["known"][0] == "No address came to these tags."
    assert "were they swapped?" in swapped["known"][1]


@pytest.mark.parametrize(
    ("moment", "when"),
    [
        ("2026-01-05T00:00:00Z", "7 days from now"),
        ("2026-01-10T00:00:00Z", "2 days from now"),
        ("2026-01-11T10:00:00Z", "1 day from now"),
        ("2026-01-12T00:00:00Z", "which has passed, so they may be in use"),
        ("2026-01-12T10:00:00Z", "which has passed, so they may be in use"),
        ("2026-02-12T10:00:00Z", "which has passed, so they may be in use"),
    ],
)
def test_the_lead_time_is_counted_to_the_first_day_of_use(
    listed: Callable[..., Path], moment: str, when: str
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("ServiceTags_Public_20260105.json", {EAST: NEW})

    found = compare_tags(old, new, [EAST], ScanScope(), Listener(), moment)

    assert found.in_use_from == "2026-01-12"
    assert found.known[0].endswith(f"not before 2026-01-12, {when}.")


@pytest.mark.parametrize(("old", "swapped"), [("20260104", False), ("20260105", False), ("20260106", True)])
def test_lists_are_swapped_where_the_older_one_is_of_a_later_day(
    listed: Callable[..., Path], old: str, swapped: bool
) -> None:
    newer = listed("fetched.json", {EAST: NEW}, fetched="2026-01-05T23:00:00Z")
    older = listed(f"ServiceTags_Public_{old}.json", {EAST: OLD})

    found = compare_tags(older, newer, [EAST], ScanScope(), Listener(), "2026-01-20T00:00:00Z")

    assert any("were they swapped?" in said for said in found.known) is swapped


@pytest.mark.parametrize("name", ["ServiceTags_Public_99991231.json", "ServiceTags_Public_20261399.json"])
def test_diff_bears_impossible_dates(tags: Run, listed: Callable[..., Path], name: str) -> None:
    code, out, _ = tags("diff", listed("old.json", {EAST: OLD}), listed(name, {EAST: NEW}), "--json", "-")

    assert (code, json.loads(out)["inUseFrom"]) == (0, None)


def test_diff_warns_that_the_feeds_differ(tags: Run, listed: Callable[..., Path]) -> None:
    answer = listed("answer.json", {EAST: NEW}, type="Microsoft.Network/serviceTags")

    known = json.loads(tags("diff", listed("old.json", {EAST: OLD}), answer, "--json", "-")[1])["known"]

    assert known[0].endswith(
        "lags the weekly file by up to four weeks: its new ranges may be in use already."
    )
    assert known[1] == "One list is the weekly file and one the API's: what differs may be the API's lag."


def test_diff_of_recut_lists_with_another_change_number_is_no_change(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old = listed("old.json", {EAST: ["20.42.66.0/27", "20.42.66.32/27"]})
    new = listed("new.json", {EAST: ["20.42.66.0/26"]}, changeNumber=3)

    assert tags("diff", old, new)[:2][0] == 0
    code, out, _ = tags("diff", old, new, "--snapshot", rows(registry("contoso", ["20.42.66.0/27"])))
    assert code == 0
    assert "1 compared: 1 unchanged" in out
    assert out.endswith("OK: of 1 registries 0 affected, 0 unknown, 1 unaffected (exit code 0)\n")


def test_diff_calls_out_tags_that_vanished_or_are_empty(tags: Run, listed: Callable[..., Path]) -> None:
    service = "AzureContainerRegistry"
    old = listed("old.json", {EAST: OLD, f"{service}.B": OLD, f"{service}.C": []})

    code, out, _ = tags("diff", old, listed("new.json", {f"{service}.B": [], f"{service}.C": []}))

    words = " ".join(out.split())
    assert code == 0
    assert f"vanished {EAST} not in the newer list, which proves nothing" in words
    assert f"emptied {service}.B listed without a prefix now" in words
    assert f"empty {service}.C listed without a prefix" in words
    assert words.endswith(
        "CHANGED: no registry was looked at; pass --snapshot PATH or a scope in Azure (exit code 0)"
    )


def unseen_rules() -> Body:
    return registry("hidden", None, provisioningState="Failed")


def old_version() -> Body:
    return {**registry("doubtful", publicNetworkAccess=None), "apiVersion": "2019-05-01"}


def elsewhere() -> Body:
    return {**registry("elsewhere"), "location": "brazilne"}


def nowhere() -> Body:
    return {key: value for key, value in registry("nowhere").items() if key != "location"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (unseen_rules(), "provisioningState Failed"),
        (
            old_version(),
            "whether its IP rules have an effect is not known (properties.publicNetworkAccess could not",
        ),
        (elsewhere(), "the service tags have no AzureContainerRegistry.brazilne"),
        (nowhere(), "its region does not show, so its tag is not known"),
    ],
)
def test_diff_names_a_registry_of_which_it_cannot_tell(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path], tmp_path: Path, body: Body, reason: str
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})
    outputs = ["--json", tmp_path / "x.json", "--markdown", tmp_path / "x.md"]

    code, out, _ = tags("diff", old, new, "--snapshot", rows(body), *outputs)

    words = " ".join(out.split())
    assert code == 3
    assert f"unknown {body['name']} " in words
    assert reason in words
    assert "NOT VOUCHED FOR: of 1 registries 0 affected, 1 unknown, 0 unaffected (exit code 3)" in words
    (told,) = json.loads((tmp_path / "x.json").read_text("utf-8"))["registries"]
    assert (told["name"], told["state"]) == (body["name"], "unknown")
    assert reason in told["reason"]
    assert f"| {body['name']} " in (tmp_path / "x.md").read_text("utf-8")


def test_diff_of_another_cloud_than_the_registries_is_unknown(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = (listed(f"{name}.json", {EAST: each}, "China") for name, each in (("a", OLD), ("b", NEW)))
    there = rows(registry("contoso"))

    code, out, _ = tags("diff", old, new, "--snapshot", there)
    assert code == 3
    assert "the service tags are those of the cloud China, not Public" in " ".join(out.split())
    assert tags("diff", old, new, "--snapshot", there, "--cloud", "China")[0] == 1


def test_diff_does_not_vouch_for_what_it_did_not_see(
    tags: Run, listed: Callable[..., Path], tmp_path: Path, rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})
    folder = tmp_path / "kept"
    folder.mkdir()
    gap = {"what": "Microsoft.ContainerRegistry/registries", "where": "sub-2", "reason": "it cannot be read"}
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "unseen": [gap]}), "utf-8")
    (folder / "resources.ndjson").write_text(json.dumps(registry("idle", [])) + "\n", "utf-8")

    code, out, _ = tags("diff", old, new, "--snapshot", folder)
    assert code == 3
    assert "not seen sub-2: it cannot be read" in " ".join(out.split())
    code, out, _ = tags("diff", old, new, "--snapshot", rows(task("contoso", "build")))
    assert code == 3
    assert "there is no registry in what was looked at" in " ".join(out.split())
    code, out, _ = tags("diff", old, new, "--snapshot", rows(registry("idle", []), {"id": 7}))
    assert code == 3
    assert "not seen" in out


def test_diff_tells_which_rules_admit_what_left(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: NEW}), listed("new.json", {EAST: OLD})

    code, out, _ = tags(
        "diff", old, new, "--snapshot", rows(registry("contoso", [*OLD[:2], "57.151.0.0/16"]))
    )

    assert code == 1
    assert "Its IP rule 57.151.0.0/16 admits 57.151.4.0/23, which left the tag." in " ".join(out.split())


@pytest.mark.parametrize(("cloud", "code", "stale"), [("Public", 1, ["192.0.2.0/26"]), ("China", 3, [])])
def test_diff_tells_rules_for_what_left_another_region(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path], cloud: str, code: int, stale: list[str]
) -> None:
    west = "AzureContainerRegistry.WestUS"
    old = listed("old.json", {EAST: OLD, west: ["192.0.2.0/24"]}, cloud)
    new = listed("new.json", {EAST: OLD, west: ["198.51.100.0/24"]}, cloud)
    there = rows(registry("contoso", [*OLD[:2], "192.0.2.0/26"]))

    found, out, _ = tags("diff", old, new, "--snapshot", there, "--json", "-")

    assert found == code
    assert [each["rule"] for each in json.loads(out)["registries"][0]["stale"]] == stale


def test_diff_does_not_take_a_rule_that_was_not_seen_for_none(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: OLD})
    body = registry("contoso")
    body["properties"]["networkRuleSet"]["ipRules"].append("not a rule")

    code, out, _ = tags("diff", old, new, "--snapshot", rows(body))

    assert code == 3
    assert "unknown contoso eastus: its IP rules could not be seen" in " ".join(out.split())


def test_diff_names_only_tasks_that_have_no_other_way(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})
    own = {
        "sourceRegistry": {"loginMode": "None"},
        "customRegistries": {"c.azurecr.io": {"identity": "[system]"}},
    }
    passes = {**task("c", "passes", credentials=own), "identity": {"type": "SystemAssigned"}}
    there = [task("c", "build"), task("c", "idle", status="Disabled"), passes]

    code, out, _ = tags(
        *("diff", old, new, "--json", "-", "--snapshot"),
        rows(registry("c", networkRuleBypassAllowedForTasks=True), *there),
    )

    assert code == 1
    assert json.loads(out)["registries"][0]["tasks"] == ["build"]


def test_diff_compares_other_tags_on_request(tags: Run, listed: Callable[..., Path]) -> None:
    old = listed("old.json", {"Storage": OLD, "Storage.EastUS": OLD, EAST: OLD})
    new = listed("new.json", {"Storage": NEW, "Storage.EastUS": OLD, EAST: OLD})

    document = json.loads(tags("diff", old, new, "--tag", "storage", "--json", "-")[1])

    assert [(tag["name"], tag["kind"]) for tag in document["tags"]] == [
        ("Storage", "changed"),
        ("Storage.EastUS", "unchanged"),
    ]
    assert document["tags"][0]["ipv4"] == {
        "added": ["57.151.4.0/23"],
        "removed": [],
        "unchanged": ["20.42.66.0/24", "40.71.10.216/29"],
    }
    assert document["registries"] is None


def test_diff_refuses_what_it_cannot_compare(tags: Run, listed: Callable[..., Path], tmp_path: Path) -> None:
    old, china = listed("old.json", {EAST: OLD}), listed("china.json", {EAST: OLD}, "AzureChinaCloud")

    code, _, err = tags("diff", old, china)
    assert code == 2
    assert f"{old} holds the service tags of Public, {china} those of China" in err
    code, _, err = tags("diff", old, old, "--tag", "AzureContainerRegistri")
    assert code == 2
    assert (
        "neither file has a service tag AzureContainerRegistri; did you mean 'AzureContainerRegistry'?" in err
    )
    assert tags("diff", old, tmp_path / "none.json")[0] == 2
    assert tags("diff", old, old, "--json", "-", "--markdown", "-")[0] == 2
    assert tags("diff", old, old, "--snapshot", CONTOSO, "--subscription", "x")[0] == 2


def test_diff_shows_hostile_names_and_never_obeys_them(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path], tmp_path: Path
) -> None:
    name = f"AzureContainerRegistry.{HOSTILE}"
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW, name: OLD})
    visible = HOSTILE.partition("\x1b")[0].replace("/", "")
    body = {**registry("x"), "id": f"{ACR}/registries/{visible}"}
    outputs = ["--json", tmp_path / "x.json", "--markdown", tmp_path / "x.md"]

    code, out, _ = tags("diff", old, new, "--snapshot", rows(body, {"id": HOSTILE}), *outputs)

    assert code == 1
    texts = [out, *((tmp_path / name).read_text("utf-8") for name in ("x.json", "x.md"))]
    assert not [text for text in texts if "\x1b" in text or "\u202e" in text]
    assert json.loads(texts[1])["tags"][0]["name"] == name
    assert "<script>" not in texts[2]
    assert escaped("|[x](y)`") in texts[2]


def test_diff_in_markdown_says_what_an_issue_needs(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})

    code, out, _ = tags(
        "diff", old, new, "--markdown", "-", "--snapshot", rows(registry("short"), registry("idle", []))
    )

    assert code == 1
    lines = out.replace("\\", "").splitlines()
    assert lines[0] == "# Service tag changes"
    assert lines[2] == "**AFFECTED**: of 2 registries 1 affected, 0 unknown, 1 unaffected"
    assert f"| {EAST} | changed | 57.151.4.0/23 (512 addresses) |  |" in lines
    assert any(line.startswith("| short (eastus) | affected | its IP rules lack") for line in lines)
    assert "Not affected: idle" in lines


def test_verbose_cuts_no_list_and_tells_what_is_unchanged(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    many = [f"20.{number}.0.0/24" for number in range(30)]
    old, new = listed("old.json", {EAST: OLD, "AzureContainerRegistry.B": OLD}), "AzureContainerRegistry.B"
    newer = listed("new.json", {EAST: [*OLD, *many], new: OLD})
    there = rows(registry("short"), registry("idle", []))

    brief, verbose = (
        tags("diff", old, newer, "--snapshot", there, *more)[1] for more in ((), ("--verbose",))
    )

    assert "and 18 more" in brief
    assert "idle" not in brief
    assert "unchanged" not in brief.split("── Tags")[1]
    assert "20.29.0.0/24" in verbose
    assert "more" not in verbose.split("── Tags")[1]
    assert "unaffected  idle" in verbose
    assert "unchanged AzureContainerRegistry.B" in verbose


def test_quiet_says_nothing_and_the_exit_code_all(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})

    assert tags("diff", old, new, "--quiet", "--snapshot", rows(registry("short"))) == (1, "", "")


@pytest.mark.parametrize("command", ["show", "diff", "fetch"])
def test_help_offers_only_options_that_mean_something(tags: Run, command: str) -> None:
    code, out, _ = tags(command, "--help")

    assert code == 0
    assert "--save-snapshot" not in out
    assert ("--snapshot" in out) is (command != "fetch")
    assert ("--max-tag-age" in out) is (command == "show")
    assert "--arm-endpoint" in out


def test_an_unknown_subcommand_is_exit_2(tags: Run) -> None:
    assert tags("dif")[0] == 2


def test_markdown_fits_an_issue_and_still_names_every_registry(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})
    many = [registry(f"short{number:03}") for number in range(80)]
    hidden = {**unseen_rules(), "id": f"{ACR}/registries/hidden"}

    code, out, _ = tags("diff", old, new, "--markdown", "-", "--snapshot", rows(*many, hidden))

    assert code == 1
    assert len(out) < 65_536
    assert [name for name in (f"short{number:03}" for number in range(80)) if name not in out] == []
    assert out.count("| affected |") == 60
    assert "Unknown too: hidden\n" in out


def test_a_doubtful_registry_may_be_refused_and_an_affected_one_will_be(
    tags: Run, listed: Callable[..., Path], rows: Callable[..., Path]
) -> None:
    old, new = listed("old.json", {EAST: OLD}), listed("new.json", {EAST: NEW})

    code, out, _ = tags("diff", old, new, "--snapshot", rows(old_version()))

    assert code == 3
    assert "Its tasks may be refused from 57.151.4.0/23" in " ".join(out.split())
