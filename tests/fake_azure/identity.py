"""The managed identity endpoint of App Service, protocol 2019-08-01, and the tokens it gives out."""

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fake_azure.messages import Answer, Refusal, Request, arm_error

PATH = "/msi/token"
VERSION = "2019-08-01"
RESOURCES = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net",
        "https://management.chinacloudapi.cn",
        "https://management.core.chinacloudapi.cn",
    }
)


@dataclass(frozen=True)
class Tokens:
    """How long a token lives: so many seconds, as its `expires_on` tells, or so many requests, untold."""

    seconds: float = 86400.0
    requests: int | None = None


@dataclass
class Issued:
    """A token that was given out."""

    text: str
    expires: float
    left: int | None
    retired: bool = False

    @property
    def expired(self) -> bool:
        return self.retired or self.left == 0 or time.time() >= self.expires


@dataclass
class Identity:
    """Gives out tokens, and knows which of them still hold."""

    tenant: str
    tokens: Tokens = Tokens()
    header: str = field(default_factory=lambda: secrets.token_hex(16).upper())
    issued: list[Issued] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.issue()

    @property
    def current(self) -> str:
        """The newest token."""
        return self.issued[-1].text

    def issue(self) -> Issued:
        with self._lock:
            now = time.time()
            claims = {"tid": self.tenant, "exp": int(now + self.tokens.seconds), "jti": secrets.token_hex(8)}
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            coded = [
                base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
            ]
            token = Issued(
                ".".join([*coded, secrets.token_urlsafe(24)]), now + self.tokens.seconds, self.tokens.requests
            )
            self.issued.append(token)
            return token

    def answer(self, request: Request) -> Answer:
        """A token for the App Service protocol."""
        query = request.query
        if request.method != "GET" or request.path != PATH or query.get("api-version") != VERSION:
            return Answer(404, {"statusCode": 404, "message": "Not found."})
        if request.headers.get("x-identity-header") != self.header:
            return Answer(401, {"statusCode": 401, "message": "X-IDENTITY-HEADER is missing or wrong."})
        if query.get("resource", "").rstrip("/") not in RESOURCES:
            return Answer(500, {"statusCode": 500, "message": f"Resource {query.get('resource')} not found."})
        token = self.issue()
        return Answer(
            200,
            {
                "access_token": token.text,
                "expires_on": str(int(token.expires)),
                "resource": query["resource"],
                "token_type": "Bearer",
                "client_id": "0c0c0c0c-0000-4000-8000-000000000001",
            },
        )

    def check(self, request: Request) -> None:
        """Raises a Refusal unless the request bears a token that holds; the token ages by one request."""
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            raise self._refused(
                "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
        with self._lock:
            token = next((one for one in self.issued if secrets.compare_digest(one.text, text)), None)
            if token is not None and not token.expired:
                if token.left is not None:
                    token.left -= 1
                return
        if token is None:
            raise self._refused("InvalidAuthenticationToken", "The access token is invalid.")
        raise self.expired(token)

    def expire(self, request: Request) -> Refusal:
        """Ends the life of the request's token, and the answer that says so."""
        text = request.headers.get("authorization", "").partition(" ")[2]
        token = next((one for one in self.issued if one.text == text), self.issued[-1])
        token.retired = True
        return self.expired(token)

    def expired(self, token: Issued) -> Refusal:
        ended, now = datetime.fromtimestamp(min(token.expires, time.time()), UTC), datetime.now(UTC)
        return self._refused(
            "ExpiredAuthenticationToken",
            f"The access token expiry UTC time '{ended:%m/%d/%Y %I:%M:%S %p}' is earlier than current UTC "
            f"time '{now:%m/%d/%Y %I:%M:%S %p}'.",
        )

    def _refused(self, code: str, message: str) -> Refusal:
        challenge = (
            f'Bearer authorization_uri="https://login.windows.net/{self.tenant}", error="invalid_token", '
            'error_description="The access token is invalid."'
        )
        return arm_error(401, code, message, WWW_Authenticate=challenge)
