"""Service tags from a file: the weekly download, a saved answer of the Discovery API, or a snapshot's own."""

import codecs
import gzip
import re
import zlib
from datetime import date
from pathlib import Path
from typing import NoReturn

import msgspec

from scanner.errors import FileError, os_reason
from scanner.network.service_tags import ServiceTags, parse_service_tags

_LIMIT = 64 << 20
_GZIP = b"\x1f\x8b"
_DATED = re.compile(r"ServiceTags_[A-Za-z]+_([0-9]{8})(?![0-9])")
_HELP = (
    "download the weekly file from https://www.microsoft.com/download/details.aspx?id=56519 (Public; "
    "id=57063 for US Government, id=57062 for China), or save an answer of the API: "
    "az network list-service-tags --location eastus > service-tags.json"
)


def read_service_tags(path: Path) -> ServiceTags:
    """The service tags of a .json or .json.gz file in either dialect; FileError says why there are none."""
    text = _text(path, _content(path))
    try:
        document = msgspec.json.decode(text)
    except RecursionError:
        _refuse(path, "is nested too deeply for a service tag file")
    except msgspec.DecodeError as error:
        _refuse(path, f"is not valid JSON: {_lower(str(error))}")
    try:
        return parse_service_tags(document, source="file", published=published(path.name))
    except ValueError as error:
        _refuse(path, f"is not a service tag file: {error}")


def published(name: str) -> str | None:
    """The ISO date in a weekly file's name: the file itself holds none."""
    dated = _DATED.search(name)
    try:
        return date.fromisoformat(dated[1]).isoformat() if dated else None
    except ValueError:
        return None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            zipped = file.peek(2).startswith(_GZIP)
            content = (gzip.GzipFile(fileobj=file) if zipped else file).read(_LIMIT + 1)
    except FileNotFoundError:
        _refuse(path, "does not exist")
    except IsADirectoryError:
        _refuse(path, "is a folder, not a service tag file")
    except PermissionError:
        _refuse(path, "cannot be read: permission denied")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        _refuse(path, "is a damaged or incomplete gzip file")
    except (OSError, ValueError) as error:
        _refuse(path, f"cannot be read: {os_reason(error)}")
    if len(content) > _LIMIT:
        _refuse(path, f"holds more than {_LIMIT >> 20} MiB, which no service tag file does")
    return content


def _text(path: Path, content: bytes) -> str:
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        _refuse(path, f"is not UTF-8 text: byte {error.start} is wrong")
    if not text.strip():
        _refuse(path, "is empty")
    if text.lstrip().startswith("<"):
        _refuse(path, "is an HTML or XML page, not JSON: the download most likely failed")
    return text


def _lower(reason: str) -> str:
    return reason if reason.startswith("JSON") else reason[:1].lower() + reason[1:]


def _refuse(path: Path, what: str) -> NoReturn:
    raise FileError(f"{path}: {what}", help=_HELP) from None
