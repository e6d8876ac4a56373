"""What upkeep does for agreements and shares: whatever has an end comes to it by itself."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from gateway.channels import Caller
from gateway.customers import service, shares
from gateway.db import now, transaction
from gateway.errors import NotFound, RecordMerged
from gateway.partners import service as partners
from gateway.queue import chore

_CALLER = Caller.system("sharing")
_AT_ONCE, _MOST_ROUNDS = 100, 20


@chore(every_seconds=5)
def end_what_is_over() -> None:
    """End agreements and shares whose time is over."""
    with transaction(_CALLER) as tx:
        partners.end_agreements(tx, now())
    for _ in range(_MOST_ROUNDS):
        if end_shares(now()) < _AT_ONCE:
            break


def end_shares(moment: datetime) -> int:
    """End shares that were to end by a moment, each in a transaction of its own; answers how many were looked at."""
    with transaction(_CALLER) as tx:
        over = shares.due(tx, moment, _AT_ONCE)
    for customer_id, code in over:
        with suppress(NotFound, RecordMerged), transaction(_CALLER) as tx:
            service.unshare(tx, customer_id, code, "expired")
    return len(over)
