"""Resources in files that are no snapshot: answers of Resource Graph and ARM, arrays, NDJSON, folders."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scanner.errors import FileError
from scanner.model.inventory import Gap, Unusable
from scanner.model.resource import Row, Source, segment_after, type_of_id
from scanner.sources.files.json_records import NotJsonError, checked_records, opened, read_document
from scanner.sources.rows.interning import ALL_FIELDS, FieldFilter, Interner
from scanner.sources.rows.row_buffer import RowBuffer
from scanner.sources.rows.row_parser import kind_of, parse_row

ALL_TYPES = "*"
"""The `what` of a gap where not even the types of the missing rows are known."""

_LINES = (".ndjson", ".jsonl")
_PAGES = (".json", *_LINES)
_LIFTED = frozenset({"loginServer", "provisioningState"})
_QUERY = (
    "resources | where type startswith 'microsoft.containerregistry' | project id, name, type, location, "
    "resourceGroup, subscriptionId, apiVersion, sku, identity, tags, properties"
)
_COMMAND = f'az graph query -q "{_QUERY}" --first 1000 -o json'
_NEXT_PAGE = "save the pages that follow too (az graph query --skip-token …) and give the folder of all pages"
_ONE_LIST = "put the rows of all pages into one `value`, without `nextLink`"
_EXPECTED = (
    "expected Resource Graph rows in `data`, an ARM list in `value`, an array of rows, or one resource"
)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What was read: rows that can be used, those that cannot, and what is known to be missing."""

    rows: RowBuffer = field(default_factory=RowBuffer)
    unusable: list[Unusable] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    """The lower-cased types of the rows that were added."""
    _subscriptions: set[str] = field(default_factory=set)

    def add(
        self,
        found: object,
        where: str,
        source: Source = Source.RESOURCE_GRAPH,
        *,
        sound: bool = False,
        sharing: Interner | None = None,
    ) -> Row | None:
        """Take in one decoded row, or text that is none; the row, if it can be used.

        `sound` says that it is known to hold no half of a surrogate pair, and to be no deeper than allowed:
        of other rows `sharing` keeps everything, for the intake to look at.
        """
        if isinstance(found, NotJsonError):
            self.unusable.append(Unusable(where, found.reason))
            return None
        if sharing is not None and isinstance(found, dict):
            found = sharing.shared(found, sharing.kept if sound else ALL_FIELDS, stays=self.rows.stay)
        row = parse_row(found, where=where, source=source, sound=sound)
        if isinstance(row, Unusable):
            self.unusable.append(row)
            return None
        self.rows.append(row)
        self.types.add(row.type)
        # nearly all ids start so, and to search them costs more
        usual = row.id.startswith("/subscriptions/")
        self._subscriptions.add(row.id.split("/", 3)[2] if usual else segment_after(row.id, "subscriptions"))
        return row

    @property
    def subscriptions(self) -> frozenset[str]:
        """The subscriptions that the ids of added rows name, lower case."""
        return frozenset(map(str.lower, self._subscriptions)) - {""}


@dataclass(frozen=True, slots=True)
class _Page:
    """One file's elements, and what it says of those that it does not hold."""

    path: Path
    elements: Sequence[object]
    source: Source = Source.RESOURCE_GRAPH
    total: int | None = None
    goes_on: bool | None = None
    """Whether more follows; None where the form cannot say."""


def read_raw_exports(path: Path, kept: FieldFilter = ALL_FIELDS, most: int | None = None) -> ReadResult:
    """The rows of one file, or of all .json, .ndjson and .jsonl files (also .gz) of a folder.

    Where there are more than `most`, they are kept on disk.
    """
    files = list(_files(path)) if path.is_dir() else [path]
    if not files:
        raise FileError(
            f"{path}: the folder has no manifest.json, so it is no snapshot, and no .json or .ndjson file"
        )
    found, sharing, pages = (
        ReadResult(RowBuffer(most)),
        Interner(kept),
        list[tuple[_Page, Sequence[Row], int]](),
    )
    for file in files:
        unusable = len(found.unusable)
        if _plain_name(file).endswith(_LINES):
            _add_lines(found, file, sharing)
        else:
            page, rows = _page(file), list[Row]()
            for number, element in enumerate(page.elements, 1):
                _refuse_flat(element, file)
                row = found.add(element, f"{file}: row {number}", page.source, sharing=sharing)
                rows += [] if row is None else [row]
            pages.append((page, rows, len(found.unusable) - unusable))
    found.gaps.extend(dict.fromkeys(_missing(pages)))
    return found


def _add_lines(found: ReadResult, path: Path, sharing: Interner) -> None:
    """Take in the rows of a file that has one per line."""
    where = None
    with opened(path) as stream:
        for where, element, sound in checked_records(stream, str(path)):
            _refuse_flat(element, path)
            found.add(element, where, sound=sound, sharing=sharing)
    if where is None:
        raise FileError(f"{path}: the file is empty")


def _files(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except PermissionError:
        raise FileError(f"{folder}: you have no permission to read this folder") from None
    for name in names:
        if not name.startswith(".") and _plain_name(Path(name)).endswith(_PAGES):
            yield folder / name


def _plain_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _page(path: Path) -> _Page:
    document = read_document(path)
    match document:
        case list():
            return _Page(path, document)
        case {"error": dict(error)}:
            raise _azure_error(path, error)
        case {"code": str(), "message": str()}:
            raise _azure_error(path, document)
        case {"data": list(rows)}:
            return _Page(path, rows, total=_total(document), goes_on=_goes_on(document))
        case {"data": {"columns": list(columns), "rows": list(rows)}}:
            elements = [_from_table(columns, row, path) for row in rows]
            return _Page(path, elements, total=_total(document), goes_on=_goes_on(document))
        case {"value": list(rows)}:
            return _Page(path, rows, Source.ARM, goes_on=bool(document.get("nextLink")))
        case {"id": str(), **rest} if "values" not in rest:
            return _Page(path, [document])
        case _:
            raise _wrong_shape(path, document)


def _total(document: Mapping[str, Any]) -> int | None:
    total = document.get("totalRecords", document.get("total_records"))
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def _goes_on(document: Mapping[str, Any]) -> bool:
    """Whether more follows. `resultTruncated` is a string, and "false" beside a `$skipToken`."""
    token = document.get("$skipToken") or document.get("skipToken") or document.get("skip_token")
    return bool(token) or str(document.get("resultTruncated", "")).lower() == "true"


def _from_table(columns: Sequence[object], values: object, path: Path) -> object:
    """One row of the table that Resource Graph answered with until 2021; a misfit stays as it is."""
    names = [column.get("name") if isinstance(column, dict) else None for column in columns]
    if not all(isinstance(name, str) for name in names):
        raise FileError(f"{path}: the table in `data` has a column without a name")
    if not isinstance(values, list) or len(values) != len(names):
        return None if isinstance(values, dict) else values
    return dict(zip(names, values, strict=True))


def _missing(pages: Sequence[tuple[_Page, Sequence[Row], int]]) -> Iterator[Gap]:
    """Gaps for what the pages say that they do not hold; those of one query have one total."""
    queries: defaultdict[int | None, list[tuple[_Page, Sequence[Row], int]]] = defaultdict(list)
    for page, rows, unusable in pages:
        if page.source is Source.ARM and page.goes_on:
            yield from _gaps(rows, f"the `nextLink` of {page.path.name} leads to a page more", _ONE_LIST)
        elif page.source is Source.RESOURCE_GRAPH and page.goes_on is not None:
            queries[page.total].append((page, rows, unusable))
    for total, parts in queries.items():
        rows = [row for _, some, _ in parts for row in some]
        # distinct ids: a page that was saved twice must not stand for one that was not
        count = len({row.id.lower() for row in rows}) + sum(unusable for _, _, unusable in parts)
        names = ", ".join(page.path.name for page, _, _ in parts[:3]) + (", …" if parts[3:] else "")
        if total is not None and count < total:
            yield from _gaps(rows, f"{count} of the query's {total} rows are in {names}", _NEXT_PAGE)
        elif total is None and all(page.goes_on for page, _, _ in parts):
            yield from _gaps(rows, f"the last page of the query is not among {names}", _NEXT_PAGE)


def _gaps(rows: Sequence[Row], reason: str, advice: str) -> Iterator[Gap]:
    for what in sorted({row.type for row in rows}) or [ALL_TYPES]:
        yield Gap(what, "", reason, advice)


def _refuse_flat(element: object, path: Path) -> None:
    """Refuse what az commands made of a resource: they lift `properties` and fill in defaults."""
    if not isinstance(element, dict) or "properties" in element or _LIFTED.isdisjoint(element):
        return
    if isinstance(resource_id := element.get("id"), str) and type_of_id(resource_id):
        raise FileError(
            f"{path}: these rows have no `properties`, as az acr list and az acr show print them; "
            f"use {_COMMAND}, or az rest --method get --url …"
        )


def _azure_error(path: Path, error: Mapping[str, Any]) -> FileError:
    details = [detail for detail in error.get("details") or () if isinstance(detail, dict)]
    codes = [str(part.get("code")) for part in (error, *details) if part.get("code")]
    # the first code is often no more than BadRequest; the real one stands in the details
    message = next((str(part["message"]) for part in (*details, error) if part.get("message")), "no message")
    code = " ".join(f"{', '.join(dict.fromkeys(codes)) or 'no code'}: {message}".split())
    return FileError(f"{path}: this is an error that Azure answered and holds no rows ({code[:400]})")


def _wrong_shape(path: Path, document: object) -> FileError:
    match document:
        case {"format": int(), "results": list()}:
            return FileError(f"{path}: these are results of a scan, not resources")
        case {"format": int()}:
            return FileError(f"{path}: this is a snapshot's manifest; give the snapshot's folder")
        case {"values": list(), "changeNumber": _}:
            return FileError(f"{path}: these are service tags, not resources; they belong to --service-tags")
        case dict():
            keys = ", ".join(map(ascii, list(document)[:8])) or "no keys"
            return FileError(f"{path}: an object with {keys} is no list of resources; {_EXPECTED}")
        case _:
            return FileError(f"{path}: {kind_of(document)} is no list of resources; {_EXPECTED}")
