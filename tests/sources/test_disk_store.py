"""Resources on disk are those that would be in memory, whoever looks at them, and leave nothing behind."""

import gc
import json
import multiprocessing
import os
import pickle
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import ScanError
from scanner.model.inventory import Inventory, by_id
from scanner.model.resource import Resource, Row, Source
from scanner.model.store import Store
from scanner.sources.files.snapshot import read_snapshot
from scanner.sources.rows import disk_store, row_file
from scanner.sources.rows.disk_store import DiskStore
from scanner.sources.rows.row_buffer import RowBuffer

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Shop"
PROVIDER = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
REGISTRY = "microsoft.containerregistry/registries"
TASK = f"{REGISTRY}/tasks"


def row(name: str, source: Source = Source.RESOURCE_GRAPH, **body: Any) -> Row:
    """A registry, or with a slash in its name a task of one."""
    registry, _, task = name.partition("/")
    spelt = f"{PROVIDER}/{registry}/tasks/{task}" if task else f"{PROVIDER}/{registry}"
    version = "2025-11-01" if source is Source.ARM else None
    return Row(spelt, TASK if task else REGISTRY, {"id": spelt, **body}, source, version)


def estate(number: int) -> list[Row]:
    """Registries with tasks, whose names sort around the slash; every seventh seen by ARM too."""
    rows = []
    for each in range(number):
        name = f"r{each:03}" + ("", "-b", "x", "_")[each % 4]
        rows.append(row(name, location="eastus", properties={"number": each}))
        if each % 7 == 0:
            rows.append(row(name, Source.ARM, properties={"number": -each}))
        rows += [row(f"{name}/t{task}", properties={"of": each}) for task in range(each % 3)]
    return rows


def piled(rows: Sequence[Row], most: int = 0) -> Store:
    pile = RowBuffer(most)
    pile.extend(rows)
    return pile.resources()


@pytest.fixture
def shuffled() -> list[Row]:
    rows = estate(60)
    random.Random(7).shuffle(rows)
    return rows


def test_the_disk_is_used_for_what_is_more_than_may_stay() -> None:
    rows = estate(9)
    assert not isinstance(piled(rows, len(rows)), DiskStore)
    assert isinstance(piled(rows, len(rows) - 1), DiskStore)


@pytest.mark.parametrize("most", [0, 20])
def test_resources_are_those_that_would_be_in_memory(shuffled: list[Row], most: int) -> None:
    for rows in (shuffled, [row for each in by_id(shuffled).values() for row in each.rows]):
        there, here = piled(rows, most), by_id(rows)
        assert isinstance(there, DiskStore)
        assert list(there.items()) == list(here.items())
        assert len(there) == len(here)
        assert there.rows == here.rows == len(rows)
        assert [*there.several()] == [*here.several()] != []
        assert there.get(PROVIDER.lower()) is None
        with pytest.raises(KeyError):
            there[PROVIDER.lower()]
        for types in ((REGISTRY,), (TASK,), (TASK, REGISTRY), ("microsoft.web/sites",), ()):
            mine, theirs = there.of(types), here.of(types)
            assert [*mine] == [*theirs]
            assert mine.rows == theirs.rows
            assert {*mine.types} == {*theirs.types}
            assert [*mine[3:9].of((TASK,))] == [*theirs[3:9].of((TASK,))]
            assert [mine[number] for number in range(len(mine))] == [*theirs]


@pytest.mark.parametrize("span", [1, 10, 4096])
def test_what_is_at_hand_changes_no_answer(
    shuffled: list[Row], span: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_store, "PREFETCH_SPAN", span)
    monkeypatch.setattr(disk_store, "CACHE_SIZE", 3)
    there, here = piled(shuffled), by_id(shuffled)
    asked = there.of((REGISTRY, TASK))
    for start in range(0, len(asked), 5):
        some = asked[start : start + 5]
        some.fetch()
        assert [*some] == [here[each.key] for each in some]
        others = asked[start : start + 40]
        assert [*others] == [here[each.key] for each in others]
        for key, resource in here.items():
            assert there.get(key) == resource
            assert there.get(f"{key}/none") is None
            assert [*there.children(key, TASK)] == [*here.children(key, TASK)]
            assert [*there.children(key, REGISTRY)] == []


def test_what_is_filed_is_found_by_its_text_alone(shuffled: list[Row]) -> None:
    def answers(store: Store) -> list[list[str]]:
        by_region = store.index_by((str(each.rows[0].body.get("location")), each) for each in store.values())
        by_name = store.index_by((each.name, each) for each in store.of((TASK,)))
        asked = ("eastus", "None", "t0", "t1", "", "'; DROP TABLE filed")
        return [[each.key for each in index_by(text)] for index_by in (by_region, by_name) for text in asked]

    found = answers(piled(shuffled))
    assert found == answers(by_id(shuffled))
    assert [len(each) for each in found] == [51, 69, 0, 0, 0, 0, 0, 0, 40, 20, 0, 0]


def test_a_resource_that_is_held_is_there_once(shuffled: list[Row]) -> None:
    tasks = piled(shuffled).of((TASK,))
    assert tasks[3] is tasks[3:][0]
    one = tasks[4]
    assert tasks[4] is one


def test_some_are_kept_as_they_come(shuffled: list[Row]) -> None:
    there = piled(shuffled)
    odd = [each for number, each in enumerate(there.values()) if number % 2]
    assert [*there.subset(odd)] == odd
    assert not there.subset(odd).stay
    assert by_id(shuffled).subset(odd).stay


@pytest.mark.parametrize(
    "value", [2**70, -(2**70), 1, 1.0, True, -0.0, 1e300, None, "", "Ω\x00\n", [[]], {"a": {"b": []}}]
)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    [resource] = piled([row("r", properties={"x": value})]).values()
    found = resource.rows[0].body["properties"]["x"]
    assert (repr(found), type(found)) == (repr(value), type(value))


def test_an_inventory_on_disk_answers_as_one_in_memory(shuffled: list[Row]) -> None:
    there, here = Inventory(piled(shuffled)), Inventory(by_id(shuffled))
    assert there.rows == here.rows
    assert there.resources == here.resources
    assert [*there.of_type(TASK)] == [*here.of_type(TASK)]


def test_a_process_that_is_forked_reads_for_itself(shuffled: list[Row]) -> None:
    there = piled(shuffled)
    before = [*there.of((TASK,))]
    ours, theirs = multiprocessing.get_context("fork").Pipe()

    def look() -> None:
        by_name = there.index_by((each.name, each) for each in there.of((TASK,)))
        theirs.send(([*there.of((TASK,))], [each.key for each in by_name("t1")]))

    child = multiprocessing.get_context("fork").Process(target=look)
    child.start()
    assert ours.poll(30)
    seen, index_by = ours.recv()
    child.join()
    assert seen == before
    assert len(index_by) == 20
    assert [*there.of((TASK,))] == before, "and its parent still can"


@pytest.mark.usefixtures("only_own_garbage")
def test_one_that_a_forked_process_forgets_is_there_for_the_next(shuffled: list[Row]) -> None:
    held = [piled(shuffled)]

    def forget() -> None:
        held.clear()
        gc.collect()

    def look() -> None:
        sys.exit(len([*held[0].of((TASK,))]))

    for task, code in ((forget, 0), (look, 60)):
        child = multiprocessing.get_context("fork").Process(target=task)
        child.start()
        child.join(60)
        assert child.exitcode == code


def test_one_that_is_sent_to_another_process_is_read_where_it_lies(shuffled: list[Row]) -> None:
    there = piled(shuffled)
    tasks = there.of((TASK,))
    again, same = pickle.loads(pickle.dumps((there, tasks)))  # noqa: S301 - our own
    assert [*again.values()] == [*there.values()]
    assert [*same] == [*tasks]


@pytest.mark.usefixtures("only_own_garbage")
def test_the_folder_goes_with_the_last_who_looks(
    shuffled: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    there = piled(shuffled)
    tasks = there.of((TASK,))
    del there
    gc.collect()
    assert len([*tmp_path.iterdir()]) == 1, "of two, that of rows in another order is gone"
    assert len([*tasks]) == 60
    del tasks
    gc.collect()
    assert [*tmp_path.iterdir()] == []


def no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))


def full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    connect = sqlite3.connect

    def small(*given: Any, **more: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*given, **more)
        database.execute("PRAGMA max_page_count=8")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)


@pytest.mark.usefixtures("only_own_garbage")
@pytest.mark.parametrize("spoil", [no_folder, full])
def test_rows_that_find_no_room_are_told(
    spoil: Callable[[pytest.MonkeyPatch, Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(monkeypatch, tmp_path)
    with pytest.raises(ScanError, match=r"cannot be kept in a temporary folder: [a-z ]{10,}") as told:
        piled(estate(400))
    assert told.value.help == "set TMPDIR to a folder that has room for all rows"
    del told  # it holds those who looked
    gc.collect()
    assert not tmp_path.exists() or [*tmp_path.iterdir()] == []


def test_a_file_that_somebody_spoilt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(row_file, "CACHE", "PRAGMA cache_size=1; PRAGMA mmap_size=0;")
    there = piled([row(f"r{number:05}", properties={"x": "y" * 500}) for number in range(2000)])
    [path] = tmp_path.rglob("rows")
    os.truncate(path, 4096)
    with pytest.raises(ScanError, match="cannot be kept in a temporary folder"):
        [*there.of((REGISTRY,))]


def test_a_row_that_somebody_spoilt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    there = piled([row("r", properties={"x": 1})])
    [path] = tmp_path.rglob("rows")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE resource SET rows = '[{'")
    database.close()
    with pytest.raises(ScanError, match="cannot be kept in a temporary folder"):
        [*there.values()]


@pytest.mark.parametrize("most", [None, 0])
def test_no_row_comes_after_all_of_them(most: int | None) -> None:
    pile = RowBuffer(most)
    pile.append(row("a"))
    assert len(pile.resources()) == 1
    with pytest.raises(AssertionError, match="registries/b comes after the resources of all rows"):
        pile.append(row("b"))


def test_no_secret_goes_to_the_disk_and_nobody_else_may_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    login = {"customRegistries": {"a.azurecr.io": {"userName": "u", "password": {"value": "hunter2"}}}}
    task = {"id": row("r/t").id, "properties": {"credentials": login, "status": "enabled"}}
    saved = tmp_path / "rows.ndjson"
    saved.write_text(json.dumps(task), "utf-8")
    held = read_snapshot(saved, most=0)
    [path] = tmp_path.rglob("rows")
    assert isinstance(held.inventory.resources, DiskStore)
    assert b"enabled" in path.read_bytes()
    assert b"hunter2" not in path.read_bytes()
    assert path.parent.stat().st_mode & 0o077 == 0


def test_sqlite_is_not_loaded_for_few_rows() -> None:
    """It is asked in a process of its own: this one has it already."""
    code = (
        "import sys; from scanner.sources.rows.row_buffer import RowBuffer; RowBuffer(9).resources(); "
        "print('sqlite3' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout == "False\n"


def test_keys_are_given_in_the_order_of_code_points() -> None:
    names = ["b", "a", "a-1", "a_1", "aé", "a", "A-1/t", "a/t"]
    there = piled([row(name) for name in names])
    assert [*there] == sorted({row(name).id.lower() for name in names})
    assert isinstance(there["".join(next(iter(there)))], Resource)
