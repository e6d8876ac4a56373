"""A matter that somebody has to work on stands in a queue, and in one at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway.db import Transaction, now
from gateway.desk.matters import deadlines
from gateway.desk.matters.models import Matter
from gateway.desk.matters.states import is_active
from gateway.desk.queues import handling, items
from gateway.desk.queues import service as queues
from gateway.desk.queues.models import Item
from schemas.queue import PRIORITIES

_DEADLINES = deadlines.Deadlines._fields
_OPEN = select(Item).where(Item.kind == "matter", Item.status != "done").with_for_update()


def put_in(tx: Transaction, matter: Matter) -> None:
    """Have somebody work on an active matter that has a queue."""
    if matter.queue_id is None or not is_active(matter) or not tx.caller.sees_everything:
        return
    work: dict[str, Any] = {
        "kind": "matter",
        "customer_id": matter.customer_id,
        "matter_id": matter.id,
        "subject": matter.subject,
        "note": None,
        "skills": [],
        "priority": PRIORITIES[matter.priority],
        "assigned_to": matter.owner,
    }
    items.add(tx, matter.queue_id, work)


def follow(tx: Transaction, matter: Matter, changed: Collection[str]) -> None:
    """Have the queues show a change: what is over is done there, what moved waits elsewhere, what is urgent sooner."""
    if not tx.caller.sees_everything:
        return
    open_items: list[Item] = tx.scalars(_OPEN.where(Item.matter_id == matter.id))
    is_moved = not {"queue_id", "owner"}.isdisjoint(changed)
    if not is_active(matter) or is_moved:
        for item in open_items:
            handling.end(tx, item, matter.status if not is_active(matter) else "moved", None, now())
        open_items = []
    for item in open_items:
        item.priority = matter.priority
    if not open_items:
        put_in(tx, matter)


def change_queue(tx: Transaction, matter: Matter, queue_id: UUID | None, moment: datetime) -> list[str]:
    """Give a matter to another queue, in whose hours its time runs from then on; answers which deadlines moved.

    What was set by hand or put off stands, and no deadline is missed by moving.
    """
    before, after = (
        deadlines.of(matter.priority, matter.opened_at, queues.opening_of(tx, each))
        for each in (matter.queue_id, queue_id)
    )
    matter.queue_id = queue_id
    moved = [name for name in _DEADLINES if getattr(matter, name) == getattr(before, name) != getattr(after, name)]
    for name in moved:
        setattr(matter, name, max(getattr(after, name), min(getattr(before, name), moment)))
    return moved
