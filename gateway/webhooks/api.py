"""Webhook endpoints of partners and of the house: register, change, rotate, and see how deliveries went."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select

from gateway.channels import Channel
from gateway.db import Query
from gateway.http import NO_CONTENT, Call, Operations, Reply, accepted, created, found
from gateway.paging import Page, after_key
from gateway.webhooks import service
from gateway.webhooks.models import Attempt, Endpoint
from schemas import webhook as shapes
from schemas.page import PageQuery

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)
_SHOWN = {Channel.EXTRANET: shapes.Endpoint, Channel.INTRANET: shapes.InternalEndpoint}
_NEW = {Channel.EXTRANET: shapes.NewEndpoint, Channel.INTRANET: shapes.NewInternalEndpoint}
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


@operations.list("/webhooks/endpoints", scope=_READ, channels=_CHANNELS, query=PageQuery, returns=_SHOWN)
def list_webhook_endpoints(call: Call) -> Page:
    """List webhook endpoints, oldest first: your own, or on the intranet everyone's."""
    limit = call.query["limit"]
    endpoints = service.list_endpoints(call.tx, limit + 1, call.after[0] if call.after else None)
    items = [show(endpoint, call.channel) for endpoint in endpoints[:limit]]
    return Page(items, (items[-1]["id"],) if len(endpoints) > limit else None)


@operations.post(
    "/webhooks/endpoints", scope=_WRITE, channels=_CHANNELS, body=shapes.EndpointInput, returns=_NEW, also=(409,)
)
def register_webhook_endpoint(call: Call) -> Reply:
    """Register an address to be told of events; the answer shows its secret, this once.

    Messages follow Standard Webhooks and show a record as you may see it. The address must be public and https.
    """
    endpoint, secret = service.register(call.tx, **call.body)
    location = f"{call.base}/webhooks/endpoints/{endpoint.id}"
    return created({**show(endpoint, call.channel), "secret": secret}, location, endpoint.version)


@operations.get("/webhooks/endpoints/<id:endpoint_id>", scope=_READ, channels=_CHANNELS, returns=_SHOWN)
def get_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """One webhook endpoint, without its secret."""
    endpoint = service.get(call.tx, endpoint_id)
    return found(show(endpoint, call.channel), endpoint.version)


@operations.patch(
    "/webhooks/endpoints/<id:endpoint_id>",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.EndpointPatch,
    returns=_SHOWN,
    needs_version=True,
)
def change_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Change an endpoint's address, events, description or status; while disabled it is sent nothing."""
    endpoint = service.change(call.tx, endpoint_id, call.body, call.expected_version())
    return found(show(endpoint, call.channel), endpoint.version)


@operations.delete("/webhooks/endpoints/<id:endpoint_id>", scope=_WRITE, channels=_CHANNELS)
def delete_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Remove an endpoint; what it was still owed is cancelled."""
    service.delete(call.tx, endpoint_id)
    return NO_CONTENT


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/rotate", scope=_WRITE, channels=_CHANNELS, returns=_NEW, status=200
)
def rotate_webhook_secret(call: Call, endpoint_id: UUID) -> Reply:
    """Give an endpoint a new secret; for 24 hours the one before signs too, so nothing is missed meanwhile."""
    endpoint, secret = service.rotate(call.tx, endpoint_id)
    return found({**show(endpoint, call.channel), "secret": secret}, endpoint.version)


@operations.list(
    "/webhooks/endpoints/<id:endpoint_id>/attempts",
    scope=_READ,
    channels=_CHANNELS,
    query=PageQuery,
    returns=shapes.Attempt,
)
def list_webhook_attempts(call: Call, endpoint_id: UUID) -> Page:
    """List the attempts to reach an endpoint, newest first."""
    service.get(call.tx, endpoint_id)
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
    service.get(call.tx, endpoint_id)
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


def show(endpoint: Endpoint, channel: Channel) -> dict[str, Any]:
    """An endpoint as a channel shows it."""
    return {name: getattr(endpoint, name) for name in _SHOWN[channel]._declared_fields}


def _attempts_of(call: Call, endpoint_id: UUID) -> str:
    return f"{call.base}/webhooks/endpoints/{endpoint_id}/attempts"
