"""What can be done with messages: send one again, or all that failed. Nothing here commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from gateway import audit
from gateway.db import Query, Transaction
from gateway.errors import Conflict, NotFound
from gateway.webhooks import bell
from gateway.webhooks.endpoints import service as endpoints
from gateway.webhooks.models import Attempt

_RESTART = "SET status = 'pending', attempts = 0, due_at = now()"
_RESEND = Query(
    text(
        f"UPDATE webhook_deliveries {_RESTART} WHERE endpoint_id = :endpoint_id AND event_id = :event_id"
        " AND status <> 'cancelled'"
    )
)
# What waits for a later try has failed too: whoever recovers has mended the receiver and wants it all now.
_RECOVER = Query(
    text(
        f"""
        UPDATE webhook_deliveries {_RESTART} WHERE id IN (
            SELECT id FROM webhook_deliveries
            WHERE endpoint_id = :endpoint_id AND created_at >= :since
              AND (status = 'exhausted' OR (status = 'pending' AND attempts > 0))
            ORDER BY created_at LIMIT 10000 FOR UPDATE SKIP LOCKED)
        """  # noqa: S608
    )
)


class EndpointDisabled(Conflict):
    """Nothing is sent to a disabled endpoint."""

    code, title = "endpoint_disabled", "The endpoint is disabled; set its status to active first"


def get_attempt(tx: Transaction, endpoint_id: UUID, attempt_id: UUID) -> Attempt:
    """One attempt at an endpoint; raises NotFound."""
    attempt = tx.session.get(Attempt, attempt_id)
    if attempt is None or attempt.endpoint_id != endpoint_id:
        raise NotFound
    return attempt


def resend(tx: Transaction, endpoint_id: UUID, event_id: UUID) -> None:
    """Send one message again, whatever became of it, with a fresh schedule; raises NotFound, EndpointDisabled."""
    _active(tx, endpoint_id)
    if not tx.run(_RESEND, endpoint_id=endpoint_id, event_id=event_id):
        raise NotFound
    audit.record(tx, "webhook_endpoint.resent", "webhook_endpoint", endpoint_id, {"event_id": str(event_id)})
    bell.ring_after(tx)


def recover(tx: Transaction, endpoint_id: UUID, since: datetime) -> int:
    """Send everything again that failed since a moment, at most 10,000; raises NotFound, EndpointDisabled."""
    _active(tx, endpoint_id)
    recovered = tx.run(_RECOVER, endpoint_id=endpoint_id, since=since)
    detail = {"since": since.isoformat(), "recovered": recovered}
    audit.record(tx, "webhook_endpoint.recovered", "webhook_endpoint", endpoint_id, detail)
    bell.ring_after(tx)
    return recovered


def _active(tx: Transaction, endpoint_id: UUID) -> None:
    if endpoints.get(tx, endpoint_id).status != "active":
        raise EndpointDisabled
