"""What a disabled endpoint is owed: held for a while, released when it returns, given up when that takes too long."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

MOST_AT_ONCE = 10_000

# What is on the wire is held too: its outcome still counts.
_HOLD = Query(
    text("UPDATE webhook_deliveries SET status = 'held' WHERE endpoint_id = :endpoint_id AND status = 'pending'")
)
_RELEASE = Query(
    text(
        """
        UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = now() WHERE id IN (
            SELECT id FROM webhook_deliveries WHERE endpoint_id = :endpoint_id AND status = 'held'
            ORDER BY seq LIMIT :most FOR UPDATE)
        """
    )
)
_RETURNED = Query(
    text(
        """
        SELECT e.id FROM webhook_endpoints e WHERE e.status = 'active' AND e.deleted_at IS NULL
          AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'held')
        """
    )
)
# What was on its way when the endpoint was disabled is held since then, what came later since it came.
_EXPIRE = Query(
    text(
        """
        UPDATE webhook_deliveries SET status = 'expired' WHERE id IN (
            SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
            WHERE d.status = 'held' AND e.status = 'disabled'
              AND greatest(d.created_at, e.disabled_at) + make_interval(hours => e.hold_hours) < now()
            LIMIT :most FOR UPDATE OF d SKIP LOCKED)
        """
    )
)


def hold(tx: Transaction, endpoint_id: UUID) -> int:
    """Keep what waits for an endpoint that has just been disabled; answers how many."""
    return tx.run(_HOLD, endpoint_id=endpoint_id)


def release(tx: Transaction, endpoint_id: UUID) -> int:
    """Let what was held go, the oldest first and on a fresh schedule; of very many the rest follows by `settle`."""
    return tx.run(_RELEASE, endpoint_id=endpoint_id, most=MOST_AT_ONCE)


def settle(tx: Transaction) -> int:
    """Release what is left to endpoints that have returned and expire what was held too long; answers how many.

    Repeat until it answers 0.
    """
    released = sum(release(tx, endpoint_id) for (endpoint_id,) in tx.rows(_RETURNED))
    return released + tx.run(_EXPIRE, most=MOST_AT_ONCE)
