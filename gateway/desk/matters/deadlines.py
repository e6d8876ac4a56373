"""By when somebody answers, and by when it is solved: pure, from the priority, the opening, and open time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from gateway.desk.queues.opening_hours import ALWAYS, OpeningHours

# Hours to the first answer, and to the end: urgent, high, normal, low.
_HOURS = ((1, 8), (4, 24), (8, 72), (24, 168))
CLOSES_AFTER = timedelta(days=7)
"""After it was solved and nobody spoke of it again."""


class Deadlines(NamedTuple):
    """The two moments a matter is held to."""

    first_response_due_at: datetime
    due_at: datetime


def of(priority: int, since: datetime, opening: OpeningHours = ALWAYS) -> Deadlines:
    """The deadlines of a matter of a priority, 0 to 3, that was opened then; they run in open time."""
    answered, solved = _HOURS[priority]
    return Deadlines(opening.after(since, timedelta(hours=answered)), opening.after(since, timedelta(hours=solved)))


def paused(due_at: datetime, since: datetime, until: datetime, opening: OpeningHours = ALWAYS) -> datetime:
    """A deadline that did not run from one moment to another."""
    return opening.after(due_at, opening.between(since, until))
