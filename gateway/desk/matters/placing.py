"""What customers and partners open comes into a queue by itself, and leaves it when they have settled it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.desk.matters import queueing, service
from gateway.desk.matters.models import Matter
from gateway.desk.queues import handling, items

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


def place(tx: Transaction, moment: datetime, most: int = 200) -> int:
    """Put open matters that stand in no queue into one, and end the work on those that are over; answers how many."""
    for (item_id,) in tx.rows(_OVER, most=most):
        handling.end(tx, items.get(tx, item_id), "over", None, moment)
    placed = tx.rows(_UNPLACED, most=most)
    for matter_id, queue_id in placed:
        matter = tx.session.get_one(Matter, matter_id)
        moved = queueing.change_queue(tx, matter, queue_id, moment)
        queueing.put_in(tx, matter)
        if moved:
            service.conclude(tx, matter, ["queue_id", *moved], moment)
    return len(placed)
