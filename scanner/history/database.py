"""A history's database: SQLite or PostgreSQL, one writer at a time; a writer upgrades the schema."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from scanner.errors import FileError, UsageError, os_reason
from scanner.history.address import HIDDEN, shown
from scanner.history.tables import REVISIONS, VERSION_TABLE

PATIENCE = 120
"""Seconds that a writer waits for the one before it."""
_CONNECT = 10
"""Seconds to wait for a server's answer."""
_LOCK = 0x6163727363616E
"""The advisory lock of all writers: "acrscan" in ASCII."""
_MAGIC = b"SQLite format 3\0"
_EXAMPLES = "write sqlite:///audit.db or postgresql+psycopg://user@host/database"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Database:
    """Where a history is kept. Every error is a UsageError that shows no password."""

    url: URL
    name: str
    """The address as it may be shown."""

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    @property
    def empty(self) -> bool:
        """Whether there is no file yet, or one without a byte."""
        return self.path is not None and (not self.path.exists() or self.path.stat().st_size == 0)

    def check(self) -> None:
        """UsageError if no run could be stored there; nothing is changed or created."""
        if self.path is not None:
            _check_file(self.name, self.path)
        if not self.empty:
            with self._connected(write=False) as connection:
                self._revision(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the history, and changes nothing."""
        with self.reading_if_any() as connection:
            if connection is None:
                raise FileError(
                    f"{self.name}: there is no history yet", help="scan with --history to begin one"
                )
            yield connection

    @contextmanager
    def reading_if_any(self) -> Iterator[Connection | None]:
        """The same; None where there is no history yet."""
        if self.path is not None:
            _check_file(self.name, self.path)
        if self.empty:
            yield None
            return
        with self._connected(write=False) as connection:
            revision = self._revision(connection)
            if revision not in {None, REVISIONS[-1]}:
                help_ = "the next scan with --history upgrades it"
                raise FileError(f"{self.name}: its schema, {revision}, is an older one", help=help_)
            yield None if revision is None else connection

    @contextmanager
    def writing(self, tell: Tell, *, to: str = REVISIONS[-1]) -> Iterator[Connection]:
        """The only writer's connection, the schema the newest one; kept whole, or not at all."""
        if self.path is not None:
            self.check()  # a writer's first step, write-ahead logging, changes a file already
        with self._connected(write=True) as connection:
            revision = self._revision(connection)
            if revision != to:
                upgrade(connection, to)
                what = "created" if revision is None else f"upgraded from {revision} to {to}"
                tell(f"{self.name}: schema {what}")
            yield connection

    @contextmanager
    def _connected(self, *, write: bool) -> Iterator[Connection]:
        try:
            engine = _sqlite(self.path, write=write) if self.path is not None else _postgresql(self.url)
            with engine.begin() as connection:
                if self.path is None:
                    _enter(connection, write=write)
                yield connection
        except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
            verb = "written" if write else "read"
            raise FileError(f"{self.name}: cannot be {verb}: {self._reason(error)}") from None

    def _revision(self, connection: Connection) -> str | None:
        """The revision of the schema; None where there is no history yet."""
        tables = inspect(connection)
        if not tables.has_table(VERSION_TABLE):
            if self.path is not None and tables.get_table_names():
                raise FileError(f"{self.name}: holds tables of something else, and no history")
            return None
        revision = connection.execute(text(f"select version_num from {VERSION_TABLE}")).scalar()  # noqa: S608 - the name is a constant of ours
        if revision is not None and revision not in REVISIONS:
            raise FileError(
                f"{self.name}: was written by a newer acr-scan (schema {revision})", help="upgrade acr-scan"
            )
        return revision

    def _reason(self, error: Exception) -> str:
        """What the driver says, on one line and without the password."""
        said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        line = next((line for line in said.splitlines() if line.strip()), type(error).__name__)
        for secret in (self.url.password, *map(str, self.url.query.values())):
            if secret:
                line = line.replace(str(secret), HIDDEN)
        return line


def database(url: str) -> Database:
    """The database of an address; UsageError where it is none that can keep a history."""
    name = shown(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        raise UsageError(f"--history {name} is no URL of a database", help=_EXAMPLES) from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.query or parsed.host:
            raise UsageError(f"--history {name}: a SQLite URL is sqlite:/// and a path", help=_EXAMPLES)
        case "sqlite" if parsed.database in {None, "", ":memory:"}:
            raise UsageError(f"--history {name} names no file", help=_EXAMPLES)
        case "sqlite":
            return Database(parsed, name)
        case "postgresql" if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
            return Database(parsed.set(drivername="postgresql+psycopg"), name)
        case _:
            known = "sqlite and postgresql+psycopg"
            raise UsageError(f"--history {name}: a history is kept by {known}", help=_EXAMPLES)


def _check_file(name: str, path: Path) -> None:
    """FileError unless there is a SQLite database, or a place for one."""
    try:
        path.absolute()  # an OSError where the working directory is gone
        if not path.parent.is_dir():
            raise FileError(f"{name}: there is no folder {path.parent}", help=f"mkdir -p {path.parent}")
        if not path.exists():
            return
        if not path.is_file():
            raise FileError(f"{name}: is no file")
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) not in {b"", _MAGIC}:
                raise FileError(f"{name}: is no SQLite database; nothing was changed in it")
    except (OSError, ValueError) as error:
        raise FileError(f"{name}: cannot be read: {os_reason(error)}") from error


def _sqlite(path: Path, *, write: bool) -> Engine:
    """Writers lock when they begin: two that lock when they first write would refuse each other."""

    def connect() -> sqlite3.Connection:
        address = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'rw'}"
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
        # readers do not wait for a writer; the last one who leaves tidies up, which mode=ro could not
        connection.execute("pragma journal_mode = wal" if write else "pragma query_only = on")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "begin", _begin_immediate if write else _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("begin")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("begin immediate")


def _postgresql(url: URL) -> Engine:
    settings = {"connect_timeout": str(_CONNECT), "client_encoding": "utf8"}
    kept = {key: value for key, value in settings.items() if key not in url.query}
    try:
        return create_engine(url, connect_args=kept, poolclass=NullPool, hide_parameters=True)
    except ImportError as error:  # also where psycopg is there and libpq is not
        raise UsageError(
            f"PostgreSQL needs psycopg: {error}", help="pip install 'acr-scan[history]'"
        ) from error


def _enter(connection: Connection, *, write: bool) -> None:
    """Waits for other writers, or makes a reader see one moment of all tables."""
    if write:
        connection.execute(text(f"set local lock_timeout = '{PATIENCE}s'"))
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        connection.execute(text("set transaction isolation level repeatable read, read only"))


def upgrade(connection: Connection, revision: str) -> None:
    """The schema at a revision, in the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", "scanner.history:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
