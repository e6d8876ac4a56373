"""Rejected records inside: `/sync/rejected`, shown, replayed and discarded."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.http import NO_CONTENT, Call, Operations, Reply
from gateway.paging import Page, page_of
from gateway.sync.models import RejectedRecord
from gateway.sync.quarantine import service
from gateway.sync.shown import begun
from schemas import sync_rejected as shapes
from schemas.projection import show
from schemas.sync import Run

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)
_LONG_DIGITS = 19
_FILTERS = ("link_id", "stream", "code", "external_id")


@operations.list(
    "/sync/rejected", scope="sync:read", query=shapes.RejectedQuery, returns=shapes.Rejected, channels=_INSIDE
)
def list_rejected(call: Call) -> Page:
    """List the records that could not be taken over, with their reasons."""
    limit, after = call.query["limit"], call.after
    filters = {name: call.query[name] for name in _FILTERS if name in call.query}
    rejected = service.list_rejected(call.tx, after=after[0] if after else None, limit=limit + 1, **filters)
    return page_of(rejected, limit, _shown)


@operations.get("/sync/rejected/<id:rejected_id>", scope="sync:read", returns=shapes.Rejected, channels=_INSIDE)
def show_rejected(call: Call, rejected_id: UUID) -> Reply:
    """Show one rejected record, as it came and with its reasons."""
    return Reply(_shown(service.get_rejected(call.tx, rejected_id)))


@operations.post(
    "/sync/rejected/<id:rejected_id>/replay", scope="sync:run", returns=Run, status=202, channels=_INSIDE, also=(409,)
)
def replay_rejected(call: Call, rejected_id: UUID) -> Reply:
    """Take one rejected record again, as the partner has it now."""
    return begun(call, service.replay_one(call.tx, rejected_id))


@operations.post(
    "/sync/links/<id:link_id>/replay",
    scope="sync:run",
    body=shapes.Replay,
    returns=Run,
    status=202,
    channels=_INSIDE,
    also=(409,),
)
def replay_link(call: Call, link_id: UUID) -> Reply:
    """Take the rejected records of a link again: all, or those of one stream, with these ids, or for one reason.

    Where the partner can be asked for a single record it is, so a mended mapping and a mended record both count;
    else what was kept is taken through the rules of today.
    """
    return begun(call, service.replay(call.tx, link_id, call.body))


@operations.delete("/sync/rejected/<id:rejected_id>", scope="sync:write", channels=_INSIDE)
def discard_rejected(call: Call, rejected_id: UUID) -> Reply:
    """Forget a rejected record; should the partner send it again, it is judged again."""
    service.discard(call.tx, rejected_id)
    return NO_CONTENT


def _shown(rejected: RejectedRecord) -> dict[str, Any]:
    # A number too long for the JSON we write may be why the record was rejected: it is shown as text.
    raw = json.loads(rejected.raw, parse_int=lambda digits: int(digits) if len(digits) < _LONG_DIGITS else digits)
    return show(shapes.Rejected, rejected, raw=raw)
