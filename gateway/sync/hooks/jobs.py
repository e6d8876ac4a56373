"""Background work for what partners send: runs for inboxes that are left, and their clearing out."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import transaction
from gateway.queue import chore
from gateway.sync.hooks import inbox

_CALLER = Caller.system("hooks")


@chore(every_seconds=2)
def start_left() -> None:
    """Have what came while a run was ending taken over."""
    with transaction(_CALLER) as tx:
        inbox.start_left(tx)


@chore(every_seconds=3600)
def forget_old() -> None:
    """Remove deliveries settled a week ago."""
    removed = 1
    while removed:
        with transaction(_CALLER, statement_seconds=60) as tx:
            removed = inbox.forget_old(tx)
