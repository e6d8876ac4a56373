"""The lanes of a run: its partner's, and the one of those who keep their callers waiting."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.errors import Unavailable

_TROUBLED = "troubled"
_FIND = Query(
    text(
        """
        SELECT l.partner_id, coalesce(t.failures > 0 OR t.open_until IS NOT NULL OR t.slow_until > now(), false)
               OR coalesce(l.requests_per_minute < 4, false)
        FROM sync_runs r JOIN sync_links l ON l.id = r.link_id LEFT JOIN sync_traffic t ON t.link_id = l.id
        WHERE r.id = :run
        """
    )
)


def lanes_of(run_id: str, *_: object) -> tuple[str, ...]:
    """What limits how many such jobs a worker process takes at once."""
    try:
        with transaction(Caller.system("sync")) as tx:
            row = tx.first(_FIND, run=UUID(run_id))
    except Unavailable:
        return ()
    if row is None:
        return ()
    return (f"partner:{row[0]}", _TROUBLED) if row[1] else (f"partner:{row[0]}",)
