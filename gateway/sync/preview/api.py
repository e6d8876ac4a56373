"""Previews inside: `/sync/links/{id}/previews`, and what each has shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply
from gateway.paging import Page
from gateway.sync.preview import service
from gateway.sync.preview.models import Previewed
from gateway.sync.shown import begun
from schemas import sync_preview as shapes
from schemas.sync import Run

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)
_FIELDS = ("stream", "action", "external_id", "record_id", "changes", "reasons")


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
    return Page([_form(each) for each in shown[:limit]], (shown[limit - 1].number,) if len(shown) > limit else None)


def _form(line: Previewed) -> dict[str, Any]:
    return {name: getattr(line, name) for name in _FIELDS}
