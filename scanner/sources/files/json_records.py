"""One JSON or NDJSON file, plain or gzip: read within bounds, or refused in one sentence."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO, Any, NoReturn
from zipfile import BadZipFile

import msgspec

from scanner.errors import FileError, os_reason
from scanner.sources.rows.row_parser import DEEPEST

MIB = 2**20
LIMIT = 512 * MIB
"""The most bytes of one document, or of one gzip's content."""
LINE_LIMIT = 64 * MIB
DENSEST = 200
"""Rows compress 10 to 100 times; what claims more, above one MiB, is made to explode."""
_BOM = b"\xef\xbb\xbf"
_READ_ERRORS = (OSError, EOFError, zlib.error, BadZipFile)
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BEGUN = re.compile(r"(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|-|[.eE][-+0-9]*)?")
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN', re.DOTALL)


class NotJsonError(ValueError):
    """Text that is no JSON: in which of its lines, why, and whether it merely ends too early."""

    def __init__(self, line: int, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.cut = cut


def read_document(path: Path, *, limit: int = LIMIT) -> Any:
    """What a JSON file holds; a lone surrogate is let through, for the rows' intake to judge."""
    with opened(path) as stream:
        return decoded(content(stream, str(path), limit=limit), str(path))


def opened(path: Path) -> IO[bytes]:
    """A file, open for reading."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FileError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise FileError(f"{path}: this is a directory, and a file was expected") from None
    except PermissionError:
        raise FileError(f"{path}: you have no permission to read this file") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: the file cannot be opened ({os_reason(error)})") from None


def content(stream: IO[bytes], name: str, *, limit: int = LIMIT) -> bytes:
    """The bytes of a whole file, out of its gzip if it is one, without a byte order mark."""
    data = _bounded(stream, name, limit)
    if _is_gzip(name, data[:2]):
        dense = max(MIB, DENSEST * len(data))
        data = _bounded(gzip.GzipFile(fileobj=io.BytesIO(data)), name, min(limit, dense))
    return data.removeprefix(_BOM)


def decoded(data: bytes, name: str) -> Any:
    """What JSON text says."""
    try:
        return parsed(data)
    except NotJsonError as error:
        if strange := _strange(data):
            raise FileError(f"{name}: {strange}") from None
        if data.lstrip()[:1] not in {b"{", b"["}:
            raise FileError(
                f"{name}: this is not JSON but perhaps a table, TSV or YAML; run az … -o json"
            ) from None
        raise FileError(f"{name}:{error.line}: {error.reason}") from None


def records(stream: IO[bytes], name: str, *, limit: int = LIMIT) -> Iterator[tuple[str, object]]:
    """What each line of an NDJSON file says, after its place; a NotJsonError where it is no JSON."""
    for where, found, _ in checked_records(stream, name, limit=limit):
        yield where, found


def checked_records(
    stream: IO[bytes], name: str, *, limit: int = LIMIT
) -> Iterator[tuple[str, object, bool]]:
    """As `records`, and whether it is known to hold no lone surrogate, and to be no deeper than allowed."""
    for number, line in _lines(stream, name, limit):
        where = f"{name}:{number}"
        try:
            found, clean = _read(line)
            yield where, found, clean and line.count(b"{") + line.count(b"[") <= DEEPEST
        except NotJsonError as error:
            if not line.endswith(b"\n"):
                raise FileError(f"{where}: the file is cut short, its last line is not whole") from None
            yield where, error, False


def parsed(data: bytes) -> Any:
    """What JSON text says, by the fast decoder; by the patient one where that gives up."""
    return _read(data)[0]


def _read(data: bytes) -> tuple[Any, bool]:
    """What JSON text says, and whether the fast decoder took it, which lets no lone surrogate pass."""
    try:
        return _DECODER.decode(data), True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _patiently(data), False


def _patiently(data: bytes) -> Any:
    """The standard library's reading: it knows the line, and lets lone surrogates pass."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotJsonError(data.count(b"\n", 0, error.start) + 1, "the text is not UTF-8") from None

    def refuse(word: str) -> NoReturn:
        raise NotJsonError(_line(text, _first_constant(text)), f"{word} is no JSON value")

    def finite(number: str) -> float:
        if (value := float(number)) in {float("inf"), float("-inf")}:
            raise NotJsonError(_line(text, text.find(number)), f"the number {number[:20]} is out of range")
        return value

    try:
        return json.loads(text, parse_constant=refuse, parse_float=finite)
    except json.JSONDecodeError as error:
        raise _syntax(error.pos, error.msg, text) from None
    except RecursionError:
        raise NotJsonError(1, "the JSON is nested too deeply") from None
    except NotJsonError:
        raise
    except ValueError:
        raise NotJsonError(1, "the JSON holds a number of thousands of digits") from None


def _syntax(position: int, problem: str, text: str) -> NotJsonError:
    """What is wrong where a reader stopped. What it says of it is told, and decides nothing."""
    whole = text.rstrip()
    if _is_cut(whole, position):
        return NotJsonError(_line(whole, len(whole)), "the JSON is cut short, it ends too early", cut=True)
    line, column = _line(text, position), position - text.rfind("\n", 0, position)
    if _begins_whole(text):
        return NotJsonError(line, "more text follows the JSON; one row per line is named .ndjson")
    problem = problem[:1].lower() + problem[1:].removesuffix(" at")
    return NotJsonError(line, f"the JSON has a syntax error in column {column} ({problem})")


def _is_cut(text: str, position: int) -> bool:
    """Whether the text from a position on is the beginning of something that has no end."""
    ended = max((string.end() for string in _STRING.finditer(text)), default=0)
    begun = text.find('"', ended)
    return 0 <= begun <= position or _BEGUN.fullmatch(text, position) is not None


def _begins_whole(text: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        return False
    return True


def why_unfit(error: msgspec.ValidationError) -> str:
    """What a document that has not the shape of a struct has instead, its place first."""
    problem, _, place = str(error).partition(" - at `$")
    problem = problem[:1].lower() + problem[1:]
    return f"`{key}`: {problem}" if (key := place.strip("`.")) else problem


def _strange(data: bytes) -> str | None:
    """What a text is instead of JSON, if it shows."""
    start = data[:1000].lstrip()
    if not data.strip():
        return "the file is empty"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start[:4]:
        return "the text is UTF-16, as Windows PowerShell's > writes it; save it as UTF-8"
    if start.lower().startswith((b"<!doctype html", b"<html")):
        return "this is an HTML page and not JSON; a proxy or mirror has stored an error page"
    if start.startswith(b"<"):
        return "this is XML and not JSON; a proxy or mirror has stored an error page"
    if start.startswith(b"ERROR:"):
        return "this is not JSON but an error message of az; run the command again"
    return None


def _lines(stream: IO[bytes], name: str, limit: int) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, numbered from 1; only as much of the file as is asked for."""
    packed = _is_gzip(name, _peeked(stream, name))
    reader = gzip.GzipFile(fileobj=stream) if packed else stream
    total, blank = 0, True
    for number in count(1):
        try:
            line = reader.readline(LINE_LIMIT + 1)
        except _READ_ERRORS as error:
            raise _unreadable(error, name) from None
        total += len(line)
        if len(line) > LINE_LIMIT or (packed and total > limit):
            raise _too_large(name, limit if packed else LINE_LIMIT)
        if not line:
            return
        text = line.removeprefix(_BOM) if number == 1 else line
        if text and not text.isspace():
            if blank and (strange := _strange(text) or _spread(text)):
                raise FileError(f"{name}: {strange}")
            blank = False
            yield number, text


def _spread(line: bytes) -> str | None:
    if line.strip() in {b"{", b"["}:
        return "this is one JSON document over several lines; name it .json"
    return None


def _bounded(stream: IO[bytes] | gzip.GzipFile, name: str, limit: int) -> bytes:
    chunks, total = [], 0
    try:
        while chunk := stream.read(MIB):
            chunks.append(chunk)
            total += len(chunk)
            if total > limit:
                raise _too_large(name, limit)
    except _READ_ERRORS as error:
        raise _unreadable(error, name) from None
    return b"".join(chunks)


def _is_gzip(name: str, start: bytes) -> bool:
    return start == b"\x1f\x8b" or (name.lower().endswith(".gz") and start != b"")


def _peeked(stream: IO[bytes], name: str) -> bytes:
    peek = getattr(stream, "peek", None)  # open files and zip members have it, typing's IO has not
    try:
        return bytes(peek(2)[:2]) if peek else b""
    except _READ_ERRORS as error:
        raise _unreadable(error, name) from None


def _unreadable(error: Exception, name: str) -> FileError:
    match error:
        case EOFError():
            return FileError(f"{name}: the compressed file is cut short")
        case gzip.BadGzipFile() | zlib.error() | BadZipFile():
            return FileError(f"{name}: the compressed file is damaged, or is not compressed at all")
        case IsADirectoryError():
            return FileError(f"{name}: this is a directory, and a file was expected")
        case _:
            return FileError(f"{name}: the file cannot be read ({os_reason(error)})")


def _too_large(name: str, limit: int) -> FileError:
    size = f"{limit // MIB} MiB" if limit >= MIB else f"{limit} bytes"
    return FileError(f"{name}: more than {size} of text come out of it, which is too much")


def _first_constant(text: str) -> int:
    """Where the first NaN or Infinity stands outside of strings."""
    return next(spot.start() for spot in _STRING_OR_CONSTANT.finditer(text) if spot[0][0] != '"')


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
