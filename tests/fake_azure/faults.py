"""What goes wrong, and when: by a seed, or by a script."""

import hashlib
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from fake_azure.messages import Request


class Fault(StrEnum):
    """The ways in which a request goes wrong."""

    THROTTLED = "429 with headers"
    THROTTLED_BARE = "429 without headers"
    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_503 = "503"
    ERROR_504 = "504"
    SLOW = "slow"
    RESET = "connection reset"
    TRUNCATED = "body cut short"
    HTML = "HTML for JSON"
    REPEATED_TOKEN = "repeated $skipToken"
    WRONG_COUNT = "wrong count"
    WRONG_TOTAL = "wrong totalRecords"
    DOUBLED_ROW = "row sent twice"
    LOST_ROW = "row left out"
    EXPIRED_TOKEN = "expired token"
    FORBIDDEN = "403"
    NOT_FOUND = "404"


CHANGED = frozenset({Fault.WRONG_TOTAL, Fault.DOUBLED_ROW, Fault.LOST_ROW})
"""What looks like an estate that changes between pages; no single answer shows it."""
PASSING = frozenset(Fault) - CHANGED - {Fault.EXPIRED_TOKEN, Fault.FORBIDDEN, Fault.NOT_FOUND}
"""What asking again can heal."""
BODIES = ("json", "html", "empty")

Where = int | Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that came to pass; `body` is what a 5xx carries."""

    fault: Fault
    body: str


@dataclass
class _Scripted:
    where: Where
    fault: Fault
    times: int | None
    body: str | None


@dataclass
class Faults:
    """A schedule.

    What befalls a request depends on the seed, on what it asks and on how often that was asked before, and
    on nothing else: runs with threads are as reproducible as others. Each question heals after `heals_after`
    attempts, but for the kinds in `permanent`. Token requests go wrong by script only.
    """

    seed: int = 0
    rate: float = 0.0
    kinds: Sequence[Fault] = tuple(sorted(PASSING))
    permanent: Collection[Fault] = frozenset()
    heals_after: int = 2
    slow_seconds: float = 0.2
    retry_after: int = 1
    log: list[tuple[int, Fault]] = field(default_factory=list)
    """The number of each request that went wrong, and how."""
    _scripts: list[_Scripted] = field(default_factory=list, repr=False)
    _asked: dict[str, int] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def on(self, where: Where, fault: Fault, *, times: int | None = 1, body: str | None = None) -> None:
        """Plans a fault: at the n-th request (not of a token), or while a predicate holds, so many times."""
        self._scripts.append(_Scripted(where, fault, times, body))

    def choose(self, request: Request, *, token: bool = False) -> Injected | None:
        """What befalls this request."""
        with self._lock:
            found = self._scripted(request, token=token) or (None if token else self._seeded(request))
            if found is not None:
                self.log.append((request.number, found.fault))
            return found

    def _scripted(self, request: Request, *, token: bool) -> Injected | None:
        for script in self._scripts:
            if script.times == 0:
                continue
            if isinstance(script.where, int):
                met = not token and script.where == request.number
            else:
                met = script.where(request)
            if met:
                script.times = None if script.times is None else script.times - 1
                return Injected(script.fault, script.body or "json")
        return None

    def _seeded(self, request: Request) -> Injected | None:
        if not self.rate:
            return None
        identity = request.identity
        attempt = self._asked.get(identity, 0)
        self._asked[identity] = attempt + 1
        for earlier in range(attempt + 1):
            found = self._drawn(request, identity, earlier)
            if found is not None and (earlier == attempt or found.fault in self.permanent):
                return found
        return None

    def _drawn(self, request: Request, identity: str, attempt: int) -> Injected | None:
        drawn = hashlib.sha256(f"{self.seed} {identity} {attempt}".encode()).digest()
        kinds = [kind for kind in self.kinds if _fits(kind, request)]
        if not kinds or attempt >= self.heals_after or int.from_bytes(drawn[:4]) >= self.rate * 2**32:
            return None
        return Injected(kinds[drawn[4] % len(kinds)], BODIES[drawn[5] % len(BODIES)])


def _fits(kind: Fault, request: Request) -> bool:
    if kind is Fault.REPEATED_TOKEN:
        return request.skip_token is not None
    return (
        request.is_graph
        if kind in CHANGED | {Fault.WRONG_COUNT}
        else kind is not Fault.NOT_FOUND or not request.is_graph
    )
