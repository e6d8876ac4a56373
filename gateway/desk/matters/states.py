"""What a matter's status may become, and what follows: pure but for the row it writes."""

from __future__ import annotations

from datetime import datetime

from gateway.desk.matters import deadlines
from gateway.desk.matters.models import Matter
from gateway.desk.queues.opening_hours import OpeningHours
from gateway.errors import Conflict

# open ⇄ pending; either → solved or closed; solved → closed; solved, closed → open: reopened
_NEXT = {
    "open": {"pending", "solved", "closed"},
    "pending": {"open", "solved", "closed"},
    "solved": {"open", "closed"},
    "closed": {"open"},
}
ACTIVE = ("open", "pending")


class NotFromHere(Conflict):
    """What is solved or closed is opened first."""

    code, title = "matter_over", "This matter is solved or closed; open it again first"


def is_active(matter: Matter) -> bool:
    """Whether somebody still has to do something about it."""
    return matter.status in ACTIVE


def move(matter: Matter, status: str, moment: datetime, opening: OpeningHours) -> bool:
    """Give a matter another status; answers whether it is opened again. Its time runs as its queue is open.

    Raises NotFromHere.
    """
    if status not in _NEXT[matter.status]:
        raise NotFromHere
    is_reopened = status == "open" and not is_active(matter)
    if matter.pending_since is not None:
        matter.due_at = deadlines.paused(matter.due_at, matter.pending_since, moment, opening)
    matter.pending_since = moment if status == "pending" else None
    if is_reopened:
        matter.solved_at, matter.closed_at, matter.escalated_at = None, None, None
        matter.reopened += 1
        matter.due_at = deadlines.of(matter.priority, moment, opening).due_at
    if status in ("solved", "closed"):
        matter.solved_at = matter.solved_at or moment
        matter.first_responded_at = matter.first_responded_at or moment
    matter.closed_at = moment if status == "closed" else None
    matter.status = status
    return is_reopened
