"""What upkeep does for claims and referrals: deadlines come by themselves."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.claims import due
from gateway.claims.referrals import service as referrals
from gateway.db import now, transaction
from gateway.queue import chore

_CALLER = Caller.system("claims")


@chore(every_seconds=1)
def settle_claims() -> None:
    """Tell what is due, and end what was protected."""
    settled = due.AT_ONCE
    while settled == due.AT_ONCE:
        with transaction(_CALLER) as tx:
            settled = due.settle_due(tx, now())


@chore(every_seconds=1)
def expire_referrals() -> None:
    """End offers that nobody answered in time."""
    expired = referrals.AT_ONCE
    while expired == referrals.AT_ONCE:
        with transaction(_CALLER) as tx:
            expired = referrals.expire_due(tx, now())
