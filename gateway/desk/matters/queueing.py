"""A matter that somebody has to work on stands in a queue, and in one at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, text

from gateway.db import Query, Transaction, now
from gateway.desk.matters.models import Matter
from gateway.desk.matters.states import is_active
from gateway.desk.queues import handling, items
from gateway.desk.queues.models import Item
from gateway.outbox import announce
from schemas.queue import PRIORITIES

_OPEN = select(Item).where(Item.kind == "matter", Item.status != "done").with_for_update()
# Those that nobody put anywhere, and the queue that takes what is opened there.
_UNPLACED = Query(
    text(
        """
        SELECT m.id, q.id FROM matters m
        JOIN LATERAL (SELECT q.id FROM desk_queues q
            WHERE m.service_point = ANY(q.service_points) AND NOT q.is_archived ORDER BY q.name LIMIT 1) q ON true
        WHERE m.queue_id IS NULL AND m.status = 'open' ORDER BY m.opened_at LIMIT :most
        FOR UPDATE OF m SKIP LOCKED
        """
    )
)


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


def place(tx: Transaction, most: int = 200) -> int:
    """Put matters into the queue that takes what is opened at their desk; answers how many."""
    placed = tx.rows(_UNPLACED, most=most)
    for matter_id, queue_id in placed:
        matter = tx.session.get_one(Matter, matter_id)
        matter.queue_id = queue_id
        put_in(tx, matter)
    if placed:
        announce(tx)
    return len(placed)
