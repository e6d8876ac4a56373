"""Background work for the traffic with partners: old entries of the request log go."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import transaction
from gateway.queue import chore
from gateway.sync.traffic import request_log


@chore(every_seconds=3600)
def forget_old_requests() -> None:
    """Remove requests older than a week."""
    removed = 1
    while removed:
        with transaction(Caller.system("sync"), statement_seconds=60) as tx:
            removed = request_log.forget_old(tx)
