"""A link's circuit: closed until the partner has failed too often, then open, then one call is let through. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

MOST_FAILURES = 5
WINDOW = timedelta(minutes=10)
PROBE = timedelta(seconds=90)  # longer than any exchange may last
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=15)

State = Literal["closed", "open", "probing"]


@dataclass(frozen=True, slots=True)
class Circuit:
    """`failures` in a row since `failing_since`; `opened` times in a row; while `probe_until` one call is under way."""

    failures: int = 0
    failing_since: datetime | None = None
    opened: int = 0
    open_until: datetime | None = None
    probe_until: datetime | None = None

    def state(self, now: datetime) -> State:
        """What it is at a moment."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "probing"

    def wait(self, now: datetime) -> float:
        """Seconds until a call may be made; 0 at once, and where the circuit is `probing`, by one caller alone."""
        until = self.open_until if self.state(now) == "open" else self.probe_until
        return max((until - now).total_seconds(), 0.0) if until else 0.0

    def probed(self, now: datetime) -> Circuit:
        """Let the caller who asked make the one call, where one is needed."""
        return replace(self, probe_until=now + PROBE) if self.state(now) == "probing" else self

    def failed(self, now: datetime, chance: float | None = None) -> Circuit:
        """One more failure; the fifth in a row within ten minutes opens it, and so does every probe's."""
        state = self.state(now)
        if state == "open":
            return self  # an answer that was under way when it opened tells nothing new
        if state == "probing":
            return self._opened(now, chance)
        is_new = self.failing_since is None or now - self.failing_since > WINDOW
        counted = Circuit(1, now) if is_new else replace(self, failures=self.failures + 1)
        return counted._opened(now, chance) if counted.failures >= MOST_FAILURES else counted

    def _opened(self, now: datetime, chance: float | None) -> Circuit:
        # 30, 60, 120, … 900 s, each shortened by up to a quarter at random, so that links do not return in step.
        share = random.random() if chance is None else chance
        seconds = min(_FIRST * 2 ** min(self.opened, 10), _LONGEST) * (0.75 + share / 4)
        return Circuit(self.failures, self.failing_since, self.opened + 1, now + seconds)
