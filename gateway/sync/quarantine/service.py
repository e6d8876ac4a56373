"""What can be done with rejected records. Nothing here commits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction
from gateway.sync import runs
from gateway.sync.models import RejectedRecord, SyncRun


def list_rejected(
    tx: Transaction,
    link_id: UUID | None = None,
    after: UUID | None = None,
    limit: int | None = None,
    *,
    stream: str | None = None,
    code: str | None = None,
    external_id: str | None = None,
) -> list[RejectedRecord]:
    """Records that could not be taken over, the oldest first; `code` is one of their reasons'."""
    named = {"link_id": link_id, "stream": stream, "external_id": external_id}
    statement = select(RejectedRecord).order_by(RejectedRecord.id)
    statement = statement.filter_by(**{name: value for name, value in named.items() if value is not None})
    if code is not None:
        statement = statement.where(RejectedRecord.reasons.contains([{"code": code}]))
    return tx.scalars((statement if after is None else statement.where(RejectedRecord.id > after)).limit(limit))


def get_rejected(tx: Transaction, rejected_id: UUID) -> RejectedRecord:
    """The rejected record with this id; raises NotFound."""
    return tx.get(RejectedRecord, rejected_id)


def replay_one(tx: Transaction, rejected_id: UUID) -> SyncRun:
    """Ask for a run that takes this record again; raises NotFound and what `runs.start_run` raises."""
    rejected = get_rejected(tx, rejected_id)
    return replay(tx, rejected.link_id, {"stream": rejected.stream, "ids": [rejected_id]})


def replay(tx: Transaction, link_id: UUID, chosen: dict[str, Any]) -> SyncRun:
    """Ask for a run that takes rejected records again: of a `stream`, with these `ids`, for this `code`, or all."""
    options = {name: [str(each) for each in value] if name == "ids" else value for name, value in chosen.items()}
    return runs.start_run(tx, link_id, "replay", options)


def discard(tx: Transaction, rejected_id: UUID) -> None:
    """Forget a rejected record; should the partner send it again, it is judged again. Raises NotFound."""
    rejected = get_rejected(tx, rejected_id)
    tx.session.delete(rejected)
    detail = {"link_id": str(rejected.link_id), "stream": rejected.stream, "external_id": rejected.external_id}
    audit.record(tx, "sync.rejected.discarded", "sync_rejected", rejected_id, detail)
