"""The stand-in as a whole: servers, who may enter, who answers, what goes wrong, what arrived."""

import os
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from fake_azure import damage
from fake_azure.arm import Arm
from fake_azure.certificate import make_certificate
from fake_azure.faults import Fault, Faults, Injected
from fake_azure.identity import PATH, Identity, Tokens
from fake_azure.messages import HTML, Answer, Delivery, Refusal, Request
from fake_azure.quota import Quota
from fake_azure.resource_graph import MEGABYTE, ResourceGraph
from fake_azure.server import Listener
from fake_azure.tasks import secrets_of
from fake_azure.world import World

CREDENTIALS = (
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_USERNAME",
    "AZURE_PASSWORD",
    "AZURE_FEDERATED_TOKEN_FILE",
)
OTHERS = (
    "AZURE_",
    "IDENTITY_",
    "MSI_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_",
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request and how it was answered; `status` is None where no answer was sent."""

    number: int
    method: str
    path: str
    api_version: str | None
    status: int | None
    body: str  # json, html, empty, cut or none
    seconds: float  # since the stand-in began
    fault: Fault | None
    request: Request


class FakeAzure:
    """Azure Resource Manager and a managed identity on loopback, for as long as it is entered."""

    def __init__(
        self,
        world: World,
        *,
        faults: Faults | None = None,
        quota: Quota | None = None,
        arm_quota: Quota | None = None,
        tokens: Tokens | None = None,
        most_bytes: int = 16 * MEGABYTE,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.identity = Identity(world.tenant, tokens or Tokens())
        self.requests: list[Arrived] = []
        self.token_requests: list[Arrived] = []
        self._graph = ResourceGraph(world, quota or Quota(), most_bytes)
        self._arm = Arm(world, quota=arm_quota or Quota(12_000, 300.0))
        self._lock = threading.Lock()
        self._count = 0
        self._began = time.monotonic()
        self._stack = ExitStack()
        self.endpoint = ""
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fake-azure-")))
        context, authority = make_certificate(folder)
        arm = self._stack.enter_context(Listener(self._answer, context))
        identity = self._stack.enter_context(Listener(self._give_token))
        self.endpoint = self._arm.endpoint = f"https://127.0.0.1:{arm.port}"
        self.environment = {
            **dict.fromkeys(CREDENTIALS, ""),
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{identity.port}{PATH}",
            "IDENTITY_HEADER": self.identity.header,
            "REQUESTS_CA_BUNDLE": str(authority),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def child_environment(self, **more: str) -> dict[str, str]:
        """The whole environment of a child process, without this one's credentials and proxies."""
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(OTHERS)}
        return {**kept, **self.environment, **more}

    @property
    def token(self) -> str:
        """The newest token."""
        return self.identity.current

    @property
    def secrets(self) -> frozenset[str]:
        """What no output may hold: tokens, the identity's header, and what only actions show."""
        found = {self.identity.header, *(one.text for one in self.identity.issued)}
        for config in self.world.callbacks.values():
            found.update(str(value) for value in (config.get("customHeaders") or {}).values())
            found.update(_secrets_of_address(str(config.get("serviceUri") or "")))
        for body in self.world.resources:
            found |= secrets_of(dict(body))
        return frozenset(found - {""})

    def calls(self, action: str) -> list[Arrived]:
        """The requests of an action, such as `listDetails`."""
        return [one for one in self.requests if one.path.lower().endswith(f"/{action.lower()}")]

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with self._lock:
            self._count += 1
            request = Request(self._count, method, target, headers, body)
        injected = self.faults.choose(request)
        answer = self._true_or_false(request, injected)
        self._keep(self.requests, request, answer, injected)
        return answer

    def _true_or_false(self, request: Request, injected: Injected | None) -> Answer:
        try:
            if injected is not None:
                if injected.fault is Fault.SLOW:
                    time.sleep(self.faults.slow_seconds)
                if injected.fault is Fault.EXPIRED_TOKEN:
                    raise self.identity.expire(request)
                if (false := damage.instead(injected, request, self.faults.retry_after)) is not None:
                    return false
            self.identity.check(request)
        except Refusal as refusal:
            return refusal.answer
        answer = self._graph.answer(request) if request.is_graph else self._arm.answer(request)
        return answer if injected is None else damage.after(injected.fault, answer, request)

    def _give_token(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = Request(len(self.token_requests) + 1, method, target, headers, body)
        injected = self.faults.choose(request, token=True)
        false = injected and damage.instead(injected, request, self.faults.retry_after)
        answer = false or self.identity.answer(request)
        self._keep(self.token_requests, request, answer, injected)
        return answer

    def _keep(self, log: list[Arrived], request: Request, answer: Answer, injected: Injected | None) -> None:
        with self._lock:
            log.append(
                Arrived(
                    request.number,
                    request.method,
                    request.path,
                    request.api_version,
                    answer.status or None,
                    _body_kind(answer),
                    time.monotonic() - self._began,
                    injected.fault if injected is not None else None,
                    request,
                )
            )


def _body_kind(answer: Answer) -> str:
    if answer.delivery is not Delivery.WHOLE:
        return "cut" if answer.delivery is Delivery.CUT else "none"
    if answer.content_type == HTML:
        return "html"
    return "empty" if answer.body is None else "json"


def _secrets_of_address(address: str) -> set[str]:
    """The user information and the values of the query of a webhook's address."""
    parts = urlsplit(address)
    user = parts.netloc.rpartition("@")[0]
    return {user, parts.password or "", *(value for _, value in parse_qsl(parts.query))}
