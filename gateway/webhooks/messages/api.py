"""What was sent and what became of it: messages listed, searched, shown whole, and sent again one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, accepted
from gateway.paging import Page
from gateway.webhooks.messages import search, service
from gateway.webhooks.messages.shown import show, show_message, show_whole
from schemas import webhook_message as shapes

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)


@operations.list(
    "/webhooks/messages", scope=_READ, channels=_CHANNELS, query=shapes.MessageQuery, returns=shapes.Message
)
def list_webhook_messages(call: Call) -> Page:
    """List what was or will be sent, newest event first: to your own endpoints, or on the intranet to everyone's.

    `failed=true` leaves what needs somebody's hand: tried in vain, given up, or kept too long.
    """
    limit = call.query["limit"]
    rows = search.find_messages(call.tx, asked_by(call), limit + 1, call.after)
    items = [show_message(dict(zip(search.MESSAGE, row, strict=True))) for row in rows[:limit]]
    return Page(items, (items[-1]["event_id"], items[-1]["endpoint_id"]) if len(rows) > limit else None)


@operations.get("/webhooks/messages/<id:message_id>", scope=_READ, channels=_CHANNELS, returns=shapes.WholeMessage)
def get_webhook_message(call: Call, message_id: UUID) -> Reply:
    """One message with its body, as you may see it now, and the attempts at it."""
    return Reply(show_whole(call.tx, service.get(call.tx, message_id)))


@operations.post(
    "/webhooks/messages/<id:message_id>/resend",
    scope=_WRITE,
    channels=_CHANNELS,
    returns=shapes.Message,
    status=202,
    also=(409,),
)
def resend_webhook_message(call: Call, message_id: UUID) -> Reply:
    """Send a message again, with the same `webhook-id` and body and a fresh schedule; one on its way is not doubled."""
    message = service.resend(call.tx, service.get(call.tx, message_id))
    return accepted(show(message), f"{call.base}/webhooks/messages/{message_id}")


def asked_by(call: Call) -> dict[str, Any]:
    """What a call asks for, its page apart."""
    return {name: value for name, value in call.query.items() if name not in ("limit", "cursor")}
