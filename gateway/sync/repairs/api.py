"""Repairs inside: a cursor reset, one record brought into step, and the parts of a range."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.http import NO_CONTENT, Call, Operations, Reply
from gateway.sync.repairs import parts, service
from gateway.sync.runs import get_run
from gateway.sync.shown import begun
from schemas import sync_run as shapes
from schemas.projection import show
from schemas.sync import Run

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)


@operations.post(
    "/sync/links/<id:link_id>/reset",
    scope="sync:write",
    body=shapes.ResetInput,
    is_body_optional=True,
    status=204,
    channels=_INSIDE,
    also=(409,),
)
def reset_link(call: Call, link_id: UUID) -> Reply:
    """Forget how far a link has read: its next run begins at the very beginning. Nothing is taken over twice."""
    service.reset(call.tx, link_id, call.body.get("stream"))
    return NO_CONTENT


@operations.post(
    "/sync/links/<id:link_id>/resync",
    scope="sync:run",
    body=shapes.ResyncInput,
    returns=Run,
    status=202,
    channels=_INSIDE,
    also=(409,),
)
def resync_record(call: Call, link_id: UUID) -> Reply:
    """Ask the partner for one record and take it as it is now; if it is gone there, its deletion is followed."""
    named = (call.body.get("external_id"), call.body.get("record_id"))
    return begun(call, service.start_record(call.tx, link_id, call.body["stream"], *named))


@operations.get("/sync/runs/<id:run_id>/parts", scope="sync:read", returns=shapes.Parts, channels=_INSIDE)
def list_parts(call: Call, run_id: UUID) -> Reply:
    """List the parts of a backfill, and which of them are done."""
    found = parts.list_parts(call.tx, get_run(call.tx, run_id).id)
    return Reply({"items": [show(shapes.Part, each) for each in found], "next": None})
