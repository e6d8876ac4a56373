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
from schemas.queue import PRIORITIES

_OPEN = select(Item).where(Item.kind == "matter", Item.status != "done").with_for_update()
# Open ones that stand in no queue, with their own, or the one that takes what is opened there: customers and partners
# open matters too, and see no queue.
_UNPLACED = Query(
    text(
        """
        SELECT m.id, coalesce(own.id, taking.id) FROM matters m
        LEFT JOIN desk_queues own ON own.id = m.queue_id AND NOT own.is_archived
        LEFT JOIN LATERAL (SELECT q.id FROM desk_queues q
            WHERE m.service_point = ANY(q.service_points) AND NOT q.is_archived ORDER BY q.name LIMIT 1) taking ON true
        WHERE m.status = 'open' AND coalesce(own.id, taking.id) IS NOT NULL AND NOT EXISTS (
            SELECT FROM desk_items i WHERE i.matter_id = m.id AND i.kind = 'matter' AND i.status <> 'done')
        ORDER BY m.opened_at LIMIT :most FOR UPDATE OF m SKIP LOCKED
        """
    )
)
_OVER = Query(
    text(
        """
        SELECT i.id FROM desk_items i JOIN matters m ON m.id = i.matter_id
        WHERE i.kind = 'matter' AND i.status <> 'done' AND m.status IN ('solved', 'closed')
        LIMIT :most FOR UPDATE OF i SKIP LOCKED
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
    """Put open matters that stand in no queue into one, and end the work on those that are over; answers how many."""
    for (item_id,) in tx.rows(_OVER, most=most):
        handling.end(tx, items.get(tx, item_id), "over", None, now())
    placed = tx.rows(_UNPLACED, most=most)
    for matter_id, queue_id in placed:
        matter = tx.session.get_one(Matter, matter_id)
        matter.queue_id = queue_id
        put_in(tx, matter)
    return len(placed)
