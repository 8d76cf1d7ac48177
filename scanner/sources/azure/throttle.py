"""Slowing down before a service says so: its quota headers, and the waits that it asks for."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.sources.progress import Progress, Silent

WORTH_TELLING = 0.5
"""Seconds of waiting that a user is told of."""


@dataclass(slots=True)
class Throttle:
    """When the next request may go. Resource Graph counts a user's requests in windows (15 in 5 s, say).

    `x-ms-user-quota-remaining` and `x-ms-user-quota-resets-after` (hh:mm:ss, rounded up) say how many are
    left, and when there are more; an answer with none left holds all further requests until then. Other
    requests are held only where the service that they go to has throttled one of them.
    """

    progress: Progress = field(default_factory=Silent)
    _free_at: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    """When requests may go that are paced, and those that are not."""
    _window_ends: float = 0.0
    _remaining: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def wait(self, *, paced: bool) -> None:
        """Return when a request may go."""
        while (seconds := self._left(paced=paced)) > 0:
            self.sleep(seconds, "the service's quota")

    def _left(self, *, paced: bool) -> float:
        with self._lock:
            return self._free_at[paced] - time.monotonic()

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the quota."""
        left, resets = headers.get("x-ms-user-quota-remaining"), headers.get("x-ms-user-quota-resets-after")
        if left is None or resets is None or not left.isdigit():
            return
        now = time.monotonic()
        with self._lock:
            ends = now + clock_seconds(resets)
            # Rounding makes single answers late; the earliest of a window's answers is nearest to its end.
            begun = now >= self._window_ends or int(left) > self._remaining
            self._window_ends = ends if begun else min(ends, self._window_ends)
            self._remaining = int(left)
            if self._remaining == 0:
                self._free_at[True] = max(self._free_at[True], self._window_ends)

    def hold(self, seconds: float, *, paced: bool) -> None:
        """No request of this kind may go for some seconds."""
        with self._lock:
            self._free_at[paced] = max(self._free_at[paced], time.monotonic() + seconds)

    def sleep(self, seconds: float, why: str) -> None:
        """Wait, unless the scan is being stopped; KeyboardInterrupt then."""
        if seconds >= WORTH_TELLING:
            self.progress.waiting(seconds, why)
        if seconds > 0 and self._stopped.wait(seconds):
            raise KeyboardInterrupt

    @property
    def stopped(self) -> bool:
        """Whether the scan is being stopped."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Wake whoever waits: the scan ends."""
        self._stopped.set()


def clock_seconds(text: str) -> float:
    """The seconds of `hh:mm:ss`, or of a plain number; 0 for anything else."""
    parts = text.strip().split(":")
    if not all(part.replace(".", "", 1).isdigit() for part in parts) or len(parts) > 3:
        return 0.0
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + float(part)
    return seconds
