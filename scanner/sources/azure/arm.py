"""Requests to Resource Manager through azure-core's pipeline: paced, retried within bounds, never silent."""

import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.resourcegraph import ResourceGraphClient

from scanner import __version__
from scanner.errors import SourceError
from scanner.sources.azure.credential import credential_for, first_line, sign_in_error, token_refused
from scanner.sources.azure.throttle import Throttle, clock_seconds
from scanner.sources.cloud import Cloud

ATTEMPTS = 8
BUDGET = 300.0
"""Seconds that one request may take, its retries and waits included."""
LONGEST_WAIT = 60.0
FEW, ENOUGH = 3, 16
"""After so many requests in a row that came to nothing each further one is tried once; then none is."""
RENEWALS = 2
"""How often one request may sign in anew: several that run side by side meet with the end of one token."""
CONNECT_TIMEOUT, READ_TIMEOUT = 20, 90
RETRIED = frozenset({408, 500, 502, 503, 504})


class RefusedError(SourceError):
    """Azure answered, and refused; `code` is the innermost error code, `status` HTTP's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code or f'HTTP {status}'}: {message}")
        self.status = status
        self.code = code
        self.said = message


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its headers with lower-cased names, its body, and the body decoded."""

    headers: Mapping[str, str]
    body: bytes
    document: Mapping[str, Any]


class _Again(Exception):
    """The request is worth another try, after at least so many seconds if the service said so."""

    def __init__(self, reason: str, after: float | None = None, *, throttled: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.throttled = throttled


@dataclass(slots=True)
class Arm:
    """One signed-in user's way to one Resource Manager."""

    cloud: Cloud
    auth: str
    pace: Throttle
    _client: ResourceGraphClient = field(init=False)
    _random: random.Random = field(default_factory=random.Random)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _failed: int = 0
    """How many requests in a row came to nothing; a service that is down must not cost a budget for each."""

    def __post_init__(self) -> None:
        self._client = self._connect()

    def send(self, method: str, path: str, *, json: Any = None, paced: bool = False) -> Reply:
        """The answer of a request; RefusedError or SourceError where there is none to be had.

        `paced` requests keep to Resource Graph's quota. Retried are throttling, server errors, broken
        connections, bodies cut short and answers that are no JSON: the SDK does not retry such a POST.
        """
        if self._failed >= ENOUGH:
            raise SourceError(f"Azure was not asked any more: {ENOUGH} requests had failed", help=_LATER)
        tries = ATTEMPTS if self._failed < FEW else 1
        started, renewals, attempt = time.monotonic(), 0, 0
        while True:
            client, attempt = self._client, attempt + 1
            try:
                reply = self._once(client, HttpRequest(method, path, json=json), paced=paced)
            except _Again as again:
                self._wait_or_give_up(again, attempt, tries, time.monotonic() - started)
            except RefusedError as error:
                self._failed = 0
                if error.status != 401 or renewals == RENEWALS:
                    raise token_refused(error.status, error.code, error.said) or error from error
                self._renew(client)
                renewals += 1
            else:
                self._failed = 0
                return reply

    def _wait_or_give_up(self, again: _Again, attempt: int, tries: int, spent: float) -> None:
        """Waits before another try; SourceError where tries or time are used up."""
        wait = again.after if again.after is not None else self._backoff(attempt)
        if attempt >= tries or spent + wait > BUDGET:
            self._failed += 1
            raise _given_up(again, attempt, spent, wait) from again
        self.pace.sleep(wait, again.reason)

    def next_path(self, link: object) -> str:
        """The path of a nextLink; one that leads to another host is not followed with our token."""
        there, here = urlsplit(link if isinstance(link, str) else ""), urlsplit(self.cloud.endpoint)
        if _host(there) != _host(here) or not there.path.lower().startswith(f"{here.path.lower()}/"):
            raise SourceError(f"a nextLink leads to another host than {self.cloud.endpoint}")
        return there._replace(scheme="", netloc="", path=there.path[len(here.path) :], fragment="").geturl()

    def _once(self, client: ResourceGraphClient, request: HttpRequest, *, paced: bool) -> Reply:
        self.pace.wait(paced=paced)
        try:
            response = client._send_request(request)  # noqa: SLF001 - the raw way through its pipeline
        except ClientAuthenticationError as error:
            raise sign_in_error(error, self.auth) from error
        except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as error:
            raise _unreachable(error, self.cloud) from error
        except AzureError as error:
            raise SourceError(f"Azure could not be read: {first_line(error)}") from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        if paced:
            self.pace.observe(headers)
        try:
            return _reply(response.status_code, headers, response.content)
        except _Again as again:
            if again.throttled and again.after is not None and again.after <= LONGEST_WAIT:
                self.pace.hold(again.after, paced=paced)
            raise

    def _backoff(self, attempt: int) -> float:
        """Full jitter below a doubling bound, in seconds."""
        return self._random.uniform(0.1, min(LONGEST_WAIT, 0.5 * 2**attempt))

    def _renew(self, used: ResourceGraphClient) -> None:
        """Signs in anew after a token was refused; once, though several reads met with that."""
        with self._lock:
            if self._client is used:
                self._client = self._connect()

    def _connect(self) -> ResourceGraphClient:
        credential = credential_for(self.auth, self.cloud)
        own = [
            policies.RequestIdPolicy(),
            policies.UserAgentPolicy(f"acr-scan/{__version__}"),
            policies.ProxyPolicy(),
            ARMChallengeAuthenticationPolicy(credential, self.cloud.scope),
        ]
        return ResourceGraphClient(
            credential,
            self.cloud.endpoint,
            policies=own,
            connection_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
        )


_LATER = "try again later; the lines of progress tell what was waited for"
_NETWORK = "check the network, --cloud and --arm-endpoint; --snapshot needs no network"


def error_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """The innermost code and message of an ARM error body: the real code sits in `details`."""
    error = document.get("error", document)
    if not isinstance(error, dict):
        return "", str(error)[:300]
    code, message = str(error.get("code", "")), str(error.get("message", ""))
    for detail in error.get("details") or ():
        if isinstance(detail, dict) and detail.get("code"):
            code, message = str(detail["code"]), str(detail.get("message") or message)
            break
    return code, message.strip().replace("\r", " ").replace("\n", " ")[:300]


def _reply(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    """A successful answer; _Again or RefusedError for any other."""
    if status == 429:
        raise _Again(f"Azure answered {status}", _asked_wait(headers), throttled=True)
    if status in RETRIED:
        raise _Again(f"Azure answered {status}", clock_seconds(headers.get("retry-after", "")) or None)
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _Again("Azure answered something that is no JSON") from error
    if not isinstance(document, dict):
        raise _Again("Azure answered something that is no JSON object")
    if status >= 300:
        code, message = error_of(document)
        if code == "RateLimiting":
            raise _Again("Azure answered RateLimiting", _asked_wait(headers), throttled=True)
        raise RefusedError(status, code, message)
    return Reply(headers, body, document)


def _given_up(again: _Again, attempt: int, spent: float, wait: float) -> SourceError:
    asked = f" and asks to wait {wait:.0f} s" if again.after is not None and wait > LONGEST_WAIT else ""
    tries = "try" if attempt == 1 else "tries"
    what = f"{again.reason}{asked}; gave up after {attempt} {tries} in {spent:.0f} s"
    return SourceError(f"Azure could not be read: {what}", help=_LATER)


def _host(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme.lower(), parts.hostname, parts.port or 443


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer which throttles asks to wait; None if it does not."""
    for name in ("retry-after", "x-ms-user-quota-resets-after"):
        seconds = clock_seconds(headers.get(name, ""))
        if seconds > 0:
            return seconds
    return None


def _unreachable(error: AzureError, cloud: Cloud) -> Exception:
    """A broken connection is worth another try; a certificate that nobody trusts is not."""
    causes = list(_causes(error))
    kinds = {type(cause).__name__ for cause in causes}
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        help_ = "if a proxy opens TLS here, set REQUESTS_CA_BUNDLE to its certificate"
        return SourceError(f"{cloud.endpoint} has no certificate that is trusted here", help=help_)
    if "ProxyError" in kinds:  # of requests or of urllib3, whichever the pipeline uses
        return SourceError("the proxy cannot be reached", help="check HTTPS_PROXY and NO_PROXY")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return SourceError(f"{cloud.endpoint} has no address here", help=_NETWORK)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return _Again(f"{cloud.endpoint} refuses connections")
    if any(
        isinstance(cause, TimeoutError | ServiceRequestTimeoutError | ServiceResponseTimeoutError)
        for cause in causes
    ):
        return _Again("Azure did not answer in time")
    return _Again("the connection to Azure broke")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it: libraries chain them, or keep them as an argument or a reason."""
    waiting: list[object] = [error]
    met: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in met:
            continue
        met.add(id(cause))
        yield cause
        kept = [getattr(cause, name, None) for name in ("inner_exception", "reason")]
        waiting += [cause.__cause__, cause.__context__, *kept, *cause.args]
