"""What whoever has claimed an item does with it. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway import audit
from gateway.db import Transaction
from gateway.desk.queues import callbacks, items
from gateway.desk.queues import service as queues
from gateway.desk.queues.claiming import free, held
from gateway.desk.queues.models import Item
from gateway.errors import refuse_field

_FARTHEST = timedelta(days=366)


def snooze(tx: Transaction, item_id: UUID, said: dict[str, Any], moment: datetime) -> Item:
    """Put an item off; a callback only to an hour that suits it. Raises NotFound, ItemNotFree, Invalid."""
    item, until = held(tx, item_id), said["until"]
    if not moment < until <= moment + _FARTHEST:
        raise refuse_field("/until", "out_of_reach", "Later than now, and within a year.")
    queue = queues.get(tx, item.queue_id)
    if item.kind == "callback":
        asked = {name: getattr(item, name) for name in ("customer_id", "channel", "purpose", "contact_point")}
        decision = callbacks.plan(tx, asked, until, queue.opening, is_wished=said["wished"], pointer="/until")
        item.against = items.flagged(decision.reasons)
    item.ready_at, item.due_at = until, items.due(queue, until)
    free(item)
    items.note_step(tx, item, "snoozed", said["note"], moment)
    return item


def release(tx: Transaction, item_id: UUID, note: str | None, moment: datetime) -> Item:
    """Let somebody else have an item; raises NotFound, ItemNotFree."""
    item = held(tx, item_id)
    free(item)
    items.note_step(tx, item, "released", note, moment)
    return item


def hand_over(tx: Transaction, item_id: UUID, said: dict[str, Any], moment: datetime) -> Item:
    """Give an item to another queue, a person, or both; in another queue it waits anew. Raises as `release`."""
    item = held(tx, item_id)
    if "queue_id" not in said and said["assigned_to"] is None:
        raise refuse_field("/queue_id", "required", "Say to which queue, or to whom.")
    item.assigned_to = items.person(tx, said["assigned_to"], "/assigned_to")
    if said.get("queue_id", item.queue_id) != item.queue_id:
        queue = queues.named(tx, said["queue_id"])
        item.queue_id, item.answered_at = queue.id, None
        item.waiting_since = item.ready_at = items.soonest(queue, item.kind, moment)
        item.due_at = items.due(queue, item.ready_at)
    free(item)
    items.note_step(tx, item, "handed_over", said["note"], moment)
    return item


def complete(tx: Transaction, item_id: UUID, outcome: str, note: str | None, moment: datetime) -> Item:
    """End an item; raises NotFound, ItemNotFree."""
    item = held(tx, item_id)
    return end(tx, item, outcome, note, moment)


def end(tx: Transaction, item: Item, outcome: str, note: str | None, moment: datetime) -> Item:
    """End a locked item, whoever has it."""
    free(item)
    item.status, item.outcome, item.done_at = "done", outcome, moment
    items.note_step(tx, item, "completed", note, moment)
    audit.record(tx, "queue_item.completed", "queue_item", item.id, {"customer": str(item.customer_id)})
    return item
