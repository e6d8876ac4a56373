"""The queues there are. Nothing here commits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from gateway import audit
from gateway.db import Query, Transaction, apply
from gateway.desk.queues.models import WorkQueue
from gateway.desk.queues.opening_hours import OpeningHours
from gateway.errors import Conflict, PreconditionFailed, refuse_field

_OPENING_HOURS = Query(text("SELECT queue_opening_hours(:id)"))  # also of one that the caller does not see


class QueueNameTaken(Conflict):
    """Another queue has this name."""

    code, title = "queue_name_taken", "Another queue has this name"


def list_all(tx: Transaction, after: str, limit: int) -> list[WorkQueue]:
    """Queues by name, after a name."""
    return tx.scalars(select(WorkQueue).where(WorkQueue.name > after).order_by(WorkQueue.name).limit(limit))


def get(tx: Transaction, queue_id: UUID, *, lock: bool = False) -> WorkQueue:
    """One queue; raises NotFound."""
    return tx.get(WorkQueue, queue_id, lock=lock)


def find(tx: Transaction, name: str) -> WorkQueue | None:
    """The queue of this name."""
    return tx.session.scalar(select(WorkQueue).where(WorkQueue.name == name))


def named(tx: Transaction, queue_id: UUID, pointer: str = "/queue_id") -> WorkQueue:
    """The queue that a body names for new work; raises Invalid for one that is not there or archived."""
    queue = tx.session.get(WorkQueue, queue_id)
    if queue is None:
        raise refuse_field(pointer, "unknown", "There is no such queue; GET /queues lists them.")
    if queue.is_archived:
        raise refuse_field(pointer, "archived", "This queue takes no new items.")
    return queue


def opening_of(tx: Transaction, queue_id: UUID | None) -> OpeningHours:
    """When a queue is open, whoever asks; day and night of none."""
    row = None if queue_id is None else tx.first(_OPENING_HOURS, id=queue_id)
    return OpeningHours.read(row[0] if row else None)


def add(tx: Transaction, data: dict[str, Any]) -> WorkQueue:
    """Add a queue of loaded `QueueInput`; raises QueueNameTaken."""
    queue = WorkQueue(**data)
    tx.store(queue, QueueNameTaken)
    audit.record(tx, "queue.created", "queue", queue.id)
    return queue


def change(tx: Transaction, queue_id: UUID, patch: dict[str, Any], expected_version: int) -> WorkQueue:
    """Apply a loaded merge patch; raises NotFound, PreconditionFailed, QueueNameTaken."""
    queue = get(tx, queue_id, lock=True)
    if queue.version != expected_version:
        raise PreconditionFailed
    if changed := apply(queue, patch):
        queue.version = expected_version + 1
        tx.store(queue, QueueNameTaken)
        audit.record(tx, "queue.changed", "queue", queue_id, {"fields": changed})
    return queue
