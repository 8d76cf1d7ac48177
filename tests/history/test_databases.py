"""Histories in real databases: SQLite files and a PostgreSQL server, with several writers at once."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from history_reports import SCOPE, finding, policy, record, resource_id, vanished
from history_writer import letters
from sqlalchemy import create_engine, select, text

from scanner.errors import FileError, UsageError
from scanner.history import read
from scanner.history.database import database, upgrade
from scanner.history.record import Record, digest
from scanner.history.store import store
from scanner.history.tables import FINDINGS, METADATA, REVISIONS, RUNS, SCOPES, VERDICTS, VERSION_TABLE
from scanner.result.movement import Movement

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WRITERS = 5
EACH = 4
HOSTILE = '"><script>=cmd()\x00\x1b[31m\u202e\ud800\ufffeGrün\n日本'

Tell = Callable[[str], None]


def put(url: str, *records: Record, tell: Tell = lambda _: None) -> list[tuple[int, bool]]:
    kept = []
    for each in records:
        with database(url).writing(tell) as connection:
            kept.append(store(connection, each, vanished))
    return kept


def moved(url: str, first: int | None = None, second: int | None = None) -> Movement:
    with database(url).reading() as connection:
        return read.movement(connection, *read.two_runs(read.runs(connection), first, second))


def contents(url: str) -> Any:
    """All rows but run numbers and times of storing, which depend on who came first."""
    columns = (FINDINGS.c.first_seen, FINDINGS.c.last_seen, FINDINGS.c.fixed, FINDINGS.c.reopened)
    query = select(RUNS.c.digest, FINDINGS.c.fingerprint, VERDICTS.c.verdict, *columns)
    joined = query.join(VERDICTS, VERDICTS.c.run == RUNS.c.id).join(
        FINDINGS, VERDICTS.c.finding == FINDINGS.c.id
    )
    with database(url).reading() as connection:
        return sorted(map(str, connection.execute(joined)))


def start(url: str, flag: Path, days: Sequence[int]) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), str(HERE), str(HERE.parent)])
    return subprocess.Popen(
        [sys.executable, HERE / "history_writer.py", url, flag, *map(str, days)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_runs_are_stored_and_read_again(url: str, told: list[str], tell: Tell) -> None:
    kept = put(url, record(0, "fpuen"), record(1, "ppuef", complete=False), record(0, "fpuen"), tell=tell)

    assert kept == [(1, True), (2, True), (1, False)]
    assert [line.rpartition(": ")[2] for line in told] == ["schema created"]
    with database(url).reading() as connection:
        first, second = read.runs(connection)
    counts = (first.passed, first.failed, first.unknown, first.exempt, first.not_applicable)
    assert counts == (1, 1, 1, 1, 1)
    assert (first.collected, first.complete, first.exit_code) == ("2026-11-01T06:00:00Z", True, 1)
    assert (first.gating_fails, first.gating_unknowns, first.registries) == (1, 1, 5)
    assert (first.scope, first.tag_change_number, first.policies) == (SCOPE, "346", 1)
    assert (second.complete, second.collected) == (False, "2026-11-02T06:00:00Z")
    assert second.point.collected == second.collected


def test_runs_that_come_late_take_their_place(url: str) -> None:
    put(url, record(4, "f"), record(0, "f"), record(2, "p"))

    with database(url).reading() as connection:
        assert [run.number for run in read.runs(connection)] == [2, 3, 1]
    assert [each.opened for each in moved(url).reopened] == ["2026-11-05T06:00:00Z"]


def test_hostile_names_come_through(url: str) -> None:
    hostile = finding(HOSTILE, "f", policy(name=HOSTILE))
    put(url, record(0, [hostile], tool_version=HOSTILE, source=HOSTILE, parameters={"X": {"y": HOSTILE}}))
    assert put(url, record(1, [hostile])) == [(2, True)]

    [still] = moved(url, 1, 2).still_open
    assert still.fingerprint == hostile.fingerprint
    assert still.resource == resource_id(HOSTILE.replace("\x00", r"\u0000").replace("\ud800", r"\ud800"))


@pytest.mark.slow
def test_writers_at_once_lose_nothing(url: str, tmp_path: Path) -> None:
    """Real processes, begun together, on a database that is not even there; each stores day 0 too."""
    flag = tmp_path / "start"
    own = [range(1 + writer, 1 + WRITERS * EACH, WRITERS) for writer in range(WRITERS)]
    writers = [start(url, flag, [0, *days]) for days in own]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    flag.touch()
    ended = [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers]
    alone = f"sqlite:///{tmp_path / 'alone.db'}"
    put(alone, *(record(day, letters(day)) for day in range(1 + WRITERS * EACH)))

    assert ended == [("", 0)] * WRITERS
    assert contents(url) == contents(alone)
    together, expected = moved(url, None, None), moved(alone, None, None)
    assert together.after.point == expected.after.point
    assert (together.new, together.fixed, together.reopened, together.still_open) == (
        expected.new,
        expected.fixed,
        expected.reopened,
        expected.still_open,
    )
    with database(url).reading() as connection:
        assert sorted(run.number for run in read.runs(connection)) == list(range(1, 2 + WRITERS * EACH))


def test_a_run_is_kept_whole_or_not_at_all(url: str) -> None:
    put(url, record(0, "f"))

    def interrupted() -> None:
        with database(url).writing(lambda _: None) as connection:
            store(connection, record(1, "p"), vanished)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    with database(url).reading() as connection:
        assert len(read.runs(connection)) == 1
    assert [each.resource for each in moved(url).new] == [resource_id("r0")]


def revision(url: str) -> str | None:
    with database(url).reading() as connection:
        return connection.execute(text("select version_num from acr_scan_version")).scalar()


def test_the_migrations_make_the_tables_that_the_program_knows(url: str) -> None:
    put(url, record(0, "f"))

    with database(url).reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        assert connection.execute(text("select version_num from acr_scan_version")).scalar() == REVISIONS[-1]


def test_the_program_knows_all_revisions() -> None:
    scripts = ScriptDirectory(str(ROOT / "scanner" / "history" / "migrations"))

    assert [each.revision for each in scripts.walk_revisions()] == list(reversed(REVISIONS))


def old(url: str) -> None:
    """A history of the first revision, with a run in which r0 failed."""
    with database(url).writing(lambda _: None, to="r0001") as connection:
        wanted = record(0, "f")
        connection.execute(
            SCOPES.insert(), {"id": 1, "words": wanted.scope_words, "digest": digest(wanted.scope_words)}
        )
        connection.execute(RUNS.insert(), {"id": 1, "scope": 1, **wanted.row})
        found = {"fingerprint": next(iter(wanted.report.findings)).fingerprint, "resource": resource_id("r0")}
        connection.execute(
            text("insert into acr_findings values (1, 1, :fingerprint, 'ACR901', :resource)"), found
        )
        connection.execute(text("insert into acr_verdicts values (1, 1, 'f')"))


def test_a_history_of_an_older_schema_is_upgraded_by_the_next_run_and_keeps_its_past(
    url: str, told: list[str], tell: Tell
) -> None:
    old(url)
    with pytest.raises(FileError, match="r0001, is an older one") as refused, database(url).reading():
        pass
    assert "the next scan" in (refused.value.help or "")

    kept = put(url, record(0, "f"), record(3, "p"), tell=tell)

    assert kept == [(1, False), (2, True)]
    assert [line.rpartition(": ")[2] for line in told] == [f"schema upgraded from r0001 to {REVISIONS[-1]}"]
    [fixed] = moved(url).fixed
    assert (fixed.first_seen, fixed.seconds) == ("2026-11-01T06:00:00Z", 3 * 86400)
    with database(url).reading() as connection:
        assert connection.execute(text("select fixed is not null from acr_findings")).scalar()


def test_a_history_of_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    put(url, record(0, "f"))
    with database(url).writing(lambda _: None) as connection:
        connection.execute(text("update acr_scan_version set version_num = 'r9999'"))

    for attempt in (lambda: database(url).check(), lambda: put(url, record(1, "f")), lambda: moved(url)):
        with pytest.raises(FileError, match=r"newer acr-scan \(schema r9999\)"):
            attempt()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"SQLite format, they say" * 100)
    url = f"sqlite:///{path}"

    for attempt in (lambda: database(url).check(), lambda: put(url, record(1, "f")), lambda: moved(url)):
        with pytest.raises(FileError, match="is no SQLite database"):
            attempt()
    assert path.read_bytes() == b"SQLite format, they say" * 100
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.db"
    connection = sqlite3.connect(path)
    connection.execute("create table bookmarks (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()

    with pytest.raises(FileError, match="holds tables of something else"):
        put(f"sqlite:///{path}", record(0, "f"))
    with pytest.raises(FileError, match="holds tables of something else"):
        database(f"sqlite:///{path}").check()
    connection = sqlite3.connect(path)
    assert connection.execute("select name from sqlite_master").fetchall() == [("bookmarks",)]
    connection.close()
    assert path.read_bytes() == before


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)

    with pytest.raises(FileError, match="cannot be read: file is not a database"):
        database(f"sqlite:///{path}").check()


def test_reading_creates_nothing(url: str, tmp_path: Path) -> None:
    database(url).check()
    with pytest.raises(FileError, match="there is no history yet"), database(url).reading():
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_one_moment(url: str) -> None:
    put(url, record(0, "f"))
    with database(url).reading() as connection:
        before = read.runs(connection)
        put(url, record(1, "f"))
        assert read.runs(connection) == before

    with database(url).reading() as connection:
        assert len(read.runs(connection)) == 2


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("audit.db", "is no URL of a database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://audit.db", "a SQLite URL is sqlite:/// and a path"),
        ("sqlite:///audit.db?mode=memory", "a SQLite URL is sqlite:/// and a path"),
        ("mysql://me:hunter2@host/db", "kept by sqlite and postgresql"),
        ("postgresql+psycopg2://me:hunter2@host/db", "kept by sqlite and postgresql"),
        ("sqlite:////there/is/no/such/folder/audit.db", "there is no folder"),
        ("sqlite:////dev/null", "is no file"),
        ("sqlite:////etc", "is no file"),
        ("nonsense://me:hunter2@host", "kept by sqlite and postgresql"),
        ("me:hunter2@host", "is no URL of a database"),
        ("postgresql://me:hunter2@[host/db", "cannot be read"),
        ("postgresql://me:hunter2@host:port/db", "is no URL"),
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_password(url: str, complaint: str) -> None:
    with pytest.raises(UsageError) as refused:
        database(url).check()

    assert complaint in str(refused.value)
    assert "hunter2" not in str(refused.value) + (refused.value.help or "")


def test_a_password_is_in_no_error_of_the_server(postgresql: Any) -> None:
    good = postgresql.new_database()
    nobody = good.replace("auditor:", "nobody:")
    lost = good.replace(f":{postgresql.port}/", ":1/")
    nameless = good + "-not"

    for url in (nobody, lost, nameless):
        with pytest.raises(FileError, match="cannot be read") as refused:
            database(url).check()
        assert "p@ss" not in str(refused.value)
        assert "p%40ss" not in str(refused.value)
        assert ":***@" in str(refused.value)


def test_a_server_that_only_reads_is_told(postgresql: Any) -> None:
    url = postgresql.new_database()
    readonly = f"{url}?options=-c%20default_transaction_read_only%3Don"

    with pytest.raises(FileError, match=r"cannot be written: cannot execute .* in a read-only transaction"):
        put(readonly, record(0, "f"))


def test_other_tables_of_a_server_are_left_alone(postgresql: Any) -> None:
    url = postgresql.new_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table runs (x int)"))
        connection.execute(text("create table alembic_version (version_num varchar(32))"))
        connection.execute(text("insert into alembic_version values ('theirs')"))

    put(url, record(0, "f"))

    with engine.begin() as connection:
        assert connection.execute(text("select * from alembic_version")).all() == [("theirs",)]
    engine.dispose()


def test_upgrading_twice_changes_nothing(url: str) -> None:
    put(url, record(0, "f"))
    before = contents(url)
    with database(url).writing(lambda _: None) as connection:
        upgrade(connection, REVISIONS[-1])

    assert contents(url) == before
    assert revision(url) == REVISIONS[-1]
