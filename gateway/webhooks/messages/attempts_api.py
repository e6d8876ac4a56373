"""Every try to hand something over: listed, searched, and shown with what the receiver answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, accepted
from gateway.paging import Page
from gateway.webhooks.endpoints import service as endpoints
from gateway.webhooks.messages import search, service
from gateway.webhooks.messages.api import asked_by
from gateway.webhooks.messages.shown import show_attempt
from schemas import webhook_message as shapes
from schemas.page import PageQuery

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)


@operations.list(
    "/webhooks/attempts", scope=_READ, channels=_CHANNELS, query=shapes.AttemptQuery, returns=shapes.Attempt
)
def list_webhook_attempts(call: Call) -> Page:
    """List attempts, newest first: at your own endpoints, or on the intranet at everyone's."""
    return _page(call, asked_by(call))


@operations.get("/webhooks/attempts/<id:attempt_id>", scope=_READ, channels=_CHANNELS, returns=shapes.WholeAttempt)
def get_webhook_attempt(call: Call, attempt_id: UUID) -> Reply:
    """One attempt with the headers and the first 16 KiB of what the receiver answered."""
    return Reply(show_attempt(service.get_attempt(call.tx, attempt_id)))


@operations.list(
    "/webhooks/endpoints/<id:endpoint_id>/attempts",
    scope=_READ,
    channels=_CHANNELS,
    query=PageQuery,
    returns=shapes.Attempt,
)
def list_attempts_at_webhook_endpoint(call: Call, endpoint_id: UUID) -> Page:
    """List the attempts to reach an endpoint, newest first."""
    return _page(call, {"endpoint_id": endpoints.get(call.tx, endpoint_id).id})


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/attempts/<id:attempt_id>/resend",
    scope=_WRITE,
    channels=_CHANNELS,
    returns=shapes.Resent,
    status=202,
    also=(409,),
)
def resend_webhook_attempt(call: Call, endpoint_id: UUID, attempt_id: UUID) -> Reply:
    """Send the message of one attempt again, the same `webhook-id` and body, on a fresh schedule."""
    attempt = service.get_attempt(call.tx, attempt_id, endpoint_id)
    message = service.resend(call.tx, service.message_of(call.tx, endpoint_id, attempt.event_id))
    return accepted({"event_id": message.event_id}, f"{call.base}/webhooks/messages/{message.id}")


def _page(call: Call, asked: dict[str, Any]) -> Page:
    limit = call.query["limit"]
    rows = search.find_attempts(call.tx, asked, limit + 1, call.after)
    items = [dict(zip(search.ATTEMPT, row, strict=True)) for row in rows[:limit]]
    return Page(items, (items[-1]["attempted_at"], items[-1]["id"]) if len(rows) > limit else None)
