"""The files of a snapshot, whether it is a directory or a .zip of one."""

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from scanner.errors import FileError, os_reason
from scanner.sources.files.json_records import DENSEST, MIB, opened

TOTAL_LIMIT = 1024 * MIB
_ENCRYPTED = 0x1
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")

Members = Mapping[str, Callable[[], IO[bytes]]]
"""What opens each file of a snapshot, by its name."""


def holds(path: Path, name: str) -> bool:
    """Whether a path is a directory with a file of that name, or any zip, by its own name or first bytes."""
    try:
        if path.is_dir():
            return (path / name).exists()
        if path.suffix.lower() == ".zip":
            return True
        if not path.is_file():  # a pipe can be read but once
            return False
    except OSError as error:
        raise FileError(f"{path}: the path cannot be followed ({os_reason(error)})") from None
    with opened(path) as stream:
        try:
            return stream.read(4) in _SIGNATURES
        except OSError as error:
            raise FileError(f"{path}: the file cannot be read ({os_reason(error)})") from None


def members(path: Path, *, limit: int = TOTAL_LIMIT) -> Members:
    """The files of a directory, or of a zip, where they may share one top folder."""
    if path.is_dir():
        try:
            return {entry.name: partial(opened, entry) for entry in path.iterdir() if not entry.is_dir()}
        except OSError:
            raise FileError(f"{path}: you have no permission to read this folder") from None
    with opened(path) as stream, reading(path), zipfile.ZipFile(stream) as archive:
        files = [info for info in archive.infolist() if not _is_clutter(info)]
    _check(path, files, limit)
    top = _top([info.filename for info in files])
    return {info.filename.removeprefix(top): partial(_open, path, info) for info in files}


def check_digests(path: Path, files: Members, digests: Mapping[str, str]) -> None:
    """Refuse a snapshot when a file's SHA-256 is not the one that its manifest names."""
    for name, wanted in digests.items():
        if name not in files:
            raise FileError(f"{path}: the snapshot lacks {name!a}, which its manifest names")
        digest = hashlib.sha256()
        with files[name]() as stream, reading(path):
            while chunk := stream.read(MIB):
                digest.update(chunk)
        if digest.hexdigest() != wanted.lower():
            raise FileError(f"{path / name}: this is not the file that was saved (its SHA-256 is another)")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside of a zip, as a FileError."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        raise FileError(f"{path}: the zip is damaged, cut short, or none that can be read") from None


def _open(path: Path, info: zipfile.ZipInfo) -> IO[bytes]:
    with reading(path), zipfile.ZipFile(path) as archive:
        return archive.open(info)


def _is_clutter(info: zipfile.ZipInfo) -> bool:
    return info.is_dir() or info.filename.startswith("__MACOSX/")


def _top(names: Iterable[str]) -> str:
    """The folder that all files lie in, with its slash, or nothing."""
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    return f"{top}/" if len(tops) == 1 and (top := tops.pop()) else ""


def _check(path: Path, files: Iterable[zipfile.ZipInfo], limit: int) -> None:
    seen, total = set[str](), 0
    for info in files:
        name = info.filename
        if problem := _problem(info):
            raise FileError(f"{path}: the zip is refused: {name!a} {problem}")
        if name in seen:
            raise FileError(f"{path}: the zip is refused: {name!a} is in it twice")
        seen.add(name)
        total += info.file_size
    if total > limit:
        raise FileError(f"{path}: the zip is refused: its files have {total} bytes, more than {limit}")


def _problem(info: zipfile.ZipInfo) -> str | None:
    # the name as it is stored: ZipInfo.filename has lost what follows a NUL, and Windows' backslashes
    name = info.orig_filename
    if name.startswith("/") or ".." in PurePosixPath(name).parts or name[1:2] == ":":
        return "leads out of it"
    if "\\" in name or "\0" in name:
        return "has a backslash or NUL in its name"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if would_explode(info):
        return f"would grow more than {DENSEST} times"
    return None


def would_explode(info: zipfile.ZipInfo) -> bool:
    """Whether a file is denser than any snapshot, so that a small zip may fill the memory."""
    return info.file_size > max(MIB, DENSEST * info.compress_size)
