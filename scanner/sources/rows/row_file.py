"""A database of rows in a temporary folder, and what is told where there is no room for it."""

import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scanner.errors import ScanError, os_reason

CACHE = "PRAGMA cache_size=-4096; PRAGMA temp.cache_size=-2048;"
"""KiB that SQLite keeps of the file, and of what was filed."""


@contextmanager
def disk_full_handling() -> Iterator[None]:
    """ScanError where the disk fails."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise disk_full_error(error) from error


def disk_full_error(error: Exception) -> ScanError:
    """What is told where rows cannot be kept, or read again."""
    return ScanError(
        f"the rows cannot be kept in a temporary folder: {os_reason(error)}",
        help="set TMPDIR to a folder that has room for all rows",
    )


class RowFile:
    """A database in a folder of its own, which goes with it. A process that is forked opens it anew."""

    def __init__(self) -> None:
        with disk_full_handling():
            folder, opened = tempfile.mkdtemp(prefix="acr-scan-"), list[sqlite3.Connection]()
            weakref.finalize(self, _remove, os.getpid(), opened, folder)
            self._path = Path(folder) / "rows"
            self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            opened.append(self._db)
            self._db.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {CACHE}")
            self._process = os.getpid()

    @property
    def db(self) -> sqlite3.Connection:
        """A connection of this process's."""
        if self._process != os.getpid():
            self.__setstate__((self._path, getattr(self, "_db", None)))
        return self._db

    def __getstate__(self) -> tuple[Path, None]:
        return self._path, None

    def __setstate__(self, state: tuple[Path, sqlite3.Connection | None]) -> None:
        self._path, self._inherited = state  # to close a parent's connection is not for its child
        self._process = os.getpid()
        self._db = sqlite3.connect(f"{self._path.as_uri()}?immutable=1", uri=True, isolation_level=None)
        weakref.finalize(self, self._db.close)
        self._db.executescript(CACHE)


def _remove(process: int, opened: Iterable[sqlite3.Connection], folder: str) -> None:
    """Close what was opened, as Windows wants it, and remove its folder; those who were forked must not."""
    if process == os.getpid():
        for each in opened:
            each.close()
        shutil.rmtree(folder, ignore_errors=True)
