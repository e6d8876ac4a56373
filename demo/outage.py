"""When a dealer's system is down: now and then by itself, and whenever its own staff say so. It answers 503 then."""

import time
from threading import Lock

MOST_SECONDS = 600
_USUAL_SECONDS = 90.0


class Outage:
    """Down for the last 90 seconds of every `every_seconds`, never by itself where that is None."""

    def __init__(self, every_seconds: float | None = None) -> None:
        self._every_seconds = every_seconds
        self._started = time.monotonic()
        self._until = 0.0
        self._lock = Lock()

    @property
    def is_on(self) -> bool:
        """Whether nobody is served at this moment."""
        now = time.monotonic()
        with self._lock:
            return now < self._until or self._is_usual(now)

    def begin(self, seconds: float) -> None:
        """Be down from now on for so long; 0 ends what was begun before."""
        with self._lock:
            self._until = time.monotonic() + seconds

    def _is_usual(self, now: float) -> bool:
        every = self._every_seconds
        return every is not None and (now - self._started) % every >= every - _USUAL_SECONDS
