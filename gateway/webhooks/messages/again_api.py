"""Sending again on a large scale: recover what failed."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply
from gateway.longrunning.api import begun
from gateway.webhooks.messages import recovery
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
