"""What upkeep does for matters: it puts them where somebody works on them, and keeps their time."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.desk.matters import overdue, placing
from gateway.queue import chore


@chore(every_seconds=5)
def place_matters() -> None:
    """Put what customers and partners opened into the queue that takes it, and end the work on what they settled."""
    with transaction(Caller.system("desk"), statement_seconds=60) as tx:
        placing.place(tx, now())


@chore(every_seconds=60)
def keep_time_of_matters() -> None:
    """Make what is late more urgent, and close what was solved and left alone."""
    with transaction(Caller.system("desk"), statement_seconds=60) as tx:
        overdue.escalate(tx, now())
        overdue.close_solved(tx, now())
