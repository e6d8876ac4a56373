"""Messages and attempts one by one, and sending one again. Nothing here commits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import select, text

from gateway import audit
from gateway.channels import Channel
from gateway.db import Query, Transaction
from gateway.errors import Conflict, NotFound
from gateway.id_time import time_of
from gateway.webhooks import bell
from gateway.webhooks.delivery import paces
from gateway.webhooks.endpoints import service as endpoints
from gateway.webhooks.fanout import TOLD_ANYWAY
from gateway.webhooks.models import Attempt, Delivery, Endpoint
from gateway.webhooks.rendering import still_shown, view_of
from gateway.webhooks.withdrawing import INTERACTIONS

_SHOWN_ATTEMPTS = 50
_LATEST_WRITTEN, _WRONG_CLOCK = timedelta(hours=1), timedelta(minutes=1)

# Begun anew it has the whole schedule before it. What is on the wire at this moment is not sent twice.
RESTART = "status = 'pending', attempts = 0, due_at = now()"
IS_IDLE = "NOT (d.status = 'pending' AND d.leased_until IS NOT NULL AND d.leased_until > now())"
_RESEND = Query(
    text(f"UPDATE webhook_deliveries d SET {RESTART}, trigger = 'resend' WHERE d.id = :id AND {IS_IDLE}")  # noqa: S608
)
_IS_SHARED = Query(
    text("SELECT EXISTS (SELECT 1 FROM shares WHERE customer_id = :customer_id AND partner_id = :partner_id)")
)

_IS_INTERACTION = Query(text("SELECT EXISTS (SELECT 1 FROM interactions WHERE id = CAST(:id AS uuid))"))


class EndpointDisabled(Conflict):
    """Nothing is sent to a disabled endpoint."""

    code, title = "endpoint_disabled", "The endpoint is disabled; set its status to active first"


class NothingToSend(Conflict):
    """A message that was withdrawn, or whose body is no longer kept."""

    code, title = "nothing_to_send", "The message was withdrawn, or its body is no longer kept"


def get(tx: Transaction, message_id: UUID) -> Delivery:
    """One message; raises NotFound."""
    statement = select(Delivery).join(Endpoint, Endpoint.id == Delivery.endpoint_id)
    message: Delivery | None = tx.session.scalar(
        statement.where(Delivery.id == message_id, Endpoint.deleted_at.is_(None))
    )
    if message is None:
        raise NotFound
    return message


def message_of(tx: Transaction, endpoint_id: UUID, event_id: UUID) -> Delivery:
    """What an endpoint is or was owed of an event; raises NotFound."""
    message: Delivery | None = tx.session.scalar(select(Delivery).filter_by(endpoint_id=endpoint_id, event_id=event_id))
    if message is None:
        raise NotFound
    return message


def get_attempt(tx: Transaction, attempt_id: UUID, endpoint_id: UUID | None = None) -> Attempt:
    """One attempt, at this endpoint where one is named; raises NotFound."""
    # Attempts are indexed by time below their endpoints, and an id, made once it has ended, tells its time.
    moment = time_of(attempt_id)
    when = Attempt.attempted_at.between(moment - _LATEST_WRITTEN, moment + _WRONG_CLOCK)
    statement = select(Attempt).join(Endpoint, Endpoint.id == Attempt.endpoint_id)
    statement = statement.where(Attempt.id == attempt_id, when, Endpoint.deleted_at.is_(None))
    if endpoint_id is not None:
        statement = statement.where(Endpoint.id == endpoint_id)
    attempt: Attempt | None = tx.session.scalar(statement)
    if attempt is None:
        raise NotFound
    return attempt


def attempts_of(tx: Transaction, message: Delivery) -> list[Attempt]:
    """The newest attempts at a message, newest first."""
    of_message = select(Attempt).filter_by(endpoint_id=message.endpoint_id, event_id=message.event_id)
    return tx.scalars(of_message.order_by(Attempt.attempted_at.desc(), Attempt.id.desc()).limit(_SHOWN_ATTEMPTS))


def body_shown(tx: Transaction, message: Delivery) -> str | None:
    """A message's body as the caller may see it now, None where there is none or no more of it may be seen."""
    if message.payload is None or tx.caller.channel is not Channel.EXTRANET:
        return message.payload
    if not _is_seen(tx, message):
        return None
    hidden = view_of(tx, tx.caller.channel, tx.caller.granted_fields).hidden
    return still_shown(message.payload, sorted(tx.caller.granted_fields), hidden)


def _is_seen(tx: Transaction, message: Delivery) -> bool:
    """Whether a partner may see now what a message is about."""
    if message.customer_id is None or message.type in TOLD_ANYWAY:
        return True
    row = tx.first(_IS_SHARED, customer_id=message.customer_id, partner_id=tx.caller.partner_id)
    if row and row[0] and message.type in INTERACTIONS:
        row = tx.first(_IS_INTERACTION, id=orjson.loads(message.payload or "")["data"]["id"])
    return bool(row and row[0])


def resend(tx: Transaction, message: Delivery) -> Delivery:
    """Send one message again, same id and body, on a fresh schedule; one that is on its way is left to it.

    Raises NotFound, EndpointDisabled, NothingToSend.
    """
    require_active(tx, message.endpoint_id)
    if message.payload is None or message.status == "cancelled":
        raise NothingToSend
    tx.run(_RESEND, id=message.id)
    tx.session.refresh(message)
    event_id = str(message.event_id)
    audit.record(tx, "webhook_endpoint.resent", "webhook_endpoint", message.endpoint_id, {"event_id": event_id})
    paces.probe_now(tx, message.endpoint_id)
    bell.ring_after(tx)
    return message


def require_active(tx: Transaction, endpoint_id: UUID) -> Endpoint:
    """An endpoint that is sent to; raises NotFound, EndpointDisabled."""
    endpoint = endpoints.get(tx, endpoint_id)
    if endpoint.status != "active":
        raise EndpointDisabled
    return endpoint
