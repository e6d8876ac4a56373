"""Sending more than one message again: what failed, what never arrived, or a mere sample."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, accepted
from gateway.longrunning.api import begun
from gateway.webhooks.messages import recovery, replay, sample
from gateway.webhooks.messages.shown import show
from schemas import operation
from schemas import webhook_message as shapes

operations = Operations("Webhooks")

_WRITE = "webhooks:write"
_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/recover",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.RecoverInput,
    returns=operation.Operation,
    status=202,
    also=(409,),
)
def recover_webhook_messages(call: Call, endpoint_id: UUID) -> Reply:
    """Send everything again that failed since a moment, oldest first; in the background, so follow the operation."""
    return begun(call, recovery.start(call.tx, endpoint_id, **call.body))


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/replay",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.ReplayInput,
    returns=operation.Operation,
    status=202,
    also=(409, 410),
)
def replay_webhook_events(call: Call, endpoint_id: UUID) -> Reply:
    """Send everything since a moment that the endpoint has not received, though it was disabled or not there yet.

    You are shown what you could see then and may see now. It runs in the background, so follow the operation.
    """
    return begun(call, replay.start(call.tx, endpoint_id, **call.body))


@operations.post(
    "/webhooks/endpoints/<id:endpoint_id>/test",
    scope=_WRITE,
    channels=_CHANNELS,
    body=shapes.SampleInput,
    returns=shapes.Message,
    status=202,
    also=(409,),
    is_body_optional=True,
)
def try_webhook_endpoint(call: Call, endpoint_id: UUID) -> Reply:
    """Send an endpoint a sample: the example of an event, with `"test": true` beside its data."""
    message = sample.send(call.tx, endpoint_id, call.body.get("type"))
    return accepted(show(message), f"{call.base}/webhooks/messages/{message.id}")
