"""Requests counted in fixed windows that begin with the first request of each."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one request was told."""

    allowed: bool
    remaining: int
    resets_after: float

    @property
    def seconds(self) -> int:
        """Whole seconds until the window ends, rounded up."""
        return max(1, math.ceil(self.resets_after))

    @property
    def clock(self) -> str:
        """The same as hh:mm:ss."""
        minutes, seconds = divmod(self.seconds, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


@dataclass
class Quota:
    """So many requests in so many seconds, for each caller; those that are refused do not count."""

    limit: int = 15
    window: float = 5.0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def take(self, caller: str = "") -> Ticket:
        with self._lock:
            now = self.clock()
            start, used = self._windows.get(caller, (now, 0))
            if now >= start + self.window:
                start, used = now, 0
            allowed = used < self.limit
            used += allowed
            self._windows[caller] = (start, used)
            return Ticket(allowed, self.limit - used, start + self.window - now)
