"""Background work on files: the kinds of operations there are, and removing files whose time is over."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import transaction
from gateway.queue import chore
from gateway.transfers import retention
from gateway.transfers.exporting import work as exporting
from gateway.transfers.importing import work as importing

KINDS = (importing.KIND, exporting.KIND)  # registered by importing their modules


@chore(every_seconds=600)
def forget_old_transfers() -> None:
    """Remove files whose time is over."""
    with transaction(Caller.system("transfers"), statement_seconds=60) as tx:
        retention.forget(tx, read_settings())
