"""Databases for histories: a file, and a PostgreSQL server that runs as long as the tests do."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

PASSWORD = "p@ss:w/rd?%41&"  # all that a URL has a meaning for
USER = "auditor"


def binaries() -> Path | None:
    """Where initdb and postgres are: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    there = shutil.which("postgres")
    programs = [path.parent for path in reversed(found)] + ([] if there is None else [Path(there).parent])
    return next((path for path in programs if (path / "initdb").exists()), None)


class Server:
    """A PostgreSQL server of our own: loopback, a password, a folder that goes with it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD, "utf-8")
        _give_away(self.folder)
        data = self.folder / "data"
        make = ["initdb", "-D", data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8"]
        self._run(*make, "--locale=C", "--no-sync")
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        options += ["-c", "fsync=off", "-p", str(self.port), "-D", data]
        with (self.folder / "log").open("wb") as log:
            command = _as_somebody([self.programs / "postgres", *options])
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres", "postgresql")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text("utf-8")
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def url(self, name: str, driver: str = "postgresql+psycopg") -> str:
        return f"{driver}://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        """The URL of a database that is empty."""
        name = f"history{next(self._numbers)}"
        with psycopg.connect(self.url("postgres", "postgresql"), autocommit=True) as connection:
            connection.execute(f"create database {name}")  # type: ignore[call-overload] # a name of ours
        return self.url(name)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(_as_somebody([self.programs / program, *arguments]), check=True, capture_output=True)


def _as_somebody(command: list[str | Path]) -> list[str | Path]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return [
        "setpriv",
        f"--reuid={_somebody().pw_uid}",
        f"--regid={_somebody().pw_gid}",
        "--clear-groups",
        *command,
    ]


def _somebody() -> pwd.struct_passwd:
    return pwd.getpwnam(
        "postgres" if any(each.pw_name == "postgres" for each in pwd.getpwall()) else "nobody"
    )


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, _somebody().pw_uid, _somebody().pw_gid)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running server."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: .ci/services installs it")
    with tempfile.TemporaryDirectory(prefix="acr-scan-", ignore_cleanup_errors=True) as folder:
        server = Server(programs, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'audit.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def told() -> list[str]:
    """What was told."""
    return []


@pytest.fixture
def tell(told: list[str]) -> Callable[[str], None]:
    return told.append
