"""ARM reads: what a verdict hinges on and Resource Graph does not show. Bounded, and each accounted for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from scanner.catalog.fields import resource_types
from scanner.errors import SourceError
from scanner.model.inventory import Gap, Read, Unusable
from scanner.model.resource import Row, Source, type_of_id
from scanner.sources.azure.arm import Arm, RefusedError
from scanner.sources.files.raw_exports import ReadResult
from scanner.sources.files.snapshot import CHILDREN
from scanner.sources.rows.row_parser import parse_row

AT_ONCE = 8
"""Requests under way at a time: far below ARM's own limit of reads per subscription."""
PAGES = 1000
_OTHER_VERSION = frozenset({"InvalidApiVersionParameter", "NoRegisteredProviderFound", "InvalidResourceType"})
_CALLBACK = "callbackConfig"
CALLBACK_ACTION = "Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action"


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One read: what of whom, for which fields, by which api-versions, best first.

    `row` is the one that an action's answer completes. A read that only `confirms` a verdict leaves no gap
    where it is refused: the verdict stands without it.
    """

    of: str
    what: str
    fields: tuple[str, ...]
    versions: tuple[str, ...]
    row: Row | None = None
    confirms: bool = False


@dataclass(slots=True)
class ReadOutcome:
    """What reads brought: rows and unusable ones, a line for each read, gaps where one was refused."""

    found: ReadResult = field(default_factory=ReadResult)
    reads: list[Read] = field(default_factory=list)

    def add(self, other: "ReadOutcome") -> None:
        """Takes in what other reads brought."""
        self.found.rows.extend(other.found.rows)
        self.found.unusable.extend(other.found.unusable)
        self.found.gaps.extend(other.found.gaps)
        self.reads.extend(other.reads)


def execute_reads(arm: Arm, wanted: Sequence[ReadRequest]) -> ReadOutcome:
    """Every read, in the order asked for, whatever order they end in."""
    todo: SimpleQueue[int] = SimpleQueue()
    ended: SimpleQueue[tuple[int, ReadOutcome | BaseException]] = SimpleQueue()
    for position in range(len(wanted)):
        todo.put(position)
    for number in range(min(AT_ONCE, len(wanted))):
        # daemons, since nobody who pressed Ctrl-C wants to wait for answers that are under way
        Thread(target=_work, args=(arm, wanted, todo, ended), name=f"arm-read-{number}", daemon=True).start()
    brought: dict[int, ReadOutcome] = {}
    try:
        while len(brought) < len(wanted):
            position, one = ended.get()
            brought[position] = _unless_failed(one)
            arm.pace.progress.reads(len(brought), len(wanted))
    except BaseException:
        arm.pace.stop()
        raise
    got = ReadOutcome()
    for position in range(len(wanted)):
        got.add(brought[position])
    return got


def _work(
    arm: Arm,
    wanted: Sequence[ReadRequest],
    todo: "SimpleQueue[int]",
    ended: "SimpleQueue[tuple[int, ReadOutcome | BaseException]]",
) -> None:
    """One thread's part: reads until there are none left, or the scan is stopped."""
    with suppress(Empty):
        while not arm.pace.stopped:
            position = todo.get_nowait()
            try:
                ended.put((position, _read(arm, wanted[position])))
            except BaseException as error:  # noqa: BLE001 - told to the thread that waits, which raises it
                ended.put((position, error))


def _unless_failed(one: ReadOutcome | BaseException) -> ReadOutcome:
    if isinstance(one, BaseException):
        raise one
    return one


def _read(arm: Arm, wanted: ReadRequest) -> ReadOutcome:
    got = ReadOutcome()
    refused: SourceError | None = None
    for version in wanted.versions:
        try:
            rows = list(_rows(arm, wanted, version))
        except RefusedError as error:
            refused = error
            if error.code in _OTHER_VERSION:
                continue
            got.reads.append(Read(wanted.of.lower(), wanted.what, version, error.status, 0))
            break
        except SourceError as error:
            refused = error
            got.reads.append(Read(wanted.of.lower(), wanted.what, version, 0, 0))
            break
        got.found.rows.extend(row for row in rows if isinstance(row, Row))
        got.found.unusable.extend(row for row in rows if isinstance(row, Unusable))
        got.reads.append(Read(wanted.of.lower(), wanted.what, version, 200, len(rows)))
        return got
    if refused is not None and not wanted.confirms:
        got.found.gaps.extend(_gaps(wanted, refused))
    return got


def _rows(arm: Arm, wanted: ReadRequest, version: str) -> Iterator[Row | Unusable]:
    """The rows of one read; a list is followed to its last page."""
    where = f"ARM {wanted.what} of {wanted.of}"
    if wanted.what == _CALLBACK:
        path = f"{wanted.of}/getCallbackConfig?api-version={version}"
        yield _completed(wanted.row, arm.send("POST", path).document, where)
        return
    if wanted.what == "self":
        document = arm.send("GET", f"{wanted.of}?api-version={version}").document
        yield parse_row(document, where=where, source=Source.ARM, api_version=version)
        return
    path = f"{wanted.of}/{_FOLDERS.get(wanted.what, wanted.what)}?api-version={version}"
    seen = set[str]()
    while path:
        if path in seen or len(seen) > PAGES:
            raise SourceError(f"{where}: the pages of the list go round in a circle")
        seen.add(path)
        document = arm.send("GET", path).document
        values = document.get("value")
        if not isinstance(values, list):
            raise SourceError(f"{where}: Azure answered a list without `value`")
        for position, value in enumerate(values, 1):
            yield parse_row(value, where=f"{where}: row {position}", source=Source.ARM, api_version=version)
        link = document.get("nextLink")
        path = arm.next_path(link) if link else ""


_FOLDERS = {"diagnosticSettings": "providers/Microsoft.Insights/diagnosticSettings"}


def _completed(row: Row | None, answer: Mapping[str, Any], where: str) -> Row | Unusable:
    """A webhook's row with what getCallbackConfig says; the address is cut to scheme and host right here."""
    if row is None:
        return Unusable(where, "the webhook is not in the inventory")
    address = {"serviceUri": answer.get("serviceUri"), "customHeaders": answer.get("customHeaders") or {}}
    properties = {**(row.body.get("properties") or {}), **address}
    body = {**row.body, "properties": properties}
    return parse_row(body, where=where, source=row.source, api_version=row.api_version)


def _gaps(wanted: ReadRequest, error: SourceError) -> Iterator[Gap]:
    """Why a read brought nothing, where its verdicts look for it."""
    kind = type_of_id(wanted.of) or ""
    listed = wanted.what in CHILDREN
    advice = _advice(wanted, error, kind)
    for what in (
        [CHILDREN[wanted.what][0]] if listed else [f"{kind}/{path}" for path in wanted.fields] or [kind]
    ):
        yield Gap(what, wanted.of.lower(), f"ARM: {error}", advice)


def _advice(wanted: ReadRequest, error: SourceError, kind: str) -> str | None:
    if not isinstance(error, RefusedError) or error.status not in {401, 403}:
        return error.help
    if wanted.what == _CALLBACK:
        return f"it takes the permission {CALLBACK_ACTION}, which Reader lacks; give it by a custom role"
    known = resource_types().get(CHILDREN[wanted.what][0] if wanted.what in CHILDREN else kind)
    return f"it takes the permission {known.name if known is not None else kind}/read, which Reader has"
