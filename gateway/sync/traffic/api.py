"""Traffic inside: `/sync/runs/{id}/requests`, what a run asked its partner and how that went."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations
from gateway.paging import Page
from gateway.sync.runs import get_run
from gateway.sync.traffic import request_log
from schemas import sync_request as shapes
from schemas.page import PageQuery
from schemas.projection import show

operations = Operations("Sync")


@operations.list(
    "/sync/runs/<id:run_id>/requests",
    scope="sync:read",
    query=PageQuery,
    returns=shapes.SentRequest,
    channels=(Channel.INTRANET,),
)
def list_requests(call: Call, run_id: UUID) -> Page:
    """List the requests of a run in the order in which they ended, as far as they are kept; secrets are masked."""
    limit, after = call.query["limit"], call.after
    run = get_run(call.tx, run_id)
    found = request_log.list_requests(call.tx, run.id, int(after[0]) if after else None, limit + 1)
    last = (str(found[limit - 1].number),) if len(found) > limit else None
    return Page([show(shapes.SentRequest, each) for each in found[:limit]], last)
