"""Mass deletions inside: `/sync/links/{id}/confirm-deletions`."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply
from gateway.sync.deletions import service
from gateway.sync.shown import begun
from schemas import sync as shapes

operations = Operations("Sync")


@operations.post(
    "/sync/links/<id:link_id>/confirm-deletions",
    scope="sync:write",
    returns=shapes.Run,
    status=202,
    channels=(Channel.INTRANET,),
    also=(409,),
)
def confirm_deletions(call: Call, link_id: UUID) -> Reply:
    """Go on where a full listing stopped because it would delete too much.

    The link is resumed and a full run begins that may end as many records as were found missing.
    """
    return begun(call, service.confirm(call.tx, link_id))
