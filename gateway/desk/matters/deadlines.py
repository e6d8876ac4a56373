"""By when somebody answers, and by when it is solved: pure, from the priority and the moment it was opened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

# Hours to the first answer, and to the end: urgent, high, normal, low. They run day and night.
_HOURS = ((1, 8), (4, 24), (8, 72), (24, 168))
CLOSES_AFTER = timedelta(days=7)
"""After it was solved and nobody spoke of it again."""


class Deadlines(NamedTuple):
    """The two moments a matter is held to."""

    first_response_due_at: datetime
    due_at: datetime


def of(priority: int, since: datetime) -> Deadlines:
    """The deadlines of a matter of a priority, 0 to 3, that was opened then."""
    answered, solved = _HOURS[priority]
    return Deadlines(since + timedelta(hours=answered), since + timedelta(hours=solved))


def paused(due_at: datetime, since: datetime, until: datetime) -> datetime:
    """A deadline that did not run from one moment to another."""
    return due_at + max(until - since, timedelta())
