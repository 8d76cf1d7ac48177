"""Saved inventories: snapshots as acr-scan writes them, and bare files of resources."""

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from scanner.errors import FileError
from scanner.model.inventory import Gap, Inventory, Read, Unusable
from scanner.model.resource import Source
from scanner.model.store import Store
from scanner.network.service_tags import ServiceTags, parse_service_tags
from scanner.sources.files.archive import Members, check_digests, holds, members
from scanner.sources.files.json_records import (
    NotJsonError,
    checked_records,
    content,
    decoded,
    records,
    why_unfit,
)
from scanner.sources.files.raw_exports import ReadResult, read_raw_exports
from scanner.sources.rows.interning import ALL_FIELDS, FieldFilter, Interner
from scanner.sources.rows.row_buffer import RowBuffer

FORMAT = 1
MANIFEST, RESOURCES, READS, TAGS = "manifest.json", "resources.ndjson", "reads.ndjson", "service-tags.json"
_SETTINGS = "microsoft.insights/diagnosticsettings"
CHILDREN: Mapping[str, tuple[str, str]] = {
    name: (f"microsoft.containerregistry/registries/{name.lower()}", name.lower())
    for name in ("tasks", "agentPools", "cacheRules", "webhooks", "replications")
} | {"diagnosticSettings": (_SETTINGS, f"providers/{_SETTINGS}")}
"""What an ARM list holds: the type, and the part of its ids between the registry's and the name."""
_OK = 200
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_MEMBER = re.compile(
    r"(.+?/.+?)/((?:identity|kind|location|managedBy|plan|properties|sku|tags|zones)(?:\..*)?)"
)


class Query(msgspec.Struct, frozen=True, rename="camel"):
    """One query of Resource Graph, over all its pages."""

    table: str
    types: tuple[str, ...]
    rows: int
    total_records: int | None = None
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved inventory and the circumstances of its making; `collected` is an RFC 3339 time."""

    inventory: Inventory
    collected: str | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    service_tags: ServiceTags | None = None
    queries: tuple[Query, ...] | None = None

    @property
    def cloud(self) -> str:
        return self.inventory.cloud


class _Tags(msgspec.Struct):
    published: str | None = None


class _Manifest(msgspec.Struct, rename="camel"):
    format: int
    collected: str | None = None
    cloud: str | None = None
    scope: dict[str, Any] | None = None
    queries: tuple[Query, ...] | None = None
    unseen: tuple[Gap, ...] | None = None
    unusable: tuple[Unusable, ...] | None = None
    service_tags: _Tags | None = None
    sha256: dict[str, str] | None = None


class _ReadLine(msgspec.Struct, rename="camel"):
    of: str
    what: str
    status: int
    rows: int = 0
    api_version: str | None = None


def read_snapshot(
    path: Path,
    *,
    assume_complete: bool = False,
    cloud: str = "Public",
    kept: FieldFilter = ALL_FIELDS,
    most: int | None = None,
) -> Snapshot:
    """A snapshot's directory or zip, or bare files; `cloud` is that of what does not name its own.

    Where there are more rows than `most`, they are kept on disk.
    """
    with _uncollected():
        if holds(path, MANIFEST):
            found = ReadResult(RowBuffer(most))
            return _of_files(path, members(path), found, kept, assume_complete=assume_complete, cloud=cloud)
        return _of_bare(read_raw_exports(path, kept, most), assume_complete=assume_complete, cloud=cloud)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without a search for cycles: what is read is kept, and JSON has none, so that it would find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()  # with the next line: what is here is old now, and is not all looked at right away
            gc.unfreeze()
            gc.enable()


def _of_bare(found: ReadResult, *, assume_complete: bool, cloud: str) -> Snapshot:
    collected = None if assume_complete else frozenset(found.types)
    gaps, unusable = tuple(found.gaps), tuple(found.unusable)
    resources, subscriptions = found.rows.resources(), found.subscriptions
    return Snapshot(Inventory(resources, collected, gaps, (), unusable, subscriptions, cloud))


def _of_files(
    path: Path, files: Members, found: ReadResult, kept: FieldFilter, *, assume_complete: bool, cloud: str
) -> Snapshot:
    manifest = _manifest(path, files)
    check_digests(path, files, manifest.sha256 or {})
    found.unusable.extend(manifest.unusable or ())
    found.gaps.extend(map(_lowered, manifest.unseen or ()))
    _add_rows(found, path, files, kept)
    read = list(_reads(found, path, files))
    resources, queries = found.rows.resources(), manifest.queries
    found.gaps.extend(gap for query in queries or () for gap in missing_row_gaps(query, resources))
    reads, gaps = complete_reads(read, resources)
    scope = manifest.scope or {}
    named = _named(path, scope)
    collected = found.types if queries is None else _types(queries)
    inventory = Inventory(
        resources,
        None if assume_complete else frozenset(collected),
        tuple(dict.fromkeys([*found.gaps, *gaps])),
        reads,
        tuple(found.unusable),
        found.subscriptions if named is None else named,
        manifest.cloud or cloud,
    )
    return Snapshot(inventory, manifest.collected, scope, _service_tags(path, files, manifest), queries)


def _manifest(path: Path, files: Members) -> _Manifest:
    name = f"{path / MANIFEST}"
    if MANIFEST not in files:
        raise FileError(f"{path}: the zip holds no {MANIFEST}, so it is no snapshot")
    with files[MANIFEST]() as stream:
        document = decoded(content(stream, name), name)
    match document:
        case {"format": int(number)} if number > FORMAT:
            raise FileError(f"{name}: the snapshot was written by a newer acr-scan (format {number})")
    try:
        manifest = msgspec.convert(document, _Manifest)
    except msgspec.ValidationError as error:
        raise FileError(f"{name}: {why_unfit(error)}") from None
    if manifest.format != FORMAT:
        raise FileError(f"{name}: `format`: expected {FORMAT}, got {manifest.format}")
    if manifest.collected is not None and not _is_time(manifest.collected):
        raise FileError(f"{name}: `collected`: expected an RFC 3339 time, got {manifest.collected!a}")
    return manifest


def _is_time(text: str) -> bool:
    try:
        return bool(_RFC3339.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _add_rows(found: ReadResult, path: Path, files: Members, kept: FieldFilter) -> None:
    match [name for name in (RESOURCES, f"{RESOURCES}.gz") if name in files]:
        case []:
            raise FileError(f"{path}: the snapshot lacks {RESOURCES}")
        case [name]:
            sharing = Interner(kept)
            with files[name]() as stream:
                for where, element, sound in checked_records(stream, str(path / name)):
                    found.add(element, where, sound=sound, sharing=sharing)
        case _:
            raise FileError(f"{path}: the snapshot holds both {RESOURCES} and {RESOURCES}.gz")


def _records(path: Path, files: Members, name: str) -> Iterator[tuple[str, object]]:
    with files[name]() as stream:
        yield from records(stream, str(path / name))


def _reads(found: ReadResult, path: Path, files: Members) -> Iterator[Read]:
    """The ARM reads; a line that is none goes to the unusable ones."""
    for where, element in _records(path, files, READS) if READS in files else ():
        if isinstance(element, NotJsonError):
            found.add(element, where)
            continue
        try:
            line = msgspec.convert(element, _ReadLine)
        except msgspec.ValidationError as error:
            found.unusable.append(Unusable(where, why_unfit(error)))
        else:
            yield Read(line.of.lower(), line.what, line.api_version or "", line.status, line.rows)


def complete_reads(reads: Iterable[Read], resources: Store) -> tuple[tuple[Read, ...], list[Gap]]:
    """The reads without those lists of which rows are missing, and a gap for each of these."""
    whole, gaps = list[Read](), list[Gap]()
    for read in reads:
        if read.what in CHILDREN and read.status == _OK:
            child, part = CHILDREN[read.what]
            below = resources.children(f"{read.of}/{part}".rpartition("/")[0], child)
            here = sum(any(row.source is Source.ARM for row in each.rows) for each in below)
            if here < read.rows:
                gaps.append(
                    Gap(child, read.of, f"{here} of the {read.rows} rows of the list {read.what} are here")
                )
                continue
        whole.append(read)
    return tuple(whole), gaps


def missing_row_gaps(query: Query, resources: Store) -> Iterator[Gap]:
    """A gap for each type of a query of which rows did not come, or are not here any more."""
    types = _types([query])
    here = len(resources.of(types))
    wanted = max(query.rows, query.total_records or 0)
    if min(here, query.rows) < wanted:
        reason = f"{min(here, query.rows)} of the {wanted} rows of the query of {query.table} are here"
        yield from (Gap(what, "", reason) for what in sorted(types))


def _types(queries: Sequence[Query]) -> set[str]:
    return {name.lower() for query in queries for name in query.types}


def _lowered(gap: Gap) -> Gap:
    """A gap as the inventory looks it up: types and ids in lower case, properties as they are."""
    member = _MEMBER.fullmatch(gap.what)
    what = f"{member[1].lower()}/{member[2]}" if member else gap.what.lower()
    return Gap(what, gap.where.lower(), gap.reason, gap.help)


def _named(path: Path, scope: Mapping[str, Any]) -> frozenset[str] | None:
    """The subscriptions that a manifest says were collected."""
    match scope.get("subscriptions"):
        case None:
            return None
        case list(names) if all(isinstance(name, str) for name in names):
            return frozenset(name.lower() for name in names)
        case _:
            raise FileError(f"{path / MANIFEST}: `scope.subscriptions`: expected an array of strings")


def _service_tags(path: Path, files: Members, manifest: _Manifest) -> ServiceTags | None:
    if TAGS not in files:
        return None
    name = str(path / TAGS)
    with files[TAGS]() as stream:
        document = decoded(content(stream, name), name)
    published = manifest.service_tags.published if manifest.service_tags else None
    try:
        return parse_service_tags(document, source="snapshot", published=published)
    except ValueError as error:
        raise FileError(f"{name}: these are no service tags ({error})") from None
