"""Resource Graph to the last page: one query per table, in the order of ids, every page accounted for."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from scanner.errors import SourceError
from scanner.model.inventory import Gap
from scanner.model.resource import Source
from scanner.sources.azure.arm import Arm, RefusedError
from scanner.sources.files.raw_exports import ReadResult
from scanner.sources.files.snapshot import Query

PATH = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
PAGE = 1000
SMALLEST_PAGE = 1
STARTS = 3
"""How often a query starts, or a page is asked for, before what is wrong with it is taken for lasting."""
COLUMNS = "id, name, type, location, resourceGroup, subscriptionId, kind, sku, identity, properties"
VERSIONED = frozenset({"resources", "networkresources"})
"""Tables whose rows say by which api-version Resource Graph read them."""
INHERITED = frozenset({"authorizationresources", "policyresources"})
"""Tables whose rows hold for a scope from above it: what is at a management group reaches down."""
TOO_LARGE, NO_TABLE = "ResponsePayloadTooLarge", "DisallowedLogicalTableName"


@dataclass(frozen=True, slots=True)
class QueryScope:
    """What is scanned: subscriptions, or a management group, or with neither everything that is readable."""

    subscriptions: tuple[str, ...] = ()
    management_group: str | None = None

    def body(self) -> dict[str, Any]:
        """The scope as Resource Graph takes it."""
        if self.management_group is not None:
            return {"managementGroups": [self.management_group]}
        return {"subscriptions": list(self.subscriptions)} if self.subscriptions else {}


@dataclass(slots=True)
class Table:
    """One table's query over one scope, and how far it came."""

    name: str
    types: tuple[str, ...]
    scope: QueryScope
    found: ReadResult
    columns: str = ""
    pages: int = 0
    total: int | None = None
    problem: str | None = None
    """Why rows may be missing; None where all arrived."""
    label: str = ""
    """What progress calls it, where the name alone is not enough."""
    _ids: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    """What this pass over the table has brought; an estate may change between two of them."""
    _last: str = ""
    _unfinished: str | None = None
    _resumable: bool = True
    """Whether the query can go on behind an id: a cloud may know fewer functions than another."""

    @property
    def ids(self) -> AbstractSet[str]:
        """What tells the rows apart that arrived."""
        return self._ids

    @property
    def rows(self) -> int:
        """How many distinct rows arrived."""
        return len(self._ids)

    @property
    def query(self) -> Query:
        """The query as a snapshot's manifest keeps it."""
        return Query(self.name, self.types, self.rows, self.total, self.pages)

    def collect(self, arm: Arm) -> None:
        """Fetch every page; what cannot be had becomes gaps, never an error that loses what is there.

        A query starts again where a $skipToken comes back, and where fewer rows came than there are.
        """
        size, starts = PAGE, 0
        while starts < STARTS and self.problem is None:
            before = self.rows
            try:
                self._unfinished = self._walk(arm, size)
            except RefusedError as error:
                if error.code == TOO_LARGE and size > SMALLEST_PAGE:
                    size = max(SMALLEST_PAGE, size // 4)
                    continue
                if self._last and self._resumable and error.status == HTTPStatus.BAD_REQUEST:
                    self._last, self._resumable = "", False  # start over; no row is taken twice
                    continue
                self._gap(f"Resource Graph refused the query: {error}", _help(error, self))
                return
            except SourceError as error:
                self._gap(str(error), error.help)
                return
            if self._unfinished is None:
                break
            if not self._last or self.rows == before:  # going on behind the last id gets somewhere
                starts += 1
        self._account()

    def _walk(self, arm: Arm, size: int) -> str | None:
        """The pages from the last id on; what is wrong where they did not bring every row."""
        start = self._last
        if not start:
            self._seen, self.total = set(), None
        before = len(self._seen)
        token, tokens = None, set[str]()
        while True:
            page = self._page(arm, size, start, token)
            self.pages += 1
            self.total = max(self.total or 0, before + _number(page, "totalRecords"))
            self._take(page["data"])
            arm.pace.progress.rows(self.label or self.name, self.pages, self.rows, self.total)
            token = page.get("$skipToken")
            if not token:
                break
            if token in tokens:
                return f"Resource Graph repeated a $skipToken {STARTS} times"
            tokens.add(token)
        if len(self._seen) >= self.total:
            return None
        self._last = ""
        return f"no pass over {self.name} brought all of its {self.total} rows"

    def _page(self, arm: Arm, size: int, start: str, token: str | None) -> Mapping[str, Any]:
        """One page; asked again where it does not hold as many rows as it says."""
        options: dict[str, Any] = {"$top": size, "resultFormat": "objectArray"}
        if token is not None:
            options["$skipToken"] = token
        if self.name in INHERITED:
            options["authorizationScopeFilter"] = "AtScopeAboveAndBelow"
        body = {**self.scope.body(), "query": self.text(start), "options": options}
        for _ in range(STARTS):
            reply = arm.send("POST", PATH, json=body, paced=True)
            if reply.headers.get("x-ms-tenant-subscription-limit-hit", "").lower() == "true":
                self.problem = "the scope has more subscriptions than one query covers; scan them in parts"
            data = reply.document.get("data")
            if isinstance(data, list) and _number(reply.document, "count") == len(data):
                return reply.document
        told, had = reply.document.get("count"), len(data) if isinstance(data, list) else "none"
        raise SourceError(f"Resource Graph told of {told} rows in a page and sent {had}, {STARTS} times")

    def text(self, start: str = "") -> str:
        """The query. It fetches and does not judge."""
        listed = ", ".join(f"'{name}'" for name in self.types)
        columns = self.columns or (f"{COLUMNS}, apiVersion" if self.name in VERSIONED else COLUMNS)
        after = f" | where strcmp(tolower(id), '{_quoted(start)}') > 0" if start else ""
        return (
            f"{self.name} | where type in~ ({listed}){after} | project {columns} | order by tolower(id) asc"
        )

    def _take(self, data: Sequence[object]) -> None:
        """Takes in a page's rows. A row that was there before is not taken twice."""
        for row in data:
            identifier = row.get("id") if isinstance(row, dict) else None
            key = identifier.lower() if isinstance(identifier, str) else msgspec.json.encode(row).decode()
            self._seen.add(key)
            if key not in self._ids:
                self._ids.add(key)
                self.found.add(row, f"{self.name}: row {len(self._ids)}", Source.RESOURCE_GRAPH)
            if isinstance(identifier, str):
                self._last = key if self._resumable else ""

    def _account(self) -> None:
        """Gaps where fewer rows arrived than there are; in the words of a snapshot's reader."""
        if self.problem is None and self._unfinished is not None and self.rows < (self.total or 0):
            self._gap(f"{self.rows} of the {self.total} rows of the query of {self.name} are here", None)
        elif self.problem is not None or self._unfinished is not None:
            reason = self.problem or self._unfinished or ""
            self._gap(reason, "scan again; if it stays, scan fewer subscriptions at a time")

    def _gap(self, reason: str, help_: str | None) -> None:
        gaps = [Gap(kind.lower(), "", reason, help_) for kind in self.types]
        self.found.gaps.extend(gap for gap in gaps if gap not in self.found.gaps)


def batches(scope: QueryScope, size: int) -> Iterator[QueryScope]:
    """The scope in parts of so many subscriptions; a management group or a tenant is one part."""
    names: Sequence[str] = scope.subscriptions
    if not names:
        yield scope
    for first in range(0, len(names), size):
        yield QueryScope(tuple(names[first : first + size]))


def _help(error: RefusedError, table: Table) -> str:
    if error.status in {401, 403}:
        return f"reading {table.name} takes the Reader role on the scope"
    if error.code == NO_TABLE:
        return "this cloud's Resource Graph does not have the table; --exclude the policies that need it"
    return "this may be a bug of acr-scan: report the query's error"


def _number(page: Mapping[str, Any], key: str) -> int:
    value = page.get(key)
    return value if isinstance(value, int) else 0


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
