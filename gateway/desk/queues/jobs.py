"""What upkeep does for queues: a vanished person's items go back by themselves."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.desk.queues import claiming
from gateway.queue import chore


@chore(every_seconds=15)
def give_back_lapsed_items() -> None:
    """Put back what was claimed by somebody who said nothing since."""
    with transaction(Caller.system("desk"), statement_seconds=60) as tx:
        claiming.give_back_lapsed(tx, now())
