"""What ends by itself: an endpoint that has failed for too long, a message whose schedule is over. Both are told.

Events about an endpoint are never sent to that endpoint, and what became of such an event is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from gateway import audit, outbox
from gateway.db import Query, Transaction
from gateway.outbox import Event
from gateway.webhooks.delivery import holding
from gateway.webhooks.delivery.outcome import Outcome
from gateway.webhooks.models import Endpoint

ABOUT_US = "webhook."

_DISABLE = Query(
    text(
        """
        UPDATE webhook_endpoints
        SET status = 'disabled', disabled_reason = :reason, disabled_at = now(), version = version + 1,
            updated_at = now()
        WHERE id = :endpoint_id AND status = 'active' AND deleted_at IS NULL
        """
    )
)


def disable(tx: Transaction, endpoint_id: UUID, reason: str) -> None:
    """Send an endpoint nothing more and hold what it is owed; its owner and the house are told why."""
    if not tx.run(_DISABLE, endpoint_id=endpoint_id, reason=reason):
        return
    holding.hold(tx, endpoint_id)
    audit.record(tx, "webhook_endpoint.disabled", "webhook_endpoint", endpoint_id, {"reason": reason})
    endpoint = tx.session.get(Endpoint, endpoint_id, populate_existing=True)
    if endpoint is not None:
        tell(tx, "webhook.endpoint.disabled", endpoint)


def tell(tx: Transaction, event_type: str, endpoint: Endpoint) -> None:
    """Record that an endpoint was disabled or enabled, for its owner and the house."""
    outbox.record(
        tx,
        Event(
            type=event_type,
            resource_id=endpoint.id,
            customer_id=endpoint.customer_id,
            record={
                "id": str(endpoint.id),
                "url": endpoint.url,
                "status": endpoint.status,
                "disabled_reason": endpoint.disabled_reason,
            },
            partners=[endpoint.partner_id] if endpoint.partner_id else [],
            is_for_customer=endpoint.customer_id is not None,
        ),
    )


def tell_exhausted(tx: Transaction, outcomes: Iterable[Outcome]) -> None:
    """Record for the house that messages were given up."""
    for each in outcomes:
        if not each.claim.type.startswith(ABOUT_US):
            outbox.record(tx, _exhausted(each))


def _exhausted(outcome: Outcome) -> Event:
    claim = outcome.claim
    record = {
        "endpoint_id": str(claim.to.id),
        "url": claim.to.url,
        "event_id": str(claim.event_id),
        "event_type": claim.type,
        "attempts": claim.attempts + 1,
        "http_status": outcome.http_status,
        "error": outcome.error,
    }
    return Event("webhook.message.exhausted", claim.to.id, None, record)
