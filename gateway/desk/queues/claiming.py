"""Giving an item to one person: of many who ask at once each gets another, and a vanished one's goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text

from gateway import audit
from gateway.db import Query, Transaction
from gateway.desk.queues import callbacks, items
from gateway.desk.queues import service as queues
from gateway.desk.queues.models import Item, WorkQueue
from gateway.errors import Conflict

_MOST_LAPSED = 500
# Whoever is taking one has it locked; the others look past it.
_NEXT = Query(
    text(
        """
        SELECT id FROM desk_items
        WHERE queue_id = :queue_id AND status <> 'done' AND ready_at <= :moment
          AND (status = 'waiting' OR leased_until < :moment)
          AND (assigned_to IS NULL OR assigned_to = :actor) AND skills <@ CAST(:skills AS text[])
        ORDER BY priority, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    )
)


class ItemNotFree(Conflict):
    """Somebody else has it, it is somebody else's, or it is done."""

    code, title = "item_not_free", "This item is another's, or it is done"


def take_next(tx: Transaction, queue_id: UUID, skills: Iterable[str], moment: datetime) -> Item | None:
    """Give the caller the next item that their skills suffice for, or None; raises NotFound for the queue."""
    queue = queues.get(tx, queue_id)
    found = tx.first(_NEXT, queue_id=queue_id, moment=moment, actor=tx.caller.actor, skills=list(skills))
    return None if found is None else _take(tx, queue, items.get(tx, found[0], lock=True), moment)


def take(tx: Transaction, item_id: UUID, moment: datetime) -> Item:
    """Give the caller one item, or more time with it; raises NotFound, ItemNotFree."""
    item = items.get(tx, item_id, lock=True)
    queue = queues.get(tx, item.queue_id)
    actor = tx.caller.actor
    is_held = item.leased_until is not None and item.leased_until >= moment
    if item.status == "claimed" and item.claimed_by == actor and is_held:
        item.leased_until = _until(queue, moment)
        items.note_step(tx, item, "renewed", None, moment)
        return item
    if item.status == "done" or is_held or item.assigned_to not in (None, actor):
        raise ItemNotFree
    return _take(tx, queue, item, moment)


def held(tx: Transaction, item_id: UUID) -> Item:
    """An item that the caller has claimed, locked; raises NotFound, ItemNotFree."""
    item = items.get(tx, item_id, lock=True)
    if item.claimed_by != tx.caller.actor:
        raise ItemNotFree("Claim it first: POST /queue-items/{id}/claim.")
    return item


def give_back_lapsed(tx: Transaction, moment: datetime) -> int:
    """Put back what was claimed by somebody who said nothing since; answers how many."""
    lapsed = (
        select(Item).where(Item.status == "claimed", Item.leased_until < moment).order_by(Item.leased_until)
    ).limit(_MOST_LAPSED)
    given = tx.scalars(lapsed.with_for_update(skip_locked=True))
    for item in given:
        items.note_step(tx, item, "lapsed", item.claimed_by, moment)
        free(item)
    tx.session.flush()
    return len(given)


def free(item: Item) -> None:
    """Let an item wait again."""
    item.status, item.claimed_by, item.leased_until = "waiting", None, None


def _take(tx: Transaction, queue: WorkQueue, item: Item, moment: datetime) -> Item:
    waited = None
    if item.answered_at is None:
        item.answered_at, waited = moment, int(queue.opening.between(item.waiting_since, moment).total_seconds())
    item.status, item.claimed_by, item.leased_until = "claimed", tx.caller.actor, _until(queue, moment)
    if item.kind == "callback":
        item.against = items.flagged(callbacks.of_item(tx, item, moment).reasons)
    items.note_step(tx, item, "claimed", None, moment, waited)
    audit.record(tx, "queue_item.claimed", "queue_item", item.id, {"customer": str(item.customer_id)})
    return item


def _until(queue: WorkQueue, moment: datetime) -> datetime:
    return moment + timedelta(minutes=queue.lease_minutes)
