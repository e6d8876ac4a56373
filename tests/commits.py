"""Readers of events go no further than the oldest transaction of the server that still runs: tests wait for it."""

from __future__ import annotations

import time

from gateway.channels import Caller
from gateway.db import transaction

_WAIT_SECONDS = 60
_WRITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
_IS_OVER = "SELECT %s::text::xid8 < pg_snapshot_xmin(pg_current_snapshot())"


def settle() -> None:
    """Wait until whatever ran before is over: other tests' databases on this server hold readers up too."""
    with transaction(Caller.system("test")) as tx:
        mine = tx.raw.execute("SELECT pg_current_xact_id()::text").fetchone()
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        with transaction(Caller.system("test")) as tx:
            if tx.raw.execute(_IS_OVER, mine).fetchone() == (True,):
                return
        time.sleep(0.01)
    raise AssertionError(f"a transaction of another test has been open for {_WAIT_SECONDS} s")


def is_writing() -> bool:
    """Whether a transaction of this test's own database has begun to write: readers of events wait for every one."""
    with transaction(Caller.system("test")) as tx:
        return tx.raw.execute(_WRITING).fetchone() != (0,)
