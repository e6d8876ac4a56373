"""Several jobs at once in one worker process, so that whoever waits for a slow partner holds up nobody.

Each job travels in lanes, such as its partner's; one lane takes half of the threads at most, so the others stay free.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection

from rq.timeouts import BaseTimeoutException

from gateway.job_time import JobTime

log = logging.getLogger(__name__)

JOB_SECONDS = 120
_PATIENCE = 60.0
_LOOK_AROUND = 0.2


class Crew:
    """The threads of one process; made, asked and closed from one thread alone."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._most_in_lane = max(1, size // 2)
        self._lanes: Counter[str] = Counter()
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._is_stopping = False

    def take(self, job: Callable[[], object], lanes: Collection[str]) -> bool:
        """Begin a job, and return once there is room for another, for no bell should wait here while others are free.

        False when nothing was begun, since a lane is full or no thread came free: the sweeper rings again.
        """
        if not self._wait(lambda: len(self._threads) < self._size):
            return False
        with self._changed:
            if any(self._lanes[lane] >= self._most_in_lane for lane in lanes):
                return False
            self._lanes.update(lanes)
            thread = threading.Thread(target=self._work, args=(job, lanes), name="crew", daemon=True)
            self._threads.add(thread)
        thread.start()
        self._wait(lambda: len(self._threads) < self._size)
        return True

    def stop_soon(self) -> None:
        """Begin nothing more; may be called in a signal handler."""
        self._is_stopping = True

    def close(self, seconds: float) -> None:
        """Give the jobs under way so many seconds to come to a safe place; what does not is taken up by others."""
        self._is_stopping = True
        deadline = time.monotonic() + seconds
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, job: Callable[[], object], lanes: Collection[str]) -> None:
        try:
            with JobTime(JOB_SECONDS):
                job()
        except BaseTimeoutException:
            log.warning("job_took_too_long")
        except Exception:
            log.exception("job_failed")
        finally:
            with self._changed:
                self._lanes.subtract(lanes)
                self._threads.discard(threading.current_thread())
                self._changed.notify_all()

    def _wait(self, is_met: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + _PATIENCE
        with self._changed:
            while not is_met() and not self._is_stopping and time.monotonic() < deadline:
                self._changed.wait(_LOOK_AROUND)
            return is_met() and not self._is_stopping
