"""Keeping an inventory as a snapshot: a directory or a zip, the same bytes for the same inventory."""

import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from scanner.errors import FileError, UsageError, os_reason
from scanner.model.inventory import Inventory
from scanner.model.resource import Row
from scanner.network.service_tags import weekly_dialect
from scanner.sources.files.archive import TOTAL_LIMIT, members, would_explode
from scanner.sources.files.json_records import content, decoded
from scanner.sources.files.snapshot import FORMAT, MANIFEST, READS, RESOURCES, TAGS, Snapshot

_OWN = frozenset({MANIFEST, RESOURCES, f"{RESOURCES}.gz", READS, TAGS})
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_HELP = "give a path that does not exist yet, an empty folder, or an older snapshot"


def write_snapshot(path: Path, snapshot: Snapshot, *, tool: str) -> None:
    """Write a snapshot, or replace one; a zip if the path ends so. `tool` is the version that writes."""
    target = path.resolve()
    zipped = path.suffix.lower() == ".zip"
    check_target(path)
    files = _files(snapshot, tool)
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if zipped:
            _write_zip(aside, path, files)
            aside.replace(target)
        else:
            _write_folder(aside, files)
            _swap(aside, target)
    except OSError as error:
        raise FileError(f"{path}: the snapshot cannot be written ({os_reason(error)})") from None
    finally:
        _remove(aside)


def check_target(path: Path) -> None:
    """Refuse to write where anything but a snapshot would be lost; ask before a long collection."""
    try:
        _check_what_is_there(path)
    except OSError as error:
        raise FileError(f"{path}: the snapshot cannot be written ({os_reason(error)})") from None


def _check_what_is_there(path: Path) -> None:
    if not path.exists():
        return
    if path.suffix.lower() == ".zip":
        if not path.is_file() or not _is_snapshot(path):
            raise FileError(f"{path}: this is no snapshot, and it would be overwritten", help=_HELP)
    elif not path.is_dir():
        raise FileError(f"{path}: this is a file, and a snapshot is a folder or a .zip", help=_HELP)
    elif any(path.iterdir()) and not _is_snapshot(path):
        raise FileError(f"{path}: the folder is not empty and no snapshot", help=_HELP)


def _is_snapshot(path: Path) -> bool:
    """Whether a folder or zip holds a manifest of ours, and nothing that we would not have written."""
    try:
        files = members(path)
        if MANIFEST not in files or not files.keys() <= _OWN:
            return False
        if path.is_dir() and any(entry.is_dir() for entry in path.iterdir()):
            return False
        with files[MANIFEST]() as stream:
            manifest = decoded(content(stream, str(path)), str(path))
    except FileError:
        return False
    return isinstance(manifest, dict) and isinstance(manifest.get("format"), int)


def _files(snapshot: Snapshot, tool: str) -> Mapping[str, bytes]:
    """Each file's bytes, by name, the manifest last: it vouches for the others."""
    inventory, tags = snapshot.inventory, snapshot.service_tags
    files = {RESOURCES: _lines(_row(row) for row in _rows(inventory)), READS: _lines(_reads(inventory))}
    if tags is not None:
        files[TAGS] = _pretty(weekly_dialect(tags))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[MANIFEST] = _pretty(_manifest(snapshot, tool) | {"sha256": digests})
    return files


def _manifest(snapshot: Snapshot, tool: str) -> dict[str, Any]:
    inventory, tags = snapshot.inventory, snapshot.service_tags
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "tool": {"name": "acr-scan", "version": tool},
        "collected": snapshot.collected,
        "cloud": snapshot.cloud,
        "scope": {"subscriptions": sorted(inventory.subscriptions)} | dict(snapshot.scope),
        "unseen": list(inventory.gaps),
    }
    if snapshot.queries is not None:
        manifest["queries"] = list(snapshot.queries)
    if inventory.unusable:  # rows that cannot be written, and without which nothing is complete
        manifest["unusable"] = list(inventory.unusable)
    if tags is not None:
        manifest["serviceTags"] = {
            "source": tags.source,
            "cloud": tags.cloud,
            "changeNumber": tags.change_number,
            "published": tags.published,
        }
    return manifest


def _rows(inventory: Inventory) -> Iterator[Row]:
    for key in sorted(inventory.resources):
        yield from inventory.resources[key].rows


def _row(row: Row) -> dict[str, Any]:
    return {**row.body, "source": row.source.value, "apiVersion": row.api_version}


def _reads(inventory: Inventory) -> Iterator[dict[str, Any]]:
    for read in inventory.reads:
        yield {
            "of": read.of,
            "what": read.what,
            "apiVersion": read.api_version,
            "status": read.status,
            "rows": read.rows,
        }


def _lines(documents: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(document) + b"\n" for document in documents)


def _pretty(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        with (folder / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _write_zip(target: Path, path: Path, files: Mapping[str, bytes]) -> None:
    if sum(map(len, files.values())) > TOTAL_LIMIT:
        raise UsageError(f"{path}: the snapshot is too large for a zip", help="save it as a folder")
    infos = _zipped(target, files, zipfile.ZIP_DEFLATED)
    if any(map(would_explode, infos)):  # rows so much alike that reading them back would be refused
        _zipped(target, files, zipfile.ZIP_STORED)


def _zipped(target: Path, files: Mapping[str, bytes], method: int) -> list[zipfile.ZipInfo]:
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", method) as archive:
            for name in sorted(files):
                info = zipfile.ZipInfo(name, _EPOCH)
                info.create_system, info.external_attr, info.compress_type = _UNIX, 0o644 << 16, method
                archive.writestr(info, files[name])
        file.flush()
        os.fsync(file.fileno())
        return archive.infolist()


def _swap(new: Path, target: Path) -> None:
    """Put a folder in the place of another, which no system call does at once; undone if it fails."""
    if not target.exists():
        new.rename(target)
        return
    old = new.with_name(f"{new.name}.old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _remove(aside: Path) -> None:
    """What is left of a write that failed; a path that no file can have holds nothing."""
    with suppress(OSError):
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)
