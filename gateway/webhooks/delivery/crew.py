"""The threads that send: claims go in, outcomes come out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome

Landed = tuple[Claim, Outcome | None]


class Crew:
    """At most `size` threads, started when first needed; asked from one thread alone.

    `send` answers None for a claim that it has not begun.
    """

    def __init__(self, size: int, send: Callable[[Claim], Outcome | None]) -> None:
        self._size = size
        self._send = send
        self._claims: SimpleQueue[Claim | None] = SimpleQueue()
        self._landed: SimpleQueue[Landed] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.at_work = 0

    def send(self, claim: Claim) -> None:
        """Have a claim sent."""
        self.at_work += 1
        if len(self._threads) < min(self._size, self.at_work):
            thread = threading.Thread(target=self._work, name="webhook", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._claims.put(claim)

    def landed(self, patience: float) -> list[Landed]:
        """What has come back; the first of it is waited for, for so many seconds."""
        found: list[Landed] = []
        try:
            found.append(self._landed.get(block=patience > 0, timeout=patience or None))
            while True:
                found.append(self._landed.get_nowait())
        except Empty:
            self.at_work -= len(found)
            return found

    def close(self) -> None:
        """End every thread once what was given to it has been sent."""
        for _ in self._threads:
            self._claims.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (claim := self._claims.get()) is not None:
            self._landed.put((claim, self._send(claim)))
