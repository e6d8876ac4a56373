"""When a failed delivery is tried again: a pure schedule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

# Seconds between tries:  5 s · 5 min · 30 min · 2 h · 5 h · 10 h · 14 h · 20 h · 24 h
# Ten tries in all, the last 272,105 s = 75 h 35 m 05 s after the first; with every delay drawn from ±20 % that is
# between 217,684 s = 60 h 28 m and 326,526 s = 90 h 42 m, so a weekend's outage loses nothing.
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_SPREAD = 0.2
_LONGEST_WISH = 86_400.0


def next_attempt(
    count: int,
    now: datetime,
    random: Random,
    retry_after: float | None = None,
    delays: Sequence[int] = DELAYS,
) -> datetime | None:
    """When to try again after `count` tries (1 or more) have failed; None when the schedule is over.

    `retry_after` is the receiver's wish in seconds: it can only put the next try off, by a day at most. `delays` are
    an endpoint's own seconds between tries.
    """
    if count > len(delays):
        return None
    delay = delays[count - 1] * random.uniform(1 - _SPREAD, 1 + _SPREAD)
    if retry_after is not None:
        delay = max(delay, min(retry_after, _LONGEST_WISH))
    return now + timedelta(seconds=delay)
