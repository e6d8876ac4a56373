"""Background work of the access log: filing what was noted, and forgetting what is old."""

from __future__ import annotations

from datetime import timedelta

from gateway.channels import Caller
from gateway.config import read_settings
from gateway.customers.reads import filing
from gateway.db import now, transaction
from gateway.queue import chore

_CALLER = Caller.system("access log")


@chore(every_seconds=10)
def file_reads() -> None:
    """File all that was noted."""
    filing.file_all(_CALLER)


@chore(every_seconds=3600)
def forget_old_reads() -> None:
    """Remove what was read before the days that the access log goes back, and of which no export is kept."""
    settings = read_settings()
    before = now() - timedelta(days=max(settings.access_log_days, settings.transfer_days + 1))
    gone = filing.MOST
    while gone == filing.MOST:
        with transaction(_CALLER, statement_seconds=60) as tx:
            gone = filing.forget(tx, before)
