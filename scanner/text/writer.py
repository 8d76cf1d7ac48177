"""Texts that go to a file, whole or not at all, or to standard output."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from scanner.errors import FileError, os_reason

Piece = str | bytes
"""A piece of a text, as it is or encoded already."""
STDOUT = Path("-")
CHUNK = 2**18
"""Bytes of a text that are written at once."""


def place(path: Path) -> Path:
    """Where a report goes, however its path was written."""
    if path == STDOUT:
        return path
    try:
        return path.absolute().parent.resolve() / path.name
    except (OSError, RuntimeError) as error:  # the working directory is gone, or links lead in a circle
        raise _unwritable(path, error) from error


def check_writable(path: Path) -> None:
    """FileError if a report could not go there; `-` is standard output."""
    if path == STDOUT:
        return
    try:
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except OSError as error:
        raise _unwritable(path, error) from error
    if is_folder:
        raise FileError(f"{path}: is a folder; name a file in it")
    if not has_folder:
        raise FileError(f"{path}: there is no folder {path.parent}", help=f"mkdir -p {path.parent}")


def _unwritable(path: Path, error: OSError | RuntimeError) -> FileError:
    return FileError(f"{path}: cannot be written: {os_reason(error)}")


def put(path: Path, pieces: Iterable[Piece]) -> None:
    """A text into a file, or to standard output if the path is `-`."""
    if path == STDOUT:
        sys.stdout.buffer.writelines(_encoded(pieces))
    else:
        write_whole(path, pieces)


def write_whole(path: Path, pieces: Iterable[Piece]) -> None:
    """Write a file aside, then rename it: a reader sees the old one or the new one."""
    try:
        if path.exists() and not path.is_file():  # a device such as /dev/null cannot be renamed over
            _write(path.open("wb"), pieces)
        else:
            _replace(path, pieces)
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(file: BinaryIO, pieces: Iterable[Piece]) -> None:
    with file:
        file.writelines(_encoded(pieces))


def _encoded(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The pieces as bytes, many small ones at once."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        data = piece.encode() if isinstance(piece, str) else piece
        held.append(data)
        size += len(data)
        if size >= CHUNK:
            yield b"".join(held)
            held.clear()
            size = 0
    yield b"".join(held)


def _replace(path: Path, pieces: Iterable[Piece]) -> None:
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        _write(os.fdopen(handle, "wb"), pieces)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
