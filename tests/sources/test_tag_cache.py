"""The cache of service tags: where it lies, and what is read back of it."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.app.scan.service_tag_cache import TagCache, age, days_old
from scanner.errors import FileError, SourceError
from scanner.network.service_tags import ServiceTags, parse_service_tags
from scanner.sources.cloud import CLOUDS, cloud_at
from scanner.sources.files.service_tags import read_service_tags
from scanner.sources.files.tag_cache import as_file, cache_path, cached
from scanner.text.writer import write_whole

NOW = "2026-11-21T05:00:00Z"
DOCUMENT = {
    "changeNumber": "74",
    "cloud": "Public",
    "type": "Microsoft.Network/serviceTags",
    "values": [
        {"name": "Storage", "properties": {"addressPrefixes": ["20.42.66.0/24", "2603:1030::/64"]}},
        {"name": "Storage.EastUS", "properties": {"addressPrefixes": []}},
    ],
}
TAGS = parse_service_tags(DOCUMENT, source="api", published=None)
FAILURE = SourceError("Azure refused")


def kept(path: Path, fetched: str = NOW) -> Path:
    path.write_text(as_file(TAGS, fetched), "utf-8")
    return path


def test_the_cache_of_a_cloud_lies_in_the_named_folder(cache_folder: Path) -> None:
    assert cache_path(CLOUDS["China"]) == cache_folder / "service-tags-China.json"


def test_without_a_named_folder_it_lies_where_the_system_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACR_SCAN_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert cache_path(CLOUDS["Public"]) == tmp_path / "acr-scan" / "service-tags-Public.json"


def test_the_tags_of_another_endpoint_lie_apart(cache_folder: Path) -> None:
    paths = {cache_path(cloud_at("Public", end)) for end in (None, "https://a.example", "https://b.example")}

    assert len(paths) == 3
    assert {path.parent for path in paths} == {cache_folder}


def test_what_is_kept_is_read_back_with_its_time_and_feed(tmp_path: Path) -> None:
    found = cached(kept(tmp_path / "tags.json"))

    assert found == replace(TAGS, source="cache")
    assert found is not None
    assert (found.fetched, found.feed, found.source) == (NOW, "api", "cache")


def test_a_kept_file_is_a_service_tag_file_like_any_other(tmp_path: Path) -> None:
    found = read_service_tags(kept(tmp_path / "tags.json"))

    assert (found.source, found.feed, found.fetched, found.published) == ("file", "api", NOW, None)


def test_no_cache_is_none(tmp_path: Path) -> None:
    assert cached(tmp_path / "none" / "tags.json") is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("{", "is not valid JSON"),
        ("<html>", "is an HTML or XML page"),
        (json.dumps(DOCUMENT), "does not say when it was fetched"),
        (json.dumps({**DOCUMENT, "fetched": "2026-13-45T99:00:00Z"}), "does not say when it was fetched"),
        (json.dumps({**DOCUMENT, "fetched": "yesterday"}), "fetched: expected a time such as"),
        (json.dumps({**DOCUMENT, "fetched": 7}), "fetched: expected a time such as"),
        (as_file(TAGS, NOW)[:-40], "is not valid JSON"),
    ],
)
def test_a_damaged_cache_is_refused_and_a_scan_goes_on_without(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "tags.json"
    path.write_text(text, "utf-8")

    with pytest.raises(FileError, match=complaint):
        cached(path)
    found, notices = TagCache(path, 7, NOW).after(FAILURE, lambda _: None)
    assert found is None
    assert [(notice.kind, complaint in notice.reason) for notice in notices] == [("service-tag-cache", True)]
    assert notices[0].reason.startswith("the cache was ignored: ")


def test_a_name_that_the_system_refuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: file name too long"):
        cached(tmp_path / ("x" * 300))


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder"):
        cached(tmp_path)


@pytest.mark.parametrize(
    ("fetched", "used", "said"),
    [
        ("2026-11-21T04:00:00Z", True, "today; it was used"),
        ("2026-11-19T06:00:00Z", True, "1 day ago; it was used"),
        ("2026-11-13T05:00:01Z", True, "7 days ago; it was used"),
        ("2026-11-13T05:00:00Z", False, "8 days ago; it was ignored, as --max-tag-age is 7"),
        ("2026-11-21T05:00:01Z", False, "in the future; it was ignored, as a clock is wrong"),
    ],
)
def test_a_cache_serves_until_it_is_too_old_and_says_its_age(
    tmp_path: Path, fetched: str, used: bool, said: str
) -> None:
    memory = TagCache(kept(tmp_path / "tags.json", fetched), 7, NOW)

    found, notices = memory.after(FAILURE, lambda _: None)

    assert (found is not None) is used
    assert [notice.reason for notice in notices] == [
        f"the cache holds what the API answered on {fetched}, {said}"
    ]


def test_an_answer_is_kept_whole_and_replaces_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "cache" / "tags.json"
    memory = TagCache(path, 7, NOW)

    assert memory.after(TAGS, lambda _: None) == (None, ())
    memory.after(replace(TAGS, change_number="75"), lambda _: None)

    found = cached(path)
    assert found is not None
    assert found.change_number == "75"
    assert [each.name for each in path.parent.iterdir()] == ["tags.json"]


def test_without_a_cache_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert TagCache(tmp_path / "tags.json", 7, NOW).after(FAILURE, lambda _: None) == (None, ())


def test_an_answer_without_tags_is_not_kept(tmp_path: Path) -> None:
    TagCache(tmp_path / "tags.json", 7, NOW).after(replace(TAGS, tags={}), lambda _: None)

    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    told: list[str] = []

    found = TagCache(tmp_path / "file" / "tags.json", 7, NOW).after(TAGS, told.append)

    assert found == (None, ())
    assert len(told) == 1
    assert told[0].startswith(f"the service tags were not cached: {tmp_path}")


def test_writers_side_by_side_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "tags.json"
    lists = [replace(TAGS, change_number=str(number)) for number in range(8)]
    seen: list[ServiceTags | None] = []

    def write(tags: ServiceTags) -> None:
        for _ in range(20):
            write_whole(path, [as_file(tags, NOW)])
            seen.append(cached(path))

    threads = [threading.Thread(target=write, args=[tags]) for tags in lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 160
    assert None not in seen
    assert [each.name for each in tmp_path.iterdir()] == ["tags.json"]


@pytest.mark.parametrize(
    ("since", "days"), [("2026-11-14", 7), ("2026-11-21", 0), ("2026-11-22", -1), ("x", None)]
)
def test_an_age_is_in_whole_days(since: str, days: int | None) -> None:
    assert age(since, NOW) == days


def test_days_are_told_in_words() -> None:
    assert [days_old(days) for days in (-1, 0, 1, 2)] == ["in the future", "today", "1 day ago", "2 days ago"]
