"""Previews inside: `/sync/links/{id}/previews`, and what each has shown."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply
from gateway.paging import Page, page_of
from gateway.sync.preview import service
from gateway.sync.shown import begun
from schemas import sync_preview as shapes
from schemas.projection import show
from schemas.sync import Run

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)


@operations.post(
    "/sync/links/<id:link_id>/previews",
    scope="sync:run",
    body=shapes.PreviewInput,
    returns=Run,
    status=202,
    channels=_INSIDE,
    also=(409,),
)
def preview_link(call: Call, link_id: UUID) -> Reply:
    """Find out what a run would do, with no change on either side; its counts are what the run's would be."""
    return begun(call, service.ask(call.tx, link_id, call.body))


@operations.list(
    "/sync/runs/<id:run_id>/previewed",
    scope="sync:read",
    query=shapes.PreviewedQuery,
    returns=shapes.Previewed,
    channels=_INSIDE,
)
def list_previewed(call: Call, run_id: UUID) -> Page:
    """List what a preview has shown, in the order in which it would happen."""
    limit, after = call.query["limit"], call.after
    filters = {name: call.query[name] for name in ("action", "stream") if name in call.query}
    shown = service.list_previewed(call.tx, run_id, after[0] if after else None, limit + 1, **filters)
    return page_of(shown, limit, partial(show, shapes.Previewed), ("number",))
