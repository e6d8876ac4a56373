"""Background work of restrictions: lifting them when the day has come that the person was told of."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.queue import chore
from gateway.rights.restriction import service


@chore(every_seconds=300)
def lift_restrictions() -> None:
    """Lift what is due."""
    with transaction(Caller.system("restrictions")) as tx:
        service.lift_due(tx, now())
