"""The work in queues: put in, taken, put off, handed over, done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.customers.reads.noting import note
from gateway.db import now
from gateway.desk.queues import claiming, handling, items
from gateway.desk.queues.models import Item, Step
from gateway.http import NO_CONTENT, Call, Operations, Reply, created
from gateway.paging import Page
from schemas import queue as shapes

operations = Operations("Desk")

_ITEM, _WORK = "/queue-items/<id:item_id>", "queues:work"
_INSIDE: dict[str, Any] = {"returns": shapes.QueueItem, "channels": (Channel.INTRANET,)}
_NAMES = tuple(shapes.QueueItem._declared_fields)


@operations.list("/queue-items", scope="queues:read", query=shapes.ItemQuery, **_INSIDE)
def list_queue_items(call: Call) -> Page:
    """List work, what is due first first."""
    limit = call.query["limit"]
    rows = items.find(call.tx, call.query, call.after, limit + 1)
    note(call.tx, "desk", (each.customer_id for each in rows[:limit]))
    last = (rows[limit - 1].due_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([shown(each) for each in rows[:limit]], last)


@operations.post("/queues/<id:queue_id>/items", scope=_WORK, body=shapes.ItemInput, also=(404,), **_INSIDE)
def add_queue_item(call: Call, queue_id: UUID) -> Reply:
    """Put work into a queue: a callback, something to follow up, somebody referred to us.

    A callback is refused where the customer must not be called, or not at that hour; `wished`: they asked for it.
    """
    item = items.add(call.tx, queue_id, call.body)
    return created(shown(item), f"{call.base}/queue-items/{item.id}")


@operations.post(
    "/queues/<id:queue_id>/items/next",
    scope=_WORK,
    body=shapes.NextInput,
    is_body_optional=True,
    status=200,
    also=(204,),
    **_INSIDE,
)
def take_next_item(call: Call, queue_id: UUID) -> Reply:
    """Take the next item: the most urgent, then the first due, of those that your skills suffice for; 204 for none.

    It is yours until `leased_until`; claim it again for more time, else it goes back by itself.
    """
    item = claiming.take_next(call.tx, queue_id, call.body["skills"], now())
    if item is None:
        return NO_CONTENT
    note(call.tx, "desk", (item.customer_id,))
    return Reply(shown(item))


@operations.get(_ITEM, scope="queues:read", returns=shapes.ItemWithSteps, channels=(Channel.INTRANET,))
def show_queue_item(call: Call, item_id: UUID) -> Reply:
    """Show an item with all that was done."""
    item = items.get(call.tx, item_id)
    note(call.tx, "desk", (item.customer_id,))
    return Reply(shown(item) | {"steps": [_step(each) for each in items.steps_of(call.tx, item_id)]})


@operations.post(f"{_ITEM}/claim", scope=_WORK, status=200, **_INSIDE)
def claim_queue_item(call: Call, item_id: UUID) -> Reply:
    """Take one item, or get more time with your own; of a callback, `against` says what stands against it now."""
    return Reply(shown(claiming.take(call.tx, item_id, now())))


@operations.post(f"{_ITEM}/snooze", scope=_WORK, body=shapes.SnoozeInput, status=200, **_INSIDE)
def snooze_queue_item(call: Call, item_id: UUID) -> Reply:
    """Put an item off."""
    return Reply(shown(handling.snooze(call.tx, item_id, call.body, now())))


@operations.post(f"{_ITEM}/release", scope=_WORK, body=shapes.WordInput, is_body_optional=True, status=200, **_INSIDE)
def release_queue_item(call: Call, item_id: UUID) -> Reply:
    """Let somebody else have an item."""
    return Reply(shown(handling.release(call.tx, item_id, call.body["note"], now())))


@operations.post(f"{_ITEM}/hand-over", scope=_WORK, body=shapes.HandOverInput, status=200, **_INSIDE)
def hand_over_queue_item(call: Call, item_id: UUID) -> Reply:
    """Give an item to another queue, to a person, or to a person in a queue, with a word."""
    return Reply(shown(handling.hand_over(call.tx, item_id, call.body, now())))


@operations.post(f"{_ITEM}/complete", scope=_WORK, body=shapes.CompleteInput, status=200, **_INSIDE)
def complete_queue_item(call: Call, item_id: UUID) -> Reply:
    """Say how an item ended."""
    return Reply(shown(handling.complete(call.tx, item_id, call.body["outcome"], call.body["note"], now())))


def shown(item: Item) -> dict[str, Any]:
    """An item in its wire form."""
    return {name: getattr(item, name) for name in _NAMES} | {"priority": shapes.PRIORITIES[item.priority]}


def _step(step: Step) -> dict[str, Any]:
    return {name: getattr(step, name) for name in shapes.ItemStep._declared_fields}
