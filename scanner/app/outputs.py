"""The reports that a scan writes: whole, or not at all."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scanner.app.formats import FORMATS, RenderContext
from scanner.errors import FileError, UsageError
from scanner.report.renderer import Piece

STDOUT = Path("-")
CHUNK = 2**18
"""Bytes of a text that are written at once."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where each format goes; `-` is standard output, for one of them."""

    paths: Mapping[str, Path]
    """Format → file."""

    @property
    def to_stdout(self) -> bool:
        """Whether a report goes to standard output, so that nothing else may."""
        return STDOUT in self.paths.values()

    def check(self) -> None:
        """UsageError or FileError now, rather than after a long scan."""
        paths = list(self.paths.values())
        places = [place(path) for path in paths]
        for path in paths:
            if places.count(place(path)) > 1:
                where = "standard output" if path == STDOUT else str(path)
                raise UsageError(
                    f"two reports would go to {where}", help="give each report a file of its own"
                )
            check_writable(path)

    def write(self, context: RenderContext) -> None:
        """Every report that was asked for; standard output last, since its reader may leave early."""
        for format_, path in sorted(self.paths.items(), key=lambda item: item[1] == STDOUT):
            put(path, FORMATS[format_](context))


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
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return FileError(f"{path}: cannot be written: {(reason or 'unknown reason').lower()}")


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
