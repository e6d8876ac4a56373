"""Work that comes into a queue, and is found there. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_

from gateway import audit
from gateway.accounts import service as accounts
from gateway.channels import Channel
from gateway.customers import erasing, moves, search
from gateway.db import Query, Transaction, now
from gateway.desk.queues import callbacks
from gateway.desk.queues import service as queues
from gateway.desk.queues.models import Item, Step, WorkQueue
from gateway.errors import refuse_field
from schemas.queue import PRIORITIES

_FILTERS = ("status", "kind", "queue_id", "customer_id", "claimed_by", "matter_id")
_OF_CUSTOMER = Query(text("SELECT 1 FROM matters WHERE id = :id AND customer_id = :customer_id"))
_SAME = ("kind", "customer_id", "subject", "note", "skills")


def add(tx: Transaction, queue_id: UUID, data: dict[str, Any], *, below: str = "") -> Item:
    """Put loaded `ItemInput` into a queue; raises Invalid, NotFound for its customer. `below` begins its pointers."""
    queue = queues.named(tx, queue_id, f"{below}/queue_id")
    search.get(tx, data["customer_id"], ("id",))
    matter_id = data.get("matter_id")
    if matter_id is not None and tx.first(_OF_CUSTOMER, id=matter_id, customer_id=data["customer_id"]) is None:
        raise refuse_field(f"{below}/matter_id", "unknown", "The customer has no such matter.")
    moment = now()
    ready_at = data["at"] if data.get("at", moment) > moment else soonest(queue, data["kind"], moment)
    item = Item(
        queue_id=queue.id,
        matter_id=matter_id,
        priority=PRIORITIES.index(data["priority"]),
        waiting_since=ready_at,
        ready_at=ready_at,
        due_at=data.get("due_at") or due(queue, ready_at),
        assigned_to=person(tx, data["assigned_to"], f"{below}/assigned_to"),
        created_by=tx.caller.actor,
        created_at=moment,
        **{name: data[name] for name in _SAME},
        **_callback(tx, data, queue, ready_at, below),
    )
    tx.session.add(item)
    tx.session.flush()
    note_step(tx, item, "added", data["note"], moment)
    audit.record(tx, "queue_item.created", "queue_item", item.id, {"customer": str(item.customer_id)})
    return item


def get(tx: Transaction, item_id: UUID, *, lock: bool = False) -> Item:
    """One item; raises NotFound."""
    return tx.get(Item, item_id, lock=lock)


def find(tx: Transaction, filters: dict[str, Any], after: Sequence[Any] | None, limit: int) -> list[Item]:
    """Items, what is due first first."""
    same = {name: filters[name] for name in _FILTERS if name in filters}
    statement = select(Item).filter_by(**same).order_by(Item.due_at, Item.id).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Item.due_at, Item.id) > tuple_(*after))
    return tx.scalars(statement)


def steps_of(tx: Transaction, item_id: UUID) -> list[Step]:
    """All that was done with an item, in order."""
    return tx.scalars(select(Step).where(Step.item_id == item_id).order_by(Step.at, Step.id))


def note_step(
    tx: Transaction, item: Item, action: str, note: str | None, moment: datetime, waited: int | None = None
) -> None:
    """Keep what was done with an item, and by whom."""
    step = Step(item_id=item.id, queue_id=item.queue_id, at=moment, action=action, note=note, waited_seconds=waited)
    step.actor = tx.caller.actor
    tx.session.add(step)
    tx.session.flush()


def due(queue: WorkQueue, ready_at: datetime) -> datetime:
    """By when an item is to be taken, as its queue promises."""
    return queue.opening.after(ready_at, timedelta(seconds=queue.target_seconds))


def soonest(queue: WorkQueue, kind: str, moment: datetime) -> datetime:
    """From when on new work can be taken: a callback once the queue is open, anything else at once."""
    return queue.opening.opens(moment) if kind == "callback" else moment


def person(tx: Transaction, username: str | None, pointer: str) -> str | None:
    """The name under which an employee acts; raises Invalid where there is none of that username."""
    if username is None:
        return None
    user = accounts.find(tx, username.removeprefix("user:"))
    if user is None or user.channel != Channel.INTRANET:
        raise refuse_field(pointer, "unknown", "There is no employee with this username.")
    return f"user:{user.username}"


def _callback(tx: Transaction, data: dict[str, Any], queue: WorkQueue, at: datetime, below: str) -> dict[str, Any]:
    if data["kind"] != "callback":
        return {}
    decision = callbacks.plan(tx, data, at, queue.opening, is_wished=data["wished"], pointer=f"{below}/at")
    return {
        "channel": data["channel"],
        "purpose": data["purpose"],
        "contact_point": decision.contact_point,
        "against": flagged(decision.reasons),
    }


def flagged(reasons: Sequence[Any]) -> list[dict[str, Any]]:
    """Reasons as they are kept with an item."""
    return [reason.as_json() for reason in reasons]


moves.register(moves.Rows("desk_items"))
erasing.register(
    erasing.Statements(
        "desk_items",
        {"desk_items", "desk_item_steps"},
        "SELECT count(*) FROM desk_items WHERE customer_id = ANY(:ids)",
        "DELETE FROM desk_items WHERE customer_id = ANY(:ids)",  # what was done with them goes with them
    )
)
