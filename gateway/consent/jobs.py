"""What upkeep does for consent: nothing expires by it, it only forgets what counts no more."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.consent.decisions import reservations
from gateway.consent.opt_in import service as opt_in
from gateway.db import transaction
from gateway.queue import chore


@chore(every_seconds=3600)
def forget_old_contacts() -> None:
    """Remove reservations that no cap can count, and requests that nobody answered."""
    with transaction(Caller.system("consent"), statement_seconds=60) as tx:
        reservations.forget(tx)
        opt_in.forget(tx)
