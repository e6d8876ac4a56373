"""Events of the house's own: of a type it registered, with data as that says. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import audit, outbox
from gateway.channels import Channel
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import Invalid, refuse_field
from gateway.webhooks.catalogue import json_schema
from gateway.webhooks.catalogue.models import RegisteredType

_AHEAD = timedelta(minutes=5)  # another system's clock
_SHARING = Query(
    text(
        """
        SELECT ARRAY(SELECT s.partner_id FROM shares s WHERE s.customer_id = c.id)
        FROM customers c WHERE c.id = :id
        """
    )
)


def publish(
    tx: Transaction,
    event_type: str,
    data: dict[str, Any],
    customer_id: UUID | None = None,
    occurred_at: datetime | None = None,
) -> UUID:
    """Store the event; answers its id. Partners hear of a shared customer's, where the type is for them too.

    Raises Invalid for a type nobody registered, data its schema refuses, a customer there is not, a moment to come.
    """
    registered = tx.session.get(RegisteredType, event_type)
    if registered is None or registered.is_archived:
        raise refuse_field("/type", "unknown_event", "Register this type at /event-types first.")
    if occurred_at is not None and occurred_at > now() + _AHEAD:
        raise refuse_field("/occurred_at", "invalid", "It has not happened yet.")
    if errors := json_schema.mismatches(registered.schema, data, "/data"):
        raise Invalid(errors=errors)
    sharing = _sharing(tx, customer_id) if customer_id is not None else []
    partners = sharing if Channel.EXTRANET in registered.channels else []
    about = customer_id or new_id()
    event = outbox.Event(event_type, about, customer_id, data, partners=partners, occurred_at=occurred_at)
    event_id = outbox.record(tx, event)
    audit.record(tx, "event.published", "event", event_id, {"type": event_type})
    return event_id


def _sharing(tx: Transaction, customer_id: UUID) -> list[UUID]:
    row = tx.first(_SHARING, id=customer_id)
    if row is None:
        raise refuse_field("/customer_id", "unknown", "There is no such customer.")
    return list(row[0])
