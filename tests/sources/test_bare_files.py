"""Bare files: every form that tools leave behind, from the wire format on."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recordings import Corpus, on_each_corpus

from scanner.errors import FileError
from scanner.model.inventory import Gap, Unusable
from scanner.model.resource import Source
from scanner.sources.files.raw_exports import ReadResult, read_raw_exports
from scanner.sources.files.snapshot import Snapshot, read_snapshot

SUBSCRIPTION = "/subscriptions/AAAAAAAA-2222-3333-4444-555555555555"
REGISTRIES = f"{SUBSCRIPTION}/resourceGroups/Shop/providers/Microsoft.ContainerRegistry/registries"
REGISTRY = "microsoft.containerregistry/registries"
NEXT_PAGE = "save the pages that follow too (az graph query --skip-token …) and give the folder of all pages"


def row(name: str) -> dict[str, Any]:
    return {"id": f"{REGISTRIES}/{name}", "properties": {}}


def saved(folder: Path, document: object, name: str = "rows.json") -> Path:
    path = folder / name
    data = json.dumps(document).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def names(found: ReadResult) -> list[str]:
    return [row.id.rpartition("/")[2] for row in found.rows]


FORMS: dict[str, tuple[object, Source]] = {
    "an answer of Resource Graph": (
        {
            "totalRecords": 2,
            "count": 2,
            "data": [row("a"), row("b")],
            "facets": [],
            "resultTruncated": "false",
        },
        Source.RESOURCE_GRAPH,
    ),
    "az graph query": (
        {"count": 2, "data": [row("a"), row("b")], "skip_token": None, "total_records": 2},
        Source.RESOURCE_GRAPH,
    ),
    "a table of Resource Graph": (
        {
            "totalRecords": 2,
            "data": {
                "columns": [{"name": "id", "type": "string"}, {"name": "properties", "type": "object"}],
                "rows": [[f"{REGISTRIES}/a", {}], [f"{REGISTRIES}/b", {}]],
            },
        },
        Source.RESOURCE_GRAPH,
    ),
    "an ARM list": ({"value": [row("a"), row("b")], "nextLink": ""}, Source.ARM),
    "an array": ([row("a"), row("b")], Source.RESOURCE_GRAPH),
}


@pytest.mark.parametrize("name", ["rows.json", "rows.JSON.gz"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_its_rows(form: str, name: str, tmp_path: Path) -> None:
    document, source = FORMS[form]

    found = read_raw_exports(saved(tmp_path, document, name))

    assert names(found) == ["a", "b"]
    assert {(row.source, row.api_version) for row in found.rows} == {(source, None)}
    assert (found.unusable, found.gaps) == ([], [])


def test_a_single_resource_is_a_row(tmp_path: Path) -> None:
    assert names(read_raw_exports(saved(tmp_path, row("a")))) == ["a"]


def test_a_row_may_name_its_source_and_version(tmp_path: Path) -> None:
    rows = [row("a") | {"source": "arm", "apiVersion": "2025-11-01"}]

    (only,) = read_raw_exports(saved(tmp_path, rows)).rows

    assert (only.source, only.api_version) == (Source.ARM, "2025-11-01")


@pytest.mark.parametrize("name", ["rows.ndjson", "rows.jsonl", "rows.ndjson.gz", "rows.jsonl.gz"])
def test_lines_are_rows(name: str, tmp_path: Path) -> None:
    text = "".join(json.dumps(row(letter)) + "\n" for letter in "ab").encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)

    assert names(read_raw_exports(tmp_path / name)) == ["a", "b"]


def test_a_bad_line_is_unusable_and_the_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_text(f"{json.dumps(row('a'))}\n{{\n[]\n{json.dumps(row('b'))}", encoding="utf-8")

    found = read_raw_exports(path)

    assert names(found) == ["a", "b"]
    assert found.unusable == [
        Unusable(f"{path}:2", "the JSON is cut short, it ends too early"),
        Unusable(f"{path}:3", "a row must be an object, not an array"),
    ]


def test_a_file_of_lines_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_text(f"{json.dumps(row('a'))}\n{json.dumps(row('b'))[:-1]}", encoding="utf-8")

    with pytest.raises(FileError) as refusal:
        read_raw_exports(path)

    assert str(refusal.value) == f"{path}:2: the file is cut short, its last line is not whole"


def test_an_empty_file_of_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(b"\n")

    with pytest.raises(FileError) as refusal:
        read_raw_exports(path)

    assert str(refusal.value) == f"{path}: the file is empty"


def test_a_bad_element_is_unusable_and_the_others_are_kept(tmp_path: Path) -> None:
    path = saved(
        tmp_path, {"data": [row("a"), row("b") | {"tags": "\ud800"}, 7, row("c")], "totalRecords": 4}
    )

    found = read_raw_exports(path)

    assert names(found) == ["a", "c"]
    assert found.unusable == [
        Unusable(f"{path}: row 2", "the row holds half a surrogate pair, which is no text"),
        Unusable(f"{path}: row 3", "a row must be an object, not a number"),
    ]
    assert found.gaps == []


def test_a_row_of_a_table_that_does_not_fit_is_unusable(tmp_path: Path) -> None:
    columns = [{"name": "id"}, {"name": "properties"}]
    rows = [[f"{REGISTRIES}/a"], {"id": f"{REGISTRIES}/b"}, [f"{REGISTRIES}/c", {}]]

    found = read_raw_exports(saved(tmp_path, {"data": {"columns": columns, "rows": rows}}))

    assert names(found) == ["c"]
    assert [row.where for row in found.unusable] == [f"{tmp_path}/rows.json: row {n}" for n in (1, 2)]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({"totalRecords": 3, "$skipToken": "x"}, "1 of the query's 3 rows are in rows.json"),
        ({"total_records": 3, "skip_token": "x"}, "1 of the query's 3 rows are in rows.json"),
        ({"totalRecords": 3}, "1 of the query's 3 rows are in rows.json"),
        ({"$skipToken": "x"}, "the last page of the query is not among rows.json"),
        ({"resultTruncated": "true"}, "the last page of the query is not among rows.json"),
        ({"resultTruncated": True}, "the last page of the query is not among rows.json"),
        ({"totalRecords": "3", "$skipToken": "x"}, "the last page of the query is not among rows.json"),
    ],
)
def test_a_missing_page_is_a_gap(page: dict[str, Any], reason: str, tmp_path: Path) -> None:
    found = read_raw_exports(saved(tmp_path, {"data": [row("a")], **page}))

    assert names(found) == ["a"]
    assert found.gaps == [Gap(REGISTRY, "", reason, NEXT_PAGE)]


def test_each_type_of_a_query_has_its_gap_and_no_type_a_general_one(tmp_path: Path) -> None:
    rows = [row("a"), row("a/tasks/t")]

    some = read_raw_exports(saved(tmp_path, {"data": rows, "totalRecords": 3})).gaps
    none = read_raw_exports(saved(tmp_path, {"data": [], "totalRecords": 3})).gaps

    assert [gap.what for gap in some] == [REGISTRY, f"{REGISTRY}/tasks"]
    assert [gap.what for gap in none] == ["*"]


def test_the_next_link_of_an_arm_list_is_a_gap(tmp_path: Path) -> None:
    found = read_raw_exports(
        saved(tmp_path, {"value": [row("a")], "nextLink": "https://management.azure.com/…"})
    )

    assert found.gaps == [
        Gap(
            REGISTRY,
            "",
            "the `nextLink` of rows.json leads to a page more",
            "put the rows of all pages into one `value`, without `nextLink`",
        )
    ]


def test_the_pages_of_a_folder_complete_each_other(tmp_path: Path) -> None:
    saved(tmp_path, {"totalRecords": 3, "data": [row("b")], "$skipToken": "x"}, "2.json.gz")
    saved(tmp_path, {"totalRecords": 3, "data": [row("a")], "$skipToken": "x"}, "1.json")
    saved(tmp_path, {"totalRecords": 3, "data": [row("c")]}, "3.json")
    saved(tmp_path, {"no": "rows"}, ".hidden.json")
    saved(tmp_path, {"no": "rows"}, "notes.txt")
    (tmp_path / "4.NDJSON").write_text(json.dumps(row("d")), encoding="utf-8")
    (tmp_path / "folder.json").mkdir()

    found = read_raw_exports(tmp_path)

    assert names(found) == ["a", "b", "c", "d"]
    assert found.gaps == []


def test_a_page_that_was_saved_twice_stands_for_no_other(tmp_path: Path) -> None:
    for name in ("1.json", "2.json"):
        saved(tmp_path, {"totalRecords": 2, "data": [row("a")], "$skipToken": "x"}, name)

    assert read_raw_exports(tmp_path).gaps == [
        Gap(REGISTRY, "", "1 of the query's 2 rows are in 1.json, 2.json", NEXT_PAGE)
    ]


def test_a_row_that_moved_to_another_page_counts_once(tmp_path: Path) -> None:
    saved(tmp_path, {"totalRecords": 2, "data": [row("a")], "$skipToken": "x"}, "1.json")
    saved(tmp_path, {"totalRecords": 2, "data": [row("A")]}, "2.json")

    assert [gap.reason for gap in read_raw_exports(tmp_path).gaps] == [
        "1 of the query's 2 rows are in 1.json, 2.json"
    ]


def test_an_unusable_row_stands_for_itself_only(tmp_path: Path) -> None:
    saved(tmp_path, {"totalRecords": 3, "data": [row("a"), 7, 8]}, "1.json")
    saved(tmp_path, {"totalRecords": 4, "data": [row("b"), 7]}, "2.json")

    assert [gap.reason for gap in read_raw_exports(tmp_path).gaps] == [
        "2 of the query's 4 rows are in 2.json"
    ]


def test_queries_of_other_totals_and_arrays_complete_nothing(tmp_path: Path) -> None:
    saved(tmp_path, {"totalRecords": 2, "data": [row("a")]}, "1.json")
    saved(tmp_path, {"totalRecords": 1, "data": [row("b")]}, "2.json")
    saved(tmp_path, [row("c")], "3.json")
    saved(tmp_path, {"data": [row("d/tasks/t")], "$skipToken": "x"}, "4.json")

    assert [gap.reason for gap in read_raw_exports(tmp_path).gaps] == [
        "1 of the query's 2 rows are in 1.json",
        "the last page of the query is not among 4.json",
    ]


def test_pages_without_a_total_end_with_one_without_a_token(tmp_path: Path) -> None:
    saved(tmp_path, {"data": [row("a")], "skip_token": "x"}, "1.json")
    saved(tmp_path, {"data": [row("b")], "skip_token": None}, "2.json")

    assert read_raw_exports(tmp_path).gaps == []


def test_a_folder_without_files_of_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(FileError) as refusal:
        read_raw_exports(tmp_path)

    assert str(refusal.value) == (
        f"{tmp_path}: the folder has no manifest.json, so it is no snapshot, and no .json or .ndjson file"
    )


EXPECTED = "expected Resource Graph rows in `data`, an ARM list in `value`, an array of rows, or one resource"
FLAT = (
    "these rows have no `properties`, as az acr list and az acr show print them; use az graph query -q "
    "\"resources | where type startswith 'microsoft.containerregistry' | project id, name, type, location, "
    'resourceGroup, subscriptionId, apiVersion, sku, identity, tags, properties" --first 1000 -o json, '
    "or az rest --method get --url …"
)
ERROR = "this is an error that Azure answered and holds no rows"
REFUSED: dict[str, tuple[object, str]] = {
    "az acr list": (
        [{"id": f"{REGISTRIES}/a", "loginServer": "a.azurecr.io", "sku": {"name": "Basic"}}],
        FLAT,
    ),
    "az acr show": ({"id": f"{REGISTRIES}/a", "loginServer": "a.azurecr.io"}, FLAT),
    "az acr task list": ([{"id": f"{REGISTRIES}/a/tasks/t", "provisioningState": "Succeeded"}], FLAT),
    "a query without properties": ({"data": [{"id": f"{REGISTRIES}/a", "loginServer": "a"}]}, FLAT),
    "an error": (
        {"error": {"code": "AuthorizationFailed", "message": "The client\n has no right."}},
        f"{ERROR} (AuthorizationFailed: The client has no right.)",
    ),
    "an error whose code stands in its details": (
        {
            "error": {
                "code": "BadRequest",
                "message": "Please provide …",
                "details": [
                    {"code": "InvalidQuery", "message": "Query is invalid."},
                    {"code": "ParserFailure", "line": 1},
                ],
            },
            "status": "Failed",
        },
        f"{ERROR} (BadRequest, InvalidQuery, ParserFailure: Query is invalid.)",
    ),
    "an inner error": (
        {"code": "RateLimiting", "message": "Slow down."},
        f"{ERROR} (RateLimiting: Slow down.)",
    ),
    "an empty error": ({"error": {}}, f"{ERROR} (no code: no message)"),
    "service tags": (
        {"changeNumber": 346, "cloud": "Public", "values": []},
        "these are service tags, not resources; they belong to --service-tags",
    ),
    "service tags of the API": (
        {"changeNumber": "74", "id": "/x", "values": []},
        "these are service tags, not resources; they belong to --service-tags",
    ),
    "a manifest": ({"format": 1}, "this is a snapshot's manifest; give the snapshot's folder"),
    "results": ({"format": 1, "results": []}, "these are results of a scan, not resources"),
    "another object": ({"a": 1, "b\n": 2}, f"an object with 'a', 'b\\n' is no list of resources; {EXPECTED}"),
    "an empty object": ({}, f"an object with no keys is no list of resources; {EXPECTED}"),
    "data of another shape": ({"data": {}}, f"an object with 'data' is no list of resources; {EXPECTED}"),
    "a text": ("rows", f"a string is no list of resources; {EXPECTED}"),
    "a table without names": (
        {"data": {"columns": [{"type": "string"}], "rows": [["x"]]}},
        "the table in `data` has a column without a name",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_holds_no_rows_is_refused_in_one_sentence(case: str, tmp_path: Path) -> None:
    document, sentence = REFUSED[case]
    path = saved(tmp_path, document)

    with pytest.raises(FileError) as refusal:
        read_raw_exports(path)

    assert str(refusal.value) == f"{path}: {sentence}"


def test_a_flat_line_is_refused_like_a_flat_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_text(json.dumps({"id": f"{REGISTRIES}/a", "loginServer": "a"}), encoding="utf-8")

    with pytest.raises(FileError) as refusal:
        read_raw_exports(path)

    assert str(refusal.value) == f"{path}: {FLAT}"


def test_a_query_may_lift_a_member_beside_the_properties(tmp_path: Path) -> None:
    assert names(read_raw_exports(saved(tmp_path, [row("a") | {"loginServer": "a.azurecr.io"}]))) == ["a"]


def test_a_row_that_is_no_resource_is_not_taken_for_a_flat_one(tmp_path: Path) -> None:
    found = read_raw_exports(saved(tmp_path, [{"id": "a", "loginServer": "a"}, row("b")]))

    assert [one.reason for one in found.unusable] == ["`id` is no resource id: 'a'"]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="pipes have no names here")
def test_rows_may_come_through_a_pipe() -> None:
    reader, writer = os.pipe()
    os.write(writer, json.dumps([row("a")]).encode())
    os.close(writer)

    snapshot = read_snapshot(Path(f"/dev/fd/{reader}"))

    os.close(reader)
    assert snapshot.inventory.rows == 1


def test_the_generic_list_without_properties_is_not_taken_for_a_flat_one(tmp_path: Path) -> None:
    rows = [{"id": f"{REGISTRIES}/a", "name": "a", "location": "eastus", "sku": {"name": "Basic"}}]

    assert names(read_raw_exports(saved(tmp_path, {"value": rows}))) == ["a"]


def test_no_usable_row_among_some_leaves_only_unusable_ones(tmp_path: Path) -> None:
    path = saved(tmp_path, [{"name": "a"}, 7])

    inventory = read_snapshot(path).inventory

    assert inventory.resources == {}
    assert [row.where for row in inventory.unusable] == [f"{path}: row 1", f"{path}: row 2"]
    assert not inventory.complete


def test_no_rows_at_all_are_an_empty_inventory(tmp_path: Path) -> None:
    snapshot = read_snapshot(saved(tmp_path, {"data": [], "totalRecords": 0}))

    assert snapshot.inventory.resources == {}
    assert snapshot.inventory.complete
    assert snapshot.inventory.collected == frozenset()


def bare(tmp_path: Path, **options: Any) -> Snapshot:
    rows = [row("b"), row("A"), row("a"), row("A/tasks/t")]
    return read_snapshot(saved(tmp_path, rows), **options)


def test_a_bare_file_is_complete_and_has_collected_the_types_of_its_rows(tmp_path: Path) -> None:
    snapshot = bare(tmp_path, cloud="China")

    assert [key.rpartition("/")[2] for key in snapshot.inventory.resources] == ["a", "t", "b"]
    assert snapshot.inventory.rows == 4
    assert snapshot.inventory.complete
    assert snapshot.inventory.collected == frozenset({REGISTRY, f"{REGISTRY}/tasks"})
    assert snapshot.inventory.subscriptions == {"aaaaaaaa-2222-3333-4444-555555555555"}
    assert not snapshot.inventory.listed(f"{REGISTRIES}/a".lower(), "agentPools")
    assert (snapshot.cloud, snapshot.collected, snapshot.scope) == ("China", None, {})


def test_every_type_of_a_bare_file_counts_if_its_giver_says_so(tmp_path: Path) -> None:
    inventory = bare(tmp_path, assume_complete=True).inventory

    assert inventory.collected is None
    assert inventory.listed(f"{REGISTRIES}/a".lower(), "agentPools")


def bodies(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8")
    found = (
        [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]
    )
    return [one["body"] for one in found if "body" in one]


def recordings(corpus: Corpus) -> Iterator[Path]:
    for folder in ("azure-cli-recordings", "azure-cli-recordings-network"):
        yield from corpus.files(f"arm/{folder}/*.json*")


@on_each_corpus
def test_every_recorded_arm_body_becomes_rows(corpus: Corpus, tmp_path: Path) -> None:
    usable = unusable = 0
    for path in recordings(corpus):
        for body in bodies(path):
            if "serviceUri" in body:
                continue
            found = read_raw_exports(saved(tmp_path, body))
            assert len(found.rows) + len(found.unusable) == len(body.get("value", [body]))
            usable += len(found.rows)
            unusable += len(found.unusable)

    assert usable > (30 if corpus.is_ours else 600)
    assert unusable == 0


@on_each_corpus
@pytest.mark.parametrize("name", ["test_query", "test_paged_query", "test_skip_token_query"])
def test_every_recorded_answer_of_resource_graph_becomes_rows(
    name: str, corpus: Corpus, tmp_path: Path
) -> None:
    calls = json.loads(
        (corpus.folder / "arg" / "azure-cli-extensions" / f"{name}.json").read_text(encoding="utf-8")
    )
    for call in calls:
        body = call["response"]["body"]
        data = body["data"]
        found = ReadResult()
        try:
            found = read_raw_exports(saved(tmp_path, body))
        except FileError as error:
            assert "no `properties`" in str(error)  # noqa: PT017 - either answer is a right one
            continue

        assert len(found.rows) + len(found.unusable) == len(data["rows"] if isinstance(data, dict) else data)


@on_each_corpus
def test_recorded_errors_are_refused_with_their_code(corpus: Corpus, tmp_path: Path) -> None:
    codes = {
        "400_InvalidQuery_2019": "InvalidQuery",
        "400_NoValidSubscriptions": "NoValidSubscriptionsInQueryRequest",
        "400_ResponsePayloadTooLarge": "ResponsePayloadTooLarge",
        "429_RateLimiting": "RateLimiting",
    }
    refused = 0
    for path in corpus.files("arg/errors/*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        body = document.get("body") or document.get("stderr_object") or document.get("detail")
        if body is None:
            body = document["response"]["body"]
        code = next(code for start, code in codes.items() if path.name.startswith(start))
        with pytest.raises(FileError, match=code):
            read_raw_exports(saved(tmp_path, body))
        refused += 1

    assert refused == 6


@on_each_corpus
@pytest.mark.parametrize("kind", ["registries-single", "tasks", "webhooks"])
def test_a_file_of_recorded_resources_loses_none(kind: str, corpus: Corpus, tmp_path: Path) -> None:
    resources = [
        body
        for body in bodies(corpus.folder / "arm" / "azure-cli-recordings" / f"{kind}.jsonl")
        if "id" in body
    ]
    path = tmp_path / "rows.ndjson"
    path.write_text("".join(json.dumps(body) + "\n" for body in resources), encoding="utf-8")

    snapshot = read_snapshot(path)

    assert snapshot.inventory.rows == len(resources)
    assert snapshot.inventory.unusable == ()
