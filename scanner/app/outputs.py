"""The reports that a scan writes: whole, or not at all."""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import FileError, UsageError
from scanner.report import json_results, junit
from scanner.result.report import Report

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where each format goes; `-` is standard output, for one of them."""

    json: Path | None = None
    junit: Path | None = None
    all_results: bool = False

    @property
    def to_stdout(self) -> bool:
        """Whether a report goes to standard output, so that nothing else may."""
        return STDOUT in self._renderers()

    def check(self) -> None:
        """UsageError or FileError now, rather than after a long scan."""
        paths = [path for path in (self.json, self.junit) if path is not None]
        for path in paths:
            if paths.count(path) > 1:
                where = "standard output" if path == STDOUT else str(path)
                raise UsageError(
                    f"two reports would go to {where}", help="give each report a file of its own"
                )
            if path != STDOUT and path.is_dir():
                raise FileError(f"{path}: is a folder; name a file in it")
            if path != STDOUT and not path.parent.is_dir():
                raise FileError(f"{path}: there is no folder {path.parent}", help=f"mkdir -p {path.parent}")

    def write(self, report: Report) -> None:
        """Every report that was asked for; standard output last, since its reader may leave early."""
        for path, render in sorted(self._renderers().items(), key=lambda item: item[0] == STDOUT):
            put(path, render(report))

    def _renderers(self) -> Mapping[Path, Callable[[Report], str]]:
        renderers: dict[Path, Callable[[Report], str]] = {}
        if self.json is not None:
            renderers[self.json] = lambda report: json_results.render(report, all_results=self.all_results)
        if self.junit is not None:
            renderers[self.junit] = junit.render
        return renderers


def put(path: Path, text: str) -> None:
    """A text into a file, or to standard output if the path is `-`."""
    if path == STDOUT:
        sys.stdout.buffer.write(text.encode())
    else:
        write_whole(path, text)


def write_whole(path: Path, text: str) -> None:
    """Write a file aside, then rename it: a reader sees the old one or the new one."""
    try:
        if path.exists() and not path.is_file():  # a device such as /dev/null cannot be renamed over
            path.write_text(text, "utf-8", newline="")
        else:
            _replace(path, text)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise FileError(f"{path}: cannot be written: {reason}") from error


def _replace(path: Path, text: str) -> None:
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
