"""Snapshots: what the manifest, the rows and the reads prove, and how they are refused."""

import gc
import gzip
import hashlib
import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from scanner.errors import FileError
from scanner.model.inventory import Gap, Read, Unusable, by_id
from scanner.model.resource import Resource, Row
from scanner.sources.files.snapshot import read_snapshot

SUBSCRIPTION = "/subscriptions/AAAAAAAA-2222-3333-4444-555555555555"
GROUP = f"{SUBSCRIPTION}/resourceGroups/Shop"
CONTOSO = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/Contoso"
KEY = CONTOSO.lower()
REGISTRY = "microsoft.containerregistry/registries"

Saver = Callable[..., Path]


def row(resource_id: str = CONTOSO, source: str = "resourceGraph") -> dict[str, Any]:
    return {"id": resource_id, "properties": {}, "source": source, "apiVersion": "2025-11-01"}


def lines(documents: list[Any]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


@pytest.fixture
def save(tmp_path: Path) -> Saver:
    """Write a snapshot's folder: the manifest's keys, the rows, the reads and other files by name."""

    def saved(rows: list[Any] | None, *, reads: list[Any] | None = None, **manifest: Any) -> Path:
        folder = tmp_path / "snapshot"
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps({"format": 1} | manifest), encoding="utf-8")
        if rows is not None:
            (folder / "resources.ndjson").write_text(lines(rows), encoding="utf-8")
        if reads is not None:
            (folder / "reads.ndjson").write_text(lines(reads), encoding="utf-8")
        return folder

    return saved


def query(rows: int, total: int | None = None, *types: str) -> dict[str, Any]:
    return {
        "table": "resources",
        "types": list(types) or ["Microsoft.ContainerRegistry/registries"],
        "rows": rows,
        "totalRecords": total,
        "pages": 1,
    }


def read(what: str, rows: int, status: int = 200, of: str = CONTOSO) -> dict[str, Any]:
    return {"of": of, "what": what, "apiVersion": "2025-11-01", "status": status, "rows": rows}


def test_of_the_manifest_only_the_format_is_needed(save: Saver) -> None:
    snapshot = read_snapshot(save([row()], unknown={"a": 1}), cloud="China")

    inventory = snapshot.inventory
    assert list(inventory.resources) == [KEY]
    assert inventory.complete
    assert inventory.collected == frozenset({REGISTRY})
    assert inventory.subscriptions == {"aaaaaaaa-2222-3333-4444-555555555555"}
    assert (snapshot.cloud, snapshot.collected, snapshot.scope) == ("China", None, {})
    assert (snapshot.service_tags, snapshot.queries) == (None, None)


def test_a_null_in_the_manifest_says_nothing(save: Saver) -> None:
    keys = ("tool", "collected", "cloud", "scope", "queries", "unseen", "unusable", "serviceTags", "sha256")
    snapshot = read_snapshot(save([row()], **dict.fromkeys(keys)))

    assert list(snapshot.inventory.resources) == [KEY]
    assert snapshot.inventory.complete


def test_the_manifest_tells_the_circumstances(save: Saver) -> None:
    scope = {"subscriptions": ["BBBBBBBB-2222-3333-4444-555555555555"], "managementGroup": "root"}

    snapshot = read_snapshot(
        save([row()], collected="2026-08-01T10:20:30.1234567Z", cloud="USGovernment", scope=scope)
    )

    assert snapshot.collected == "2026-08-01T10:20:30.1234567Z"
    assert snapshot.cloud == snapshot.inventory.cloud == "USGovernment"
    assert snapshot.scope == scope
    assert snapshot.inventory.subscriptions == {"bbbbbbbb-2222-3333-4444-555555555555"}


def test_rows_may_be_in_gzip_and_may_be_none(save: Saver) -> None:
    folder = save(None)
    (folder / "resources.ndjson.gz").write_bytes(gzip.compress(lines([row()]).encode()))

    assert list(read_snapshot(folder).inventory.resources) == [KEY]


def test_a_snapshot_may_be_empty(save: Saver) -> None:
    inventory = read_snapshot(save([], reads=[], queries=[query(0, 0)])).inventory

    assert inventory.complete
    assert inventory.resources == {}
    assert inventory.collected == frozenset({REGISTRY})


def test_queries_say_which_types_were_collected(save: Saver) -> None:
    queries = [query(1, 1), query(0, 0, "Microsoft.Network/NetworkSecurityGroups")]

    inventory = read_snapshot(save([row(), row(f"{CONTOSO}/tasks/t", "arm")], queries=queries)).inventory

    assert inventory.collected == frozenset({REGISTRY, "microsoft.network/networksecuritygroups"})
    assert inventory.complete


@pytest.mark.parametrize(
    ("saved", "total", "reason"),
    [
        (2, 2, "1 of the 2 rows of the query of resources are here"),
        (2, None, "1 of the 2 rows of the query of resources are here"),
        (1, 3, "1 of the 3 rows of the query of resources are here"),
        (0, 3, "0 of the 3 rows of the query of resources are here"),
    ],
)
def test_rows_that_a_query_misses_are_a_gap(save: Saver, saved: int, total: int | None, reason: str) -> None:
    inventory = read_snapshot(
        save([row(), row(source="arm")], queries=[query(saved, total)]), assume_complete=True
    ).inventory

    assert inventory.gaps == (Gap(REGISTRY, "", reason),)
    assert inventory.collected is None


@pytest.mark.parametrize(
    ("what", "looked_up"),
    [
        ("Microsoft.ContainerRegistry/registries/agentPools", f"{REGISTRY}/agentpools"),
        (
            "Microsoft.ContainerRegistry/registries/properties.networkRuleSet",
            f"{REGISTRY}/properties.networkRuleSet",
        ),
        ("Microsoft.ContainerRegistry/Registries/Tasks/identity", f"{REGISTRY}/tasks/identity"),
        ("Microsoft.ContainerRegistry/Registries/sku.name", f"{REGISTRY}/sku.name"),
        ("Microsoft.Resources/Tags", "microsoft.resources/tags"),
        ("*", "*"),
    ],
)
def test_what_is_unseen_is_found_in_lower_case_but_for_properties(
    save: Saver, what: str, looked_up: str
) -> None:
    unseen = [{"what": what, "where": CONTOSO, "reason": "403", "help": "ask for Reader"}]

    inventory = read_snapshot(save([row()], unseen=unseen)).inventory

    assert inventory.gaps == (Gap(looked_up, KEY, "403", "ask for Reader"),)
    assert inventory.gap(looked_up, KEY) is not None


def test_reads_prove_what_was_listed(save: Saver) -> None:
    reads = [read("agentPools", 0), read("tasks", 1), read("self", 1), read("cacheRules", 0, status=403)]

    inventory = read_snapshot(save([row(), row(f"{CONTOSO}/Tasks/t", "arm")], reads=reads)).inventory

    assert inventory.reads[0] == Read(KEY, "agentPools", "2025-11-01", 200, 0)
    assert [read.what for read in inventory.reads] == ["agentPools", "tasks", "self", "cacheRules"]
    assert inventory.listed(KEY, "agentPools")
    assert not inventory.listed(KEY, "cacheRules")
    assert inventory.complete


@pytest.mark.parametrize(
    ("what", "child", "part"),
    [
        ("tasks", f"{REGISTRY}/tasks", "tasks"),
        ("agentPools", f"{REGISTRY}/agentpools", "agentPools"),
        ("cacheRules", f"{REGISTRY}/cacherules", "cacheRules"),
        ("webhooks", f"{REGISTRY}/webhooks", "webhooks"),
        ("replications", f"{REGISTRY}/replications", "replications"),
        (
            "diagnosticSettings",
            "microsoft.insights/diagnosticsettings",
            "providers/Microsoft.Insights/diagnosticSettings",
        ),
    ],
)
def test_a_list_of_which_rows_are_missing_counts_as_not_read(
    save: Saver, what: str, child: str, part: str
) -> None:
    rows = [
        row(f"{CONTOSO}/{part}/a", "arm"),
        row(f"{CONTOSO}/{part}/A", "arm"),
        row(f"{CONTOSO}/{part}/b"),
        row(f"{CONTOSO}2/{part}/c", "arm"),
    ]

    inventory = read_snapshot(save(rows, reads=[read(what, 2)])).inventory

    assert inventory.gaps == (Gap(child, KEY, f"1 of the 2 rows of the list {what} are here"),)
    assert inventory.reads == ()


def test_a_list_that_is_whole_counts_as_read(save: Saver) -> None:
    rows = [row(f"{CONTOSO}/providers/Microsoft.Insights/diagnosticSettings/a", "arm")]

    inventory = read_snapshot(save(rows, reads=[read("diagnosticSettings", 1)])).inventory

    assert inventory.listed(KEY, "diagnosticSettings")
    assert inventory.complete


def test_a_line_that_is_no_row_or_read_is_unusable(save: Saver) -> None:
    folder = save([row(), {"name": "x"}], reads=[{"of": CONTOSO}, read("tasks", 0)])
    with (folder / "reads.ndjson").open("a", encoding="utf-8") as file:
        file.write("{\n")

    inventory = read_snapshot(folder).inventory

    assert inventory.unusable == (
        Unusable(f"{folder}/resources.ndjson:2", "the row has no `id`"),
        Unusable(f"{folder}/reads.ndjson:1", ANY),
        Unusable(f"{folder}/reads.ndjson:3", "the JSON is cut short, it ends too early"),
    )
    assert not inventory.complete


def test_a_snapshot_without_a_usable_row_is_incomplete(save: Saver) -> None:
    inventory = read_snapshot(save([{"name": "x"}])).inventory

    assert inventory.resources == {}
    assert not inventory.complete


def test_service_tags_come_from_the_snapshot(save: Saver) -> None:
    folder = save([row()], serviceTags={"source": "file", "published": "2025-02-17"})
    values = [{"name": "AzureContainerRegistry.EastUS", "properties": {"addressPrefixes": ["20.42.66.0/24"]}}]
    tags = {"changeNumber": 346, "cloud": "Public", "values": values}
    (folder / "service-tags.json").write_text(json.dumps(tags), encoding="utf-8")

    found = read_snapshot(folder).service_tags

    assert found is not None
    assert (found.source, found.published, found.change_number) == ("snapshot", "2025-02-17", "346")
    assert list(found.tags) == ["azurecontainerregistry.eastus"]


def test_service_tags_that_are_none_are_refused(save: Saver) -> None:
    folder = save([row()])
    (folder / "service-tags.json").write_text("{}", encoding="utf-8")

    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)

    assert str(refusal.value).startswith(f"{folder}/service-tags.json: these are no service tags (values: ")


def test_digests_are_checked_where_given(save: Saver) -> None:
    digest = hashlib.sha256(lines([row()]).encode()).hexdigest()

    folder = save([row()], sha256={"resources.ndjson": digest.upper()})

    assert read_snapshot(folder).inventory.complete
    (folder / "resources.ndjson").write_text(lines([row(), row()]), encoding="utf-8")
    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)
    assert str(refusal.value) == (
        f"{folder}/resources.ndjson: this is not the file that was saved (its SHA-256 is another)"
    )


def test_a_file_that_the_digests_name_must_be_there(save: Saver) -> None:
    folder = save([row()], sha256={"reads.ndjson": "00"})

    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)

    assert str(refusal.value) == f"{folder}: the snapshot lacks 'reads.ndjson', which its manifest names"


def test_a_snapshot_without_resources_is_refused(save: Saver) -> None:
    folder = save(None)

    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)

    assert str(refusal.value) == f"{folder}: the snapshot lacks resources.ndjson"


def test_a_snapshot_with_two_files_of_resources_is_refused(save: Saver) -> None:
    folder = save([row()])
    (folder / "resources.ndjson.gz").write_bytes(gzip.compress(b""))

    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)

    assert str(refusal.value) == f"{folder}: the snapshot holds both resources.ndjson and resources.ndjson.gz"


def test_resources_that_are_cut_short_are_refused(save: Saver) -> None:
    folder = save([row()])
    (folder / "resources.ndjson").write_text(lines([row(), row()])[:-2], encoding="utf-8")

    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)

    assert str(refusal.value) == (
        f"{folder}/resources.ndjson:2: the file is cut short, its last line is not whole"
    )


BAD: dict[str, tuple[object, str]] = {
    "a newer format": (
        {"format": 2, "queries": "of another shape"},
        "the snapshot was written by a newer acr-scan (format 2)",
    ),
    "no format": ({}, "`format`"),
    "a format that never was": ({"format": 0}, "`format`: expected 1, got 0"),
    "a format in quotes": ({"format": "1"}, "`format`: "),
    "a boolean format": ({"format": True}, "`format`: "),
    "an array": ([], "array"),
    "a bad query": (
        {"format": 1, "queries": [query(1), query(1) | {"rows": "2"}]},
        "`queries[1].rows`: ",
    ),
    "an unseen thing without a reason": (
        {"format": 1, "unseen": [{"what": "a", "where": "b"}]},
        "`unseen[0]`: ",
    ),
    "a bad cloud": ({"format": 1, "cloud": 1}, "`cloud`: "),
    "a bad scope": ({"format": 1, "scope": []}, "`scope`: "),
    "bad subscriptions": (
        {"format": 1, "scope": {"subscriptions": "a"}},
        "`scope.subscriptions`: expected an array of strings",
    ),
    "a bad subscription": (
        {"format": 1, "scope": {"subscriptions": [1]}},
        "`scope.subscriptions`: expected an array of strings",
    ),
    "a bad digest": (
        {"format": 1, "sha256": {"a": 1}},
        "`sha256[...]`: ",
    ),
    "a time without a zone": (
        {"format": 1, "collected": "2026-08-01T10:20:30"},
        "`collected`: expected an RFC 3339 time, got '2026-08-01T10:20:30'",
    ),
    "a time that never was": (
        {"format": 1, "collected": "2026-02-30T10:20:30Z"},
        "`collected`: expected an RFC 3339 time, got '2026-02-30T10:20:30Z'",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_manifest_is_refused_in_one_sentence(case: str, save: Saver) -> None:
    manifest, sentence = BAD[case]
    folder = save([row()])
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    with pytest.raises(FileError) as refusal:
        read_snapshot(folder)

    place, said = str(refusal.value).split(": ", 1)
    assert place == f"{folder}/manifest.json"
    assert sentence in said  # all of it where it is ours; what msgspec says of a type is its own


def test_a_missing_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refusal:
        read_snapshot(tmp_path / "none")

    assert str(refusal.value) == f"{tmp_path}/none: there is no such file"


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 300)

    with pytest.raises(FileError) as refusal:
        read_snapshot(path)

    assert str(refusal.value) == f"{path}: the path cannot be followed (file name too long)"


def test_a_folder_without_a_manifest_is_one_of_bare_pages(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps({"value": [row()]}), encoding="utf-8")

    assert list(read_snapshot(tmp_path).inventory.resources) == [KEY]


@pytest.fixture
def collecting() -> Iterator[None]:
    """Whatever a test does to it, the collector is on afterwards, and nothing is frozen."""
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("collecting")
@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_it_was_after_reading_and_after_failing(enabled: bool, save: Saver) -> None:
    folder = save([row()])
    frozen = gc.get_freeze_count()
    if not enabled:
        gc.disable()

    read_snapshot(folder)
    after_reading = gc.isenabled(), gc.get_freeze_count()
    with pytest.raises(FileError):
        read_snapshot(folder / "none.ndjson")

    assert (enabled, frozen) == after_reading == (gc.isenabled(), gc.get_freeze_count())


@pytest.mark.usefixtures("collecting")
def test_nothing_is_collected_while_rows_are_read(save: Saver, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def spy(rows: Iterable[Row]) -> Mapping[str, Resource]:
        seen.append(gc.isenabled())
        return by_id(rows)

    monkeypatch.setattr("scanner.sources.rows.row_buffer.by_id", spy)

    read_snapshot(save([row()]))

    assert seen == [False]


def test_a_letter_whose_lower_case_is_longer_moves_no_segment(save: Saver) -> None:
    identifier = "/x/İİ/Subscriptions/Sİ/resourcegroups/Gİ/providers/Microsoft.ContainerRegistry/registries/İ"

    inventory = read_snapshot(save([row(identifier)])).inventory

    resource = inventory.resources[identifier.lower()]
    assert (resource.name, resource.resource_group) == ("İ", "Gİ")
    assert resource.subscription == "Sİ".lower()
    assert inventory.subscriptions == {"Sİ".lower()}


def test_a_resource_travels_and_cannot_be_changed(save: Saver) -> None:
    resource = read_snapshot(save([row(), row(source="arm")])).inventory.resources[KEY]

    assert pickle.loads(pickle.dumps(resource)) == resource  # noqa: S301 - what was pickled right here
    with pytest.raises(AttributeError):
        resource.rows[0].type = "a.b/c"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        resource.key = "x"  # type: ignore[misc]
