"""Writing snapshots: what is written is read again, always by the same bytes, and nothing else is lost."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import FileError, UsageError
from scanner.model.inventory import Gap, Inventory, Read, Unusable, by_id
from scanner.model.resource import Row, Source
from scanner.network.service_tags import ServiceTags, tag_of
from scanner.sources.files import snapshot_writer
from scanner.sources.files.snapshot import Query, Snapshot, read_snapshot
from scanner.sources.files.snapshot_writer import check_target, write_snapshot

GROUP = "/subscriptions/aaaaaaaa-2222-3333-4444-555555555555/resourceGroups/Shop"
CONTOSO = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/Contoso"
REGISTRY = "microsoft.containerregistry/registries"
HELP = "give a path that does not exist yet, an empty folder, or an older snapshot"


def row(resource_id: str, source: Source = Source.RESOURCE_GRAPH, version: str | None = None) -> Row:
    kind = REGISTRY if resource_id.rpartition("/")[0].endswith("registries") else f"{REGISTRY}/tasks"
    body: dict[str, Any] = {
        "id": resource_id,
        "zones": None,
        "properties": {"b": [1.5, 2**70], "a": "Grün\u2028😀"},
    }
    return Row(resource_id, kind, body, source, version)


TAGS = ServiceTags(
    "Public",
    "346",
    "2025-02-17",
    "snapshot",
    {
        "azurecontainerregistry.eastus": tag_of(
            "AzureContainerRegistry.EastUS", ["20.42.66.0/24", "2603::/64"]
        ),
        "storage": tag_of("Storage", []),
    },
)
SNAPSHOT = Snapshot(
    Inventory(
        by_id(
            [
                row(f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/zeta"),
                row(CONTOSO),
                row(CONTOSO, Source.ARM, "2025-11-01"),
                row(f"{CONTOSO}/tasks/t", Source.ARM, "2019-04-01"),
            ]
        ),
        frozenset({REGISTRY}),
        (
            Gap(f"{REGISTRY}/tasks", CONTOSO.lower(), "403", "ask for Reader"),
            Gap(f"{REGISTRY}/properties.networkRuleSet", "", "not asked"),
        ),
        (
            Read(CONTOSO.lower(), "tasks", "2019-04-01", 200, 1),
            Read(CONTOSO.lower(), "agentPools", "", 403, 0),
        ),
        (Unusable("page 2: row 3", "the row has no `id`"),),
        frozenset({"aaaaaaaa-2222-3333-4444-555555555555"}),
        "USGovernment",
    ),
    "2026-08-01T10:20:30Z",
    {"subscriptions": ["aaaaaaaa-2222-3333-4444-555555555555"], "managementGroup": "root"},
    TAGS,
    (Query("resources", (REGISTRY,), 2, 2, 1),),
)
EMPTY = Snapshot(Inventory({}, frozenset()), scope={"subscriptions": []})


def listing(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("name", ["snapshot", "snapshot.zip", "snapshot.ZIP", "deep/er/snapshot"])
@pytest.mark.parametrize("snapshot", [SNAPSHOT, EMPTY])
def test_what_was_written_is_read_again(snapshot: Snapshot, name: str, tmp_path: Path) -> None:
    write_snapshot(tmp_path / name, snapshot, tool="0.1.0")

    again = read_snapshot(tmp_path / name)

    assert (tmp_path / name).is_file() is name.lower().endswith(".zip")
    assert again == snapshot
    assert list(again.inventory.resources) == list(snapshot.inventory.resources)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.text(), anything, max_size=4), max_size=4))
def test_whatever_azure_says_is_read_again(tmp_path_factory: pytest.TempPathFactory, said: list[Any]) -> None:
    rows = [
        Row(
            f"{CONTOSO}{number}",
            REGISTRY,
            {"id": f"{CONTOSO}{number}", "properties": properties},
            source,
            None,
        )
        for number, properties in enumerate(said)
        for source in Source
    ]
    snapshot = Snapshot(
        Inventory(by_id(rows), frozenset({REGISTRY} if rows else ())), scope={"subscriptions": []}
    )
    path = tmp_path_factory.mktemp("any") / "s"

    write_snapshot(path, snapshot, tool="0.1.0")

    assert read_snapshot(path) == snapshot


def test_bare_files_become_a_snapshot_with_the_same_inventory(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text(json.dumps([{"id": CONTOSO}]), encoding="utf-8")
    bare = read_snapshot(tmp_path / "rows.json")

    write_snapshot(tmp_path / "snapshot", bare, tool="0.1.0")

    assert read_snapshot(tmp_path / "snapshot").inventory == bare.inventory


def test_the_files_are_those_of_the_contract(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "s", SNAPSHOT, tool="0.1.0")

    manifest = json.loads((tmp_path / "s" / "manifest.json").read_text(encoding="utf-8"))
    digests = manifest.pop("sha256")
    assert listing(tmp_path / "s") == [
        "manifest.json",
        "reads.ndjson",
        "resources.ndjson",
        "service-tags.json",
    ]
    assert sorted(digests) == ["reads.ndjson", "resources.ndjson", "service-tags.json"]
    assert list(manifest) == sorted(manifest)
    assert manifest == {
        "format": 1,
        "tool": {"name": "acr-scan", "version": "0.1.0"},
        "collected": "2026-08-01T10:20:30Z",
        "cloud": "USGovernment",
        "scope": {"subscriptions": ["aaaaaaaa-2222-3333-4444-555555555555"], "managementGroup": "root"},
        "queries": [{"table": "resources", "types": [REGISTRY], "rows": 2, "totalRecords": 2, "pages": 1}],
        "unseen": [
            {
                "what": f"{REGISTRY}/tasks",
                "where": CONTOSO.lower(),
                "reason": "403",
                "help": "ask for Reader",
            },
            {
                "what": f"{REGISTRY}/properties.networkRuleSet",
                "where": "",
                "reason": "not asked",
                "help": None,
            },
        ],
        "unusable": [{"where": "page 2: row 3", "reason": "the row has no `id`"}],
        "serviceTags": {
            "source": "snapshot",
            "cloud": "Public",
            "changeNumber": "346",
            "published": "2025-02-17",
        },
    }
    lines = (tmp_path / "s" / "resources.ndjson").read_text(encoding="utf-8").split("\n")
    assert [(json.loads(line)["id"][-7:], json.loads(line)["source"]) for line in lines[:-1]] == [
        ("Contoso", "arm"),
        ("Contoso", "resourceGraph"),
        ("tasks/t", "arm"),
        ("es/zeta", "resourceGraph"),
    ]
    assert json.loads((tmp_path / "s" / "reads.ndjson").read_text(encoding="utf-8").split("\n")[0]) == {
        "of": CONTOSO.lower(),
        "what": "tasks",
        "apiVersion": "2019-04-01",
        "status": 200,
        "rows": 1,
    }


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_the_same_inventory_is_the_same_bytes(name: str, tmp_path: Path) -> None:
    def written(folder: str, snapshot: Snapshot) -> list[bytes]:
        path = tmp_path / folder / name
        write_snapshot(path, snapshot, tool="0.1.0")
        return (
            [path.read_bytes()] if path.is_file() else [(path / file).read_bytes() for file in listing(path)]
        )

    inventory = SNAPSHOT.inventory
    shuffled = Inventory(
        dict(reversed(list(inventory.resources.items()))),
        inventory.collected,
        inventory.gaps,
        inventory.reads,
        inventory.unusable,
        inventory.subscriptions,
        inventory.cloud,
    )
    other = Snapshot(
        shuffled, SNAPSHOT.collected, dict(reversed(list(SNAPSHOT.scope.items()))), TAGS, SNAPSHOT.queries
    )

    assert written("a", SNAPSHOT) == written("b", other)


def test_a_zip_has_no_times_and_sorted_names(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "s.zip", SNAPSHOT, tool="0.1.0")

    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == [
        "manifest.json",
        "reads.ndjson",
        "resources.ndjson",
        "service-tags.json",
    ]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {(info.create_system, info.external_attr >> 16) for info in infos} == {(3, 0o644)}


def test_a_zip_that_would_be_refused_as_too_dense_is_stored(tmp_path: Path) -> None:
    dense = Row(CONTOSO, REGISTRY, {"id": CONTOSO, "tags": {"a": "x" * 2**21}}, Source.ARM, None)
    snapshot = Snapshot(Inventory(by_id([dense]), frozenset({REGISTRY})), scope={"subscriptions": []})

    write_snapshot(tmp_path / "s.zip", snapshot, tool="0.1.0")

    assert read_snapshot(tmp_path / "s.zip") == snapshot


def test_a_zip_that_would_be_refused_as_too_large_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_writer, "TOTAL_LIMIT", 1000)

    with pytest.raises(UsageError) as refusal:
        write_snapshot(tmp_path / "s.zip", SNAPSHOT, tool="0.1.0")

    assert str(refusal.value) == f"{tmp_path}/s.zip: the snapshot is too large for a zip"
    assert refusal.value.help == "save it as a folder"
    assert listing(tmp_path) == []


@pytest.mark.parametrize("name", ["s", "s.zip", "s.ZIP"])
def test_an_older_snapshot_is_replaced_whole(name: str, tmp_path: Path) -> None:
    write_snapshot(tmp_path / name, SNAPSHOT, tool="0.1.0")

    write_snapshot(tmp_path / name, EMPTY, tool="0.1.0")

    assert read_snapshot(tmp_path / name) == EMPTY
    assert listing(tmp_path) == [name]


def test_an_empty_folder_becomes_a_snapshot(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()

    write_snapshot(tmp_path / "s", EMPTY, tool="0.1.0")

    assert read_snapshot(tmp_path / "s") == EMPTY


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    write_snapshot(tmp_path / "link", EMPTY, tool="0.1.0")

    assert (tmp_path / "link").is_symlink()
    assert read_snapshot(tmp_path / "real") == EMPTY


STRANGERS: dict[str, dict[str, bytes]] = {
    "other files": {"notes.txt": b"mine"},
    "a manifest of something else": {"manifest.json": b'{"manifest_version": 3}'},
    "a manifest that is no JSON": {"manifest.json": b"mine"},
    "a snapshot with something of mine": {"manifest.json": b'{"format": 1}', "notes.txt": b"mine"},
    "a snapshot with a folder of mine": {"manifest.json": b'{"format": 1}', ".git/config": b"mine"},
}


@pytest.mark.parametrize("case", STRANGERS)
def test_a_folder_that_is_no_snapshot_is_left_alone(case: str, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    for name, data in STRANGERS[case].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    with pytest.raises(FileError) as refusal:
        write_snapshot(folder, SNAPSHOT, tool="0.1.0")

    assert str(refusal.value) == f"{folder}: the folder is not empty and no snapshot"
    assert refusal.value.help == HELP
    assert {name: (folder / name).read_bytes() for name in STRANGERS[case]} == STRANGERS[case]
    assert listing(tmp_path) == ["s"]


def test_a_path_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 300)

    with pytest.raises(FileError) as refusal:
        check_target(path)

    assert str(refusal.value) == f"{path}: the snapshot cannot be written (file name too long)"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a" * 250, "file name too long"),
        ("a" * 251 + ".zip", "file name too long"),
        ("file/s", "file exists"),
    ],
)
def test_a_path_beside_which_no_file_can_be_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    with pytest.raises(FileError) as refusal:
        write_snapshot(tmp_path / name, SNAPSHOT, tool="0.1.0")

    assert str(refusal.value) == f"{tmp_path / name}: the snapshot cannot be written ({reason})"


def test_a_folder_that_cannot_be_read_is_left_alone(without_rights: Path) -> None:
    (without_rights / "s").mkdir(mode=0)

    with pytest.raises(FileError, match=r"the snapshot cannot be written \(permission denied\)"):
        check_target(without_rights / "s")


def test_a_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(FileError) as refusal:
        check_target(path)

    assert str(refusal.value) == f"{path}: this is a file, and a snapshot is a folder or a .zip"
    assert refusal.value.help == HELP


def test_a_zip_that_is_no_snapshot_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", '{"format": 1}')
        archive.writestr("notes.txt", "mine")
    before = path.read_bytes()

    with pytest.raises(FileError) as refusal:
        write_snapshot(path, SNAPSHOT, tool="0.1.0")

    assert str(refusal.value) == f"{path}: this is no snapshot, and it would be overwritten"
    assert path.read_bytes() == before


def test_a_folder_with_the_name_of_a_zip_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s.zip").mkdir()

    with pytest.raises(FileError, match="this is no snapshot, and it would be overwritten"):
        check_target(tmp_path / "s.zip")


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_a_write_that_fails_leaves_the_older_snapshot(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_snapshot(tmp_path / name, SNAPSHOT, tool="0.1.0")

    def full(_: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError) as refusal:
        write_snapshot(tmp_path / name, EMPTY, tool="0.1.0")

    assert (
        str(refusal.value) == f"{tmp_path}/{name}: the snapshot cannot be written (no space left on device)"
    )
    assert read_snapshot(tmp_path / name) == SNAPSHOT
    assert listing(tmp_path) == [name]


@pytest.mark.parametrize("name", ["s", "s.zip"])
def test_what_a_killed_write_leaves_has_a_dot_before_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_writer, "_remove", lambda _: None)

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        write_snapshot(tmp_path / name, SNAPSHOT, tool="0.1.0")

    (left,) = listing(tmp_path)
    assert left.startswith(f".{name}.")


def test_a_swap_that_fails_half_way_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_snapshot(tmp_path / "s", SNAPSHOT, tool="0.1.0")
    rename = Path.rename

    def once(self: Path, target: Path) -> Path:
        if target.name == "s" and not self.name.endswith(".old"):
            raise OSError(5, "input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises(FileError, match="input/output error"):
        write_snapshot(tmp_path / "s", EMPTY, tool="0.1.0")

    assert read_snapshot(tmp_path / "s") == SNAPSHOT
    assert listing(tmp_path) == ["s"]
