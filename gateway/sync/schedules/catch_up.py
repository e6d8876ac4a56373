"""Which of the slots that have come is run, and which are passed over: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

ON_TIME = timedelta(seconds=60)
MOST_CAUGHT_UP = 100


class Choice(NamedTuple):
    """The slot to deal with now, whether it is run, and how many before it are passed over."""

    slot_at: datetime
    is_run: bool
    passed_over: int


def choose(policy: str, waiting: Sequence[datetime], moment: datetime) -> Choice:
    """Deal with slots that have come, the oldest first (at least one).

    `once` runs the newest for all of them, `skip` runs the newest only within 60 s of its time, `all` runs one after
    the other, the newest hundred at most.
    """
    if policy == "all":
        kept = waiting[-MOST_CAUGHT_UP:]
        return Choice(kept[0], True, len(waiting) - len(kept))
    is_run = policy == "once" or moment - waiting[-1] <= ON_TIME
    return Choice(waiting[-1], is_run, len(waiting) - 1)
