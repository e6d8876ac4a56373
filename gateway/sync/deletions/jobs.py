"""Background work of deletions: dropping listings that nobody needs any more."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import transaction
from gateway.queue import chore
from gateway.sync.deletions import listing


@chore(every_seconds=3600)
def forget_ended() -> int:
    """Drop the listings of cancelled and failed runs; answers how many pages that were."""
    with transaction(Caller.system("sync"), statement_seconds=60) as tx:
        return listing.forget_ended(tx)
