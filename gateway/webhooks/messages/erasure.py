"""Erasing a person: nothing that was said of them, or answered, stays among messages. Nothing here commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

_FORGET_ANSWERS = Query(
    text(
        """
        UPDATE webhook_attempts a SET response_headers = NULL, response_body = NULL FROM webhook_deliveries d
        WHERE d.customer_id = :customer_id AND a.endpoint_id = d.endpoint_id AND a.event_id = d.event_id
        """
    )
)
# A claim that is on the wire loses its number: what its receiver still answers is not decided upon.
_FORGET_BODIES = Query(
    text(
        """
        UPDATE webhook_deliveries
        SET payload = NULL, attempt = attempt + 1, leased_until = NULL,
            status = CASE WHEN status IN ('pending', 'held') THEN 'cancelled' ELSE status END
        WHERE customer_id = :customer_id
        """
    )
)


def erase_customer(tx: Transaction, customer_id: UUID) -> int:
    """Remove bodies and answers about a customer and cancel what waits; answers how many messages there were."""
    found = tx.run(_FORGET_BODIES, customer_id=customer_id)
    tx.run(_FORGET_ANSWERS, customer_id=customer_id)
    return found
