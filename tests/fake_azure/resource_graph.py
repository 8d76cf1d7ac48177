"""POST /providers/Microsoft.ResourceGraph/resources."""

import base64
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fake_azure.graph_rows import graph_rows
from fake_azure.messages import (
    ACCESS_DENIED,
    THROTTLED,
    Answer,
    Refusal,
    Request,
    arm_error,
    encoded,
    graph_error,
)
from fake_azure.query import Query, Row, parse
from fake_azure.quota import Quota, Ticket
from fake_azure.scope import Scope, scope_of, wanted_filter
from fake_azure.tokens import disallowed
from fake_azure.world import World

SUPPORTED = (
    "2018-09-01-preview",
    "2019-04-01",
    "2020-04-01-preview",
    "2021-03-01",
    "2021-06-01-preview",
    "2022-10-01",
    "2024-04-01",
)
OBJECT_ARRAYS = "2021-03"
MOST_ROWS = 1000
MEGABYTE = 1024 * 1024


@dataclass
class ResourceGraph:
    """Answers queries from the world's rows."""

    world: World
    quota: Quota = field(default_factory=Quota)
    most_bytes: int = 16 * MEGABYTE
    _kept: dict[str, tuple[Query, Sequence[Row]]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def answer(self, request: Request) -> Answer:
        """The answer to a query, with the headers that tell of the quota."""
        ticket = self.quota.take()
        try:
            if not ticket.allowed:
                raise graph_error(429, "RateLimiting", THROTTLED, Retry_After=str(ticket.seconds))
            answer = self._page(request)
        except Refusal as refusal:
            answer = refusal.answer
        return Answer(answer.status, answer.body, {**quota_headers(ticket), **answer.headers})

    def _page(self, request: Request) -> Answer:
        version, body = request.api_version, request.json
        if request.method != "POST" or version not in SUPPORTED:
            known = ", ".join(SUPPORTED)
            message = f"The api-version '{version}' is invalid. The supported versions are '{known}'."
            raise arm_error(400, "InvalidApiVersionParameter", message)
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise _bad("InvalidRequestBody", "The request body is no query.")
        options = body.get("options") or {}
        scope = scope_of(body, self.world)
        digest = hashlib.sha256(
            json.dumps([body["query"], _scope_key(body), options.get("authorizationScopeFilter")]).encode()
        ).hexdigest()[:32]
        size, first = _window(options, digest)
        query, rows = self._rows(body["query"], scope, wanted_filter(options, version), digest)
        page = rows[first : first + size]
        more = first + len(page) < len(rows)
        document: dict[str, Any] = {
            "totalRecords": len(rows),
            "count": len(page),
            "data": _formed(page, query, options, version),
            "facets": [],
            "resultTruncated": "true" if more and not query.pageable else "false",
        }
        if more and query.pageable:
            document["$skipToken"] = _token(digest, size, first + len(page))
        self._weigh(document)
        return Answer(
            200, document, {"x-ms-tenant-subscription-limit-hit": "true"} if scope.limit_hit else {}
        )

    def _rows(
        self, text: str, scope: Scope, wanted: frozenset[str], digest: str
    ) -> tuple[Query, Sequence[Row]]:
        key = f"{self.world.generation} {sorted(wanted)} {digest}"
        with self._lock:
            if key not in self._kept:
                query = parse(text, orders_strings=self.world.orders_strings)
                self._refuse(query.table)
                rows = graph_rows(self.world)[query.table]
                seen = [row.columns for row in rows if scope.sees(row, wanted)]
                self._kept[key] = (query, query.run(seen))
            return self._kept[key]

    def _refuse(self, table: str) -> None:
        match self.world.refused_tables.get(table):
            case "AccessDenied":
                raise graph_error(403, "AccessDenied", ACCESS_DENIED)
            case "DisallowedLogicalTableName":
                raise disallowed(table)

    def _weigh(self, document: Mapping[str, Any]) -> None:
        size = len(encoded(document))
        if size > self.most_bytes:
            raise _bad(
                "ResponsePayloadTooLarge",
                f"Response payload size is {size}, and has exceeded the limit of {self.most_bytes}. Please "
                "consider querying less data at a time and make paginated call if needed.",
            )


def quota_headers(ticket: Ticket) -> dict[str, str]:
    return {
        "x-ms-user-quota-remaining": str(ticket.remaining),
        "x-ms-user-quota-resets-after": ticket.clock,
        "x-ms-ratelimit-remaining-tenant-resource-requests": str(ticket.remaining),
    }


def _bad(code: str, message: str) -> Refusal:
    return graph_error(400, "BadRequest", {"code": code, "message": message})


def _scope_key(body: Mapping[str, Any]) -> list[Any]:
    return [sorted(body.get(key) or []) for key in ("subscriptions", "managementGroups")]


def _window(options: Mapping[str, Any], digest: str) -> tuple[int, int]:
    """How many rows, from which on. A token brings its page size; a $top beside it must be the same."""
    top, skip, token = options.get("$top"), options.get("$skip"), options.get("$skipToken")
    if top is not None and (not isinstance(top, int) or not 1 <= top <= MOST_ROWS):
        raise _bad("InvalidTop", f"The value '{top}' of '$top' is not between 1 and {MOST_ROWS}.")
    if not token:
        return top or MOST_ROWS, skip if isinstance(skip, int) and skip > 0 else 0
    try:
        told = json.loads(base64.b64decode(token, validate=True))
        size, first, bound = told["MaxRows"], told["RowsToSkip"], told["Query"]
    except (ValueError, KeyError, TypeError) as error:
        raise _bad("CouldNotDecodeSkipToken", "Skip token could not be decoded.") from error
    if bound != digest or top not in {None, size}:
        raise _bad("CouldNotDecodeSkipToken", "Skip token could not be decoded.")
    return int(size), int(first)


def _token(digest: str, size: int, first: int) -> str:
    told = {"$id": "1", "MaxRows": size, "RowsToSkip": first, "Query": digest}
    return base64.b64encode(json.dumps(told).encode()).decode()


def _formed(page: Sequence[Row], query: Query, options: Mapping[str, Any], version: str) -> Any:
    usual = "objectArray" if version >= OBJECT_ARRAYS else "table"
    asked = str(options.get("resultFormat") or usual).lower()
    if asked == "objectarray":
        return list(page)
    if asked != "table":
        raise _bad("InvalidResultFormat", f"The value '{asked}' of 'resultFormat' is invalid.")
    columns = [{"name": name, "type": kind} for name, kind in query.columns.items()]
    return {"columns": columns, "rows": [[row[name] for name in query.columns] for row in page]}
