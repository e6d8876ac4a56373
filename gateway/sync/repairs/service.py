"""What people may have done again. Nothing here commits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from gateway import audit
from gateway.db import Transaction, now
from gateway.errors import NotFound, refuse_field
from gateway.sync import crossref
from gateway.sync.links import get_link
from gateway.sync.models import SyncCursor, SyncLink, SyncRun
from gateway.sync.repairs.abilities import connector_of, require
from gateway.sync.runs import RunActive, active_run, start_run


def start(tx: Transaction, link_id: UUID, wish: dict[str, Any]) -> SyncRun:
    """Ask for a run as a loaded `RunInput` says; raises NotFound, Invalid, ConnectorUnable, as well as `start_run`."""
    mode = wish.get("mode", "normal")
    if mode == "backfill":
        return start_range(tx, link_id, wish.get("stream"), wish.get("since"), wish.get("until"))
    if outside := sorted(set(wish) - {"mode"}):
        raise refuse_field(f"/{outside[0]}", "not_for_mode", f"A {mode} run takes no `{outside[0]}`.")
    if mode == "full":
        require(get_link(tx, link_id), "full_listing")
    return start_run(tx, link_id, mode)


def start_range(
    tx: Transaction, link_id: UUID, stream: str | None, since: datetime | None, until: datetime | None
) -> SyncRun:
    """Read again what changed in [since, until), of one stream or all."""
    until = until or now()
    if since is None or since >= until:
        raise refuse_field("/since", "range", "A range begins with `since`, before `until` (now unless given).")
    connector = require(get_link(tx, link_id), "ranges", stream)
    streams = [stream] if stream else list(connector.streams)
    range_ = {"streams": streams, "since": since.isoformat(), "until": until.isoformat()}
    return start_run(tx, link_id, "backfill", range_)


def start_record(
    tx: Transaction, link_id: UUID, stream: str, external_id: str | None, record_id: UUID | None
) -> SyncRun:
    """Bring one record into step, named by the partner's id or ours; raises NotFound for one of ours unknown there."""
    link = get_link(tx, link_id)
    if (external_id is None) == (record_id is None):
        raise refuse_field("/external_id", "ambiguous", "Give either `external_id` or `record_id`.")
    if record_id is not None:
        external_id = crossref.named(tx, link.id, stream, [record_id]).get(record_id)
        if external_id is None:
            raise NotFound("The partner has no record that is this one.")
    require(link, "fetch", stream)
    return start_run(tx, link_id, "record", {"stream": stream, "external_id": external_id})


def reset(tx: Transaction, link_id: UUID, stream: str | None = None) -> SyncLink:
    """Have the next run read from the very beginning; raises RunActive: an active run would put its cursor back."""
    link = tx.get(SyncLink, link_id, lock=True)  # a run that begins just now waits for this, or is seen below
    if (active := active_run(tx, link_id)) is not None:
        raise RunActive(active.id)
    if stream is not None and stream not in connector_of(link).streams:
        raise refuse_field("/stream", "unknown", f"This link has no {stream}.")
    cursors = delete(SyncCursor).where(SyncCursor.link_id == link_id)
    tx.session.execute(cursors if stream is None else cursors.where(SyncCursor.stream == stream))
    audit.record(tx, "sync.link.reset", "sync_link", link_id, {"stream": stream or "all"})
    return link
