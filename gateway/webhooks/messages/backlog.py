"""How much waits for an endpoint: what is sent again trickles in behind it, so that nobody is flooded."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

MOST_WAITING = 1000
WAIT_SECONDS = 1.0
_WAITING = Query(
    text(
        """
        SELECT count(*) FROM (
            SELECT 1 FROM webhook_deliveries d
            WHERE d.endpoint_id = :endpoint_id AND d.status = 'pending' AND d.due_at <= now() LIMIT :most) waiting
        """
    )
)


def is_full(tx: Transaction, endpoint_id: UUID) -> bool:
    """Whether so much is due that more had better come later."""
    row = tx.first(_WAITING, endpoint_id=endpoint_id, most=MOST_WAITING)
    return row is not None and row[0] >= MOST_WAITING
