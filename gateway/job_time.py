"""How long a job of a crew may take: it is ended when its time is up, and may be given more while it waits."""

from __future__ import annotations

import threading
import time

from rq.timeouts import JobTimeoutException, TimerDeathPenalty

_LEAST = 0.2
_here = threading.local()


class JobTookTooLong(JobTimeoutException):
    """Raised inside a job that has not ended by itself."""


class JobTime(TimerDeathPenalty):
    """Ends the job of this thread once its time is up; more may be given from any thread, until the job has ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, JobTookTooLong)  # type: ignore[no-untyped-call]
        self._lock = threading.RLock()
        self.ends_at = 0.0
        _here.time = self

    def setup_death_penalty(self) -> None:
        """Begin to count."""
        self.ends_at = time.monotonic() + self._timeout
        super().setup_death_penalty()  # type: ignore[no-untyped-call]

    def cancel_death_penalty(self) -> None:
        """Count no longer."""
        with self._lock:
            super().cancel_death_penalty()  # type: ignore[no-untyped-call]

    def extend(self, seconds: float) -> None:
        """Give the job so many seconds more, for what it waits for on purpose."""
        with self._lock:
            if self._timer is not None:
                self._timeout = max(self.ends_at + seconds - time.monotonic(), _LEAST)
                self.cancel_death_penalty()
                self.setup_death_penalty()


def time_of_this_job() -> JobTime | None:
    """The time that the job of this thread has; None outside of a crew."""
    return getattr(_here, "time", None)
