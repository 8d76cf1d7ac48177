"""Service tags and a live Azure: fetched files, the cache of scans, differences joined with what is there."""

import contextlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from estates import PLENTY, SHOP, TAGS, registry, requests, run, scan, task, world
from fake_azure import FakeAzure, Fault, Faults, World, tags_document

from scanner.cli import main
from scanner.sources.files.service_tags import read_service_tags

EAST = ["20.42.66.0/23", "40.71.10.216/29"]
FULL = {"AzureContainerRegistry.EastUS": EAST, "Storage": ["192.0.2.0/24", "198.51.100.0/24"]}
DENIED = "Microsoft.Network/locations/serviceTags/read"


def tags(azure: FakeAzure, *options: str | Path) -> tuple[int, str, str]:
    """`acr-scan tags …` against the stand-in: exit code, output, errors."""
    out, err = io.StringIO(), io.StringIO()
    way = ["-s", SHOP, "--arm-endpoint", azure.endpoint, "--auth", "managed"]
    with (
        mock.patch.dict(os.environ, azure.child_environment(), clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(["tags", *map(str, options), *way])
    return code, out.getvalue(), err.getvalue()


def answering(listed: Mapping[str, Sequence[str]], **more: Any) -> World:
    """A world whose API answers these tags."""
    return world(registry("open"), service_tags={"*": tags_document(listed, **more)})


def fetch(
    path: Path, listed: Mapping[str, Sequence[str]], *options: str, **more: Any
) -> tuple[int, str, str]:
    with FakeAzure(answering(listed, **more), quota=PLENTY) as azure:
        return tags(azure, "fetch", path, *options)


def dated(path: Path, fetched: str) -> None:
    """Makes a fetched file one of another day."""
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**document, "fetched": fetched}), "utf-8")


# fetch


def test_fetch_writes_the_answer_with_its_date_and_feed(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"

    code, out, err = fetch(path, FULL)

    assert (code, err) == (0, "")
    assert out == f"written: {path}: 2 tags of Public, change 74\n"
    found = read_service_tags(path)
    assert (found.feed, found.change_number, found.cloud) == ("api", "74", "Public")
    assert found.fetched is not None
    assert [tag.prefixes for tag in found.tags.values()] == [tuple(each) for each in FULL.values()]
    assert [each.name for each in tmp_path.iterdir()] == ["tags.json"]


def test_fetch_takes_all_pages(tmp_path: Path) -> None:
    there = answering({f"Tag{number}": EAST for number in range(7)})
    there.tags_page_size = 2
    with FakeAzure(there, quota=PLENTY) as azure:
        assert tags(azure, "fetch", tmp_path / "tags.json")[0] == 0

    assert len(read_service_tags(tmp_path / "tags.json").tags) == 7


def test_fetch_keeps_the_older_ones_beside_it_and_deletes_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    (tmp_path / "tags.notes.json").write_text("{}", "utf-8")
    (tmp_path / "other.20200101T000000Z.json").write_text("{}", "utf-8")
    for day in range(1, 5):
        assert fetch(path, FULL, "--keep", "2", "--quiet") == (0, "", "")
        dated(path, f"2026-10-0{day}T05:00:00Z")

    code, out, _ = fetch(path, FULL, "--keep", "2")

    assert code == 0
    assert f"the one before: {tmp_path / 'tags.20261004T050000Z.json'}\n" in out
    assert f"deleted: {tmp_path / 'tags.20261002T050000Z.json'}\n" in out
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "other.20200101T000000Z.json",
        "tags.20261003T050000Z.json",
        "tags.20261004T050000Z.json",
        "tags.json",
        "tags.notes.json",
    ]
    assert read_service_tags(tmp_path / "tags.20261004T050000Z.json").fetched == "2026-10-04T05:00:00Z"


def test_fetch_keeps_none_if_told_so(tmp_path: Path) -> None:
    for _ in range(2):
        assert fetch(tmp_path / "tags.json", FULL, "--keep", "0")[0] == 0

    assert [each.name for each in tmp_path.iterdir()] == ["tags.json"]


MANY = {"AzureContainerRegistry.EastUS": EAST, "Storage": [f"20.0.{number}.0/24" for number in range(9)]}
LOSSES = [
    (FULL, {"Storage": FULL["Storage"]}, "lacks what {path} has: AzureContainerRegistry.EastUS"),
    (FULL, {**FULL, "Storage": []}, "lacks what {path} has: Storage"),
    (MANY, {**MANY, "Storage": MANY["Storage"][:3]}, "has 5 prefixes, and {path} has 11"),
]


@pytest.mark.parametrize(("old", "new", "said"), LOSSES)
def test_fetch_refuses_a_loss_unless_it_is_accepted(
    tmp_path: Path, old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]], said: str
) -> None:
    path = tmp_path / "tags.json"
    fetch(path, old)
    before = path.read_bytes()

    code, out, err = fetch(path, new)

    assert (code, out) == (3, "")
    assert said.format(path=path) in err
    assert "help: if that is right, pass --accept-loss" in err
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["tags.json"]
    assert fetch(path, new, "--accept-loss")[0] == 0
    assert read_service_tags(path).find("Storage") is not None


def test_fetch_names_a_few_of_many_lost_tags(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    fetch(path, {f"Tag{number}": EAST for number in range(9)})

    code, _, err = fetch(path, {"Tag8": EAST})

    assert code == 3
    assert "Tag0, Tag1, Tag2, Tag3, Tag4 and 3 more\n" in err
    err = fetch(path, {f"Tag{number}": EAST for number in range(5, 9)})[2]
    assert "Tag0, Tag1, Tag2, Tag3, Tag4\n" in err


def test_fetch_takes_half_of_the_prefixes_for_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    prefixes = [f"20.0.{number}.0/24" for number in range(12)]
    fetch(path, {"Storage": prefixes})

    assert fetch(path, {"Storage": prefixes[:6]})[0] == 0


def test_fetch_writes_no_empty_list_even_where_there_was_none(tmp_path: Path) -> None:
    code, _, err = fetch(tmp_path / "tags.json", {}, "--accept-loss")

    assert code == 3
    assert "the service tag API answered no tag at all" in err
    assert list(tmp_path.iterdir()) == []


def test_fetch_takes_an_undated_file_for_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    path.write_text(json.dumps(tags_document(FULL)), "utf-8")
    assert fetch(path, FULL)[0] == 0
    assert (tmp_path / "tags.undated.json").exists()

    assert fetch(path, FULL, "--keep", "1")[0] == 0

    names = sorted(each.name for each in tmp_path.iterdir())
    assert len(names) == 2
    assert "tags.undated.json" not in names


def test_fetch_never_replaces_the_tags_of_another_cloud(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    fetch(path, FULL, cloud="AzureGovernment")

    code, _, err = fetch(path, FULL, "--accept-loss")

    assert code == 2
    assert f"{path}: holds the service tags of USGovernment, and the API answered Public's" in err


def test_fetch_leaves_what_is_no_service_tag_file(tmp_path: Path) -> None:
    path = tmp_path / "thesis.json"
    path.write_text("years of work", "utf-8")

    code, _, err = fetch(path, FULL, "--accept-loss")

    assert code == 2
    assert f"{path}: is not valid JSON" in err
    assert path.read_text("utf-8") == "years of work"


def test_fetch_leaves_the_file_where_the_api_does_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    fetch(path, FULL)
    before = path.read_bytes()
    there = answering(FULL)
    there.deny(DENIED)
    with FakeAzure(there, quota=PLENTY) as azure:
        code, _, err = tags(azure, "fetch", path)
    assert code == 3
    assert "acr-scan: " in err
    assert path.read_bytes() == before
    assert fetch(path, {})[0] == 3
    assert path.read_bytes() == before


def test_fetch_takes_one_subscription(tmp_path: Path) -> None:
    with FakeAzure(answering(FULL), quota=PLENTY) as azure:
        code, _, err = tags(azure, "fetch", tmp_path / "tags.json", "-s", "Data")
        missing = tags(azure, "fetch", tmp_path / "none" / "tags.json")
        stdout = tags(azure, "fetch", "-")

    assert code == stdout[0] == 2
    assert "tags fetch writes a file" in stdout[2]
    assert "tags fetch needs one --subscription" in err
    assert missing[0] == 2
    assert azure.requests == []


# the cache of live scans


def stricken(there: World) -> World:
    there.deny(DENIED)
    return there


def estate() -> World:
    one = registry("east", SHOP, action="Deny", rules=EAST)
    return world(one, task(one, "build"))


def test_a_scan_keeps_the_tags_and_uses_them_where_the_api_refuses_and_says_their_age() -> None:
    there = estate()
    with FakeAzure(there, quota=PLENTY) as azure:
        before = scan(azure)
        there.deny(DENIED)
        after = scan(azure)

    assert before.json["run"]["serviceTags"]["source"] == "api"
    assert after.json["run"]["serviceTags"] == {**before.json["run"]["serviceTags"], "source": "cache"}
    assert after.verdicts == before.verdicts
    assert before.notices("service-tag-cache") == []
    (notice,) = after.notices("service-tag-cache")
    assert notice["reason"].startswith("the cache holds what the API answered on 20")
    assert notice["reason"].endswith(", today; it was used")
    assert [notice["kind"] for notice in after.notices("service-tag-api")] == ["service-tag-api"]


def test_a_cache_that_is_too_old_or_damaged_is_ignored_and_the_verdict_is_unknown(cache_folder: Path) -> None:
    there = estate()
    with FakeAzure(there, quota=PLENTY) as azure:
        scan(azure)
        (path,) = cache_folder.iterdir()
        there.deny(DENIED)
        dated(path, "2026-01-01T05:00:00Z")
        old = scan(azure)
        forgiven = scan(azure, "--max-tag-age", "100000")
        path.write_text("{", "utf-8")
        damaged = scan(azure)

    assert old.json["run"]["serviceTags"] is None
    assert old.verdicts != forgiven.verdicts
    assert "it was ignored, as --max-tag-age is 7" in old.notices("service-tag-cache")[0]["reason"]
    assert forgiven.json["run"]["serviceTags"]["source"] == "cache"
    assert damaged.json["run"]["serviceTags"] is None
    assert damaged.verdicts == old.verdicts
    assert "the cache was ignored: " in damaged.notices("service-tag-cache")[0]["reason"]


def test_a_file_goes_before_the_cache(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    path.write_text(json.dumps(TAGS), "utf-8")
    there = estate()
    with FakeAzure(there, quota=PLENTY) as azure:
        scan(azure)
        there.deny(DENIED)
        outcome = scan(azure, "--service-tags", path)

    assert outcome.json["run"]["serviceTags"]["source"] == "file"
    assert outcome.notices("service-tag-cache") == []


def test_the_snapshot_of_a_scan_by_the_cache_says_the_same_and_one_without_tags_asks_no_cache(
    tmp_path: Path,
) -> None:
    there = estate()
    with FakeAzure(there, quota=PLENTY) as azure:
        stricken(there)
        without = scan(azure, "--save-snapshot", tmp_path / "without")
        there.denied.clear()
        scan(azure)
        stricken(there)
        by_cache = scan(azure, "--save-snapshot", tmp_path / "by-cache")
    again, bare = (run("--snapshot", tmp_path / name) for name in ("by-cache", "without"))

    assert by_cache.json["run"]["serviceTags"]["source"] == "cache"
    assert again.json["run"]["serviceTags"]["source"] == "snapshot"
    assert again.verdicts.items() >= by_cache.verdicts.items()
    assert without.json["run"]["serviceTags"] is bare.json["run"]["serviceTags"] is None


def test_a_cache_that_cannot_be_written_stops_no_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("ACR_SCAN_CACHE_DIR", str(tmp_path / "file"))
    with FakeAzure(estate(), quota=PLENTY) as azure:
        outcome = scan(azure, "--verbose")

    assert outcome.json["run"]["serviceTags"]["source"] == "api"
    assert "the service tags were not cached: " in outcome.err


# show and diff, live


def test_show_asks_the_api_and_else_the_cache(tmp_path: Path) -> None:
    there = answering(FULL)
    with FakeAzure(there, quota=PLENTY) as azure:
        by_api = tags(azure, "show", "AzureContainerRegistry", "--region", "eastus")
        there.deny(DENIED)
        by_cache = tags(azure, "show", "AzureContainerRegistry", "--region", "eastus")
        denied = tags(azure, "show", "Storage", "--max-tag-age", "0", "--json", tmp_path / "x.json")

    assert [code for code, _, _ in (by_api, by_cache, denied)] == [0, 0, 0]
    assert "Service tags  the Discovery API\n" in by_api[1]
    assert "Service tags  the cache of the Discovery API\n" in by_cache[1]
    assert "20.42.66.0/23" in by_api[1]
    assert json.loads((tmp_path / "x.json").read_text("utf-8"))["serviceTags"]["source"] == "cache"


def test_show_says_why_the_api_did_not_answer_where_there_is_no_cache() -> None:
    with FakeAzure(stricken(answering(FULL)), quota=PLENTY) as azure:
        code, out, err = tags(azure, "show", "Storage")

    assert (code, out) == (3, "")
    assert "AuthorizationFailed" in err


def test_diff_joins_a_live_scope_and_asks_only_what_that_takes(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    fetch(old, FULL)
    fetch(new, {**FULL, "AzureContainerRegistry.EastUS": [*EAST, "57.151.4.0/23"]})
    one = registry("east", SHOP, action="Deny", rules=EAST)
    with FakeAzure(world(one, task(one, "build"), registry("open")), quota=PLENTY) as azure:
        code, _, _ = tags(azure, "diff", old, new, "--json", tmp_path / "x.json")
        asked = requests(azure)
    document = json.loads((tmp_path / "x.json").read_text("utf-8"))

    assert code == 1
    assert [(each["name"], each["state"]) for each in document["registries"]] == [
        ("east", "affected"),
        ("open", "unaffected"),
    ]
    assert document["registries"][0]["refused"] == ["57.151.4.0/23"]
    assert document["registries"][0]["tasks"] == ["build"]
    assert asked["webhooks"] == asked["graph securityresources"] == 0


def test_diff_does_not_vouch_for_an_azure_that_refuses(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    fetch(old, FULL)
    faults = Faults()
    faults.on(lambda request: request.is_graph, Fault.FORBIDDEN, times=None)
    with FakeAzure(world(registry("east")), quota=PLENTY, faults=faults) as azure:
        code, out, err = tags(azure, "diff", old, old)

    assert code == 3
    assert "nothing was scanned" in err
    assert "not seen" in out
