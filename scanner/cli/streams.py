"""Standard output and error as they may be: closed, full, left by their reader, of few characters."""

import errno
import io
import os
import sys
from typing import Any

from scanner.errors import os_reason

_LAST = 2
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


class _Unheard(io.FileIO):
    """Standard error: what cannot be told is dropped, so that the exit code still is what it is."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def settle() -> None:
    """Make both usable; a stream that was put in their place (by a test, a notebook) stays as it is."""
    output, errors = sys.stdout, sys.stderr
    if output is None or errors is None:
        _occupy()
    if output is None:  # what writes there is told so, what does not is not disturbed
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for as long as we run
    elif output is sys.__stdout__ and isinstance(output, io.TextIOWrapper) and not _is_ascii(output.encoding):
        output.reconfigure(errors="replace")  # click mends ASCII itself
    if errors is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - it stays open until the end
    elif errors is sys.__stderr__ and isinstance(errors, io.TextIOWrapper):
        buffer = io.BufferedWriter(_Unheard(errors.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(
            buffer, encoding=errors.encoding, errors=errors.errors, line_buffering=True
        )


def _occupy() -> None:
    """Take the numbers 0 to 2: no file of ours may become a standard stream."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST:
        pass
    os.close(number)


def _is_ascii(encoding: str) -> bool:
    return encoding.lower() in {"ascii", "us-ascii", "ansi_x3.4-1968"}


def is_about_output(error: OSError) -> bool:
    """Whether an error that nobody caught comes from printing; those of files name the file."""
    return isinstance(error, io.UnsupportedOperation) or (error.filename is None and error.errno in _FULL)


def give_up() -> None:
    """Send the rest to nowhere, or Python would try to flush it at its end, in vain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complaint(error: OSError) -> str:
    """Why standard output cannot be written."""
    closed = isinstance(error, io.UnsupportedOperation)
    return f"standard output: cannot be written: {'it is closed' if closed else os_reason(error)}"
