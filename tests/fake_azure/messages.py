"""What arrives and what is sent back, and the error bodies of Azure Resource Manager."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
GRAPH_PATH = "/providers/microsoft.resourcegraph/resources"


class Delivery(Enum):
    """How an answer travels."""

    WHOLE = auto()
    CUT = auto()  # half of the body, though Content-Length tells of all of it
    RESET = auto()  # no answer, a TCP reset


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `body` is sent as JSON unless it is bytes, and not at all if it is None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    delivery: Delivery = Delivery.WHOLE

    def payload(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else encoded(self.body)


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its path decoded and the names of its query parameters and headers in lower case."""

    number: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path).rstrip("/") or "/"

    @property
    def query(self) -> dict[str, str]:
        pairs = parse_qsl(urlsplit(self.target).query, keep_blank_values=True)
        return {name.lower(): value for name, value in pairs}

    @property
    def api_version(self) -> str | None:
        return self.query.get("api-version")

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_graph(self) -> bool:
        return self.path.lower() == GRAPH_PATH

    @property
    def skip_token(self) -> str | None:
        """The $skipToken that a Resource Graph request follows."""
        body = self.json if self.is_graph else None
        options = body.get("options") if isinstance(body, dict) else None
        token = options.get("$skipToken") if isinstance(options, dict) else None
        return token if isinstance(token, str) and token else None

    @property
    def identity(self) -> str:
        """The same for every attempt at the same thing, in every run."""
        asked = json.dumps(self.json, sort_keys=True) if self.body else ""
        text = f"{self.method} {self.path.lower()} {sorted(self.query.items())} {asked}"
        return hashlib.sha256(text.encode()).hexdigest()


class Refusal(Exception):
    """An error answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def arm_error(status: int, code: str, message: str, **headers: str) -> Refusal:
    """An error in Resource Manager's shape; header names take `_` for `-`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(Answer(status, {"error": {"code": code, "message": message}}, names))


def graph_error(status: int, code: str, *details: Mapping[str, Any], **headers: str) -> Refusal:
    """An error in Resource Graph's shape: the real code stands in `details`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"code": code, "message": support_line(), "details": list(details)}
    return Refusal(Answer(status, {"error": error}, names))


def support_line() -> str:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    return (
        f"Please provide below info when asking for support: timestamp = {moment}, correlationId = {uuid4()}."
    )


THROTTLED = {
    "code": "RateLimiting",
    "message": "Client application has been throttled and should not attempt to repeat the request until an "
    "amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.",
}
ACCESS_DENIED = {
    "code": "AccessDenied",
    "message": "Access is denied to the requested resource. The user might not have enough permission.",
}


def forbidden(action: str, scope: str) -> Refusal:
    """The caller lacks an action at a scope."""
    who = "The client 'acr-scan' with object id '0b0b0b0b-0000-4000-8000-000000000001'"
    return arm_error(
        403,
        "AuthorizationFailed",
        f"{who} does not have authorization to perform action '{action}' over scope '{scope}' or the scope "
        "is invalid. If access was recently granted, please refresh your credentials.",
    )
