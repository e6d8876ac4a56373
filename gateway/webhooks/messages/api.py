"""What was sent to an endpoint and how it went, and sending it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select

from gateway.channels import Channel
from gateway.db import Query
from gateway.http import Call, Operations, Reply, accepted
from gateway.paging import Page, after_key
from gateway.webhooks.endpoints import service as endpoints
from gateway.webhooks.messages import service
from gateway.webhooks.models import Attempt
from schemas import webhook as shapes
from schemas.page import PageQuery

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)
_FIELDS = tuple(shapes.Attempt._declared_fields)
_NEWEST_FIRST: list[tuple[ColumnElement[Any], bool]] = [
    (Attempt.__table__.c.attempted_at, True),
    (Attempt.__table__.c.id, True),
]
_ATTEMPTS = (
    select(*(Attempt.__table__.c[name] for name in _FIELDS))
    .where(Attempt.endpoint_id == bindparam("endpoint_id"))
    .order_by(Attempt.attempted_at.desc(), Attempt.id.desc())
    .limit(bindparam("limit"))
)
_FIRST_ATTEMPTS, _NEXT_ATTEMPTS = Query(_ATTEMPTS), Query(_ATTEMPTS.where(after_key(_NEWEST_FIRST)))


@operations.list(
    "/webhooks/endpoints/<id:endpoint_id>/attempts",
    scope=_READ,
    channels=_CHANNELS,
    query=PageQuery,
    returns=shapes.Attempt,
)
def list_webhook_attempts(call: Call, endpoint_id: UUID) -> Page:
    """List the attempts to reach an endpoint, newest first."""
    endpoints.get(call.tx, endpoint_id)
    limit, after = call.query["limit"], call.after
    keys = {f"key_{place}": value for place, value in enumerate(after or ())}
    query = _NEXT_ATTEMPTS if after else _FIRST_ATTEMPTS
    rows = call.tx.rows(query, endpoint_id=endpoint_id, limit=limit + 1, **keys)
    items = [dict(zip(_FIELDS, row, strict=True)) for row in rows[:limit]]
    return Page(items, (items[-1]["attempted_at"], items[-1]["id"]) if len(rows) > limit else None)


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/attempts/<id:attempt_id>/resend",
    scope=_WRITE,
    channels=_CHANNELS,
    returns=shapes.Resent,
    status=202,
    also=(409,),
)
def resend_webhook_message(call: Call, endpoint_id: UUID, attempt_id: UUID) -> Reply:
    """Send the message of one attempt again, the same `webhook-id` and body, on a fresh schedule."""
    endpoints.get(call.tx, endpoint_id)
    attempt = service.get_attempt(call.tx, endpoint_id, attempt_id)
    service.resend(call.tx, endpoint_id, attempt.event_id)
    return accepted({"event_id": attempt.event_id}, _attempts_of(call, endpoint_id))


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/recover",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.RecoverInput,
    returns=shapes.Recovered,
    status=202,
    also=(409,),
)
def recover_webhook_messages(call: Call, endpoint_id: UUID) -> Reply:
    """Send everything again that failed since a moment."""
    recovered = service.recover(call.tx, endpoint_id, call.body["since"])
    return accepted({"recovered": recovered}, _attempts_of(call, endpoint_id))


def _attempts_of(call: Call, endpoint_id: UUID) -> str:
    return f"{call.base}/webhooks/endpoints/{endpoint_id}/attempts"
