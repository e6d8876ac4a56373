"""Events that commit with the change they tell of, and are read in commit order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Json
from sqlalchemy import ARRAY, JSON, BigInteger, Text, Uuid, bindparam, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.commit_order import START, Place, move_place, take_place
from gateway.db import Base, Query, Transaction, new_id, now


class EventRow(Base):
    """One thing that happened. `record` is the whole record then; `partners` are those who could see it then."""

    __tablename__ = "events"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[UUID]
    type: Mapped[str] = mapped_column(Text)
    resource_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    partners: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    is_for_customer: Mapped[bool]
    origin: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    trace: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Event:
    """What a feature says happened.

    `changed` names the fields that changed (empty for a creation or an ending: everything counts as changed);
    `partners` and `is_for_customer` say who could see the record at that moment, intranet apart, which sees all.
    Without `occurred_at` it happens now.
    """

    type: str
    resource_id: UUID
    customer_id: UUID | None
    record: dict[str, Any]
    changed: Iterable[str] = ()
    partners: Iterable[UUID] = ()
    is_for_customer: bool = False
    occurred_at: datetime | None = None


_NAMES = (
    "id", "type", "resource_id", "customer_id", "occurred_at", "changed", "record", "partners", "is_for_customer",
    "origin", "actor", "trace",
)  # fmt: skip
# Inline, or SQLAlchemy asks for the new position back, which whoever may not read events may not see.
_INSERT = Query(insert(EventRow).values({name: bindparam(name) for name in _NAMES}).inline())
_listeners: list[Callable[[], object]] = []


def record(tx: Transaction, event: Event) -> UUID:
    """Store the event in this very transaction and ring the listeners once it has committed; answers its id."""
    event_id = new_id()
    tx.run(
        _INSERT,
        id=event_id,
        type=event.type,
        resource_id=event.resource_id,
        customer_id=event.customer_id,
        occurred_at=event.occurred_at or now(),
        changed=list(event.changed),
        record=Json(event.record),
        partners=list(event.partners),
        is_for_customer=event.is_for_customer,
        origin=tx.caller.origin,
        actor=tx.caller.actor,
        trace=tx.caller.trace,
    )
    announce(tx)
    return event_id


def announce(tx: Transaction) -> None:
    """Ring the listeners after the commit, for bulk work that wrote its events by itself."""
    for ring in _listeners:
        tx.after_commit(ring)


def listen(ring: Callable[[], object]) -> None:
    """Have `ring` called after every commit that stored an event; it must be quick and may fail."""
    if ring not in _listeners:
        _listeners.append(ring)


_READ = Query(
    text(
        """
        SELECT e.txid::text, e.position, e.id, e.type, e.resource_id, e.customer_id, e.occurred_at, e.changed,
               e.record, e.partners, e.is_for_customer, e.origin, e.actor, e.trace
        FROM events e
        WHERE e.txid < pg_snapshot_xmin(pg_current_snapshot())
          AND (e.txid, e.position) > (CAST(CAST(:after_txid AS text) AS xid8), CAST(:after_position AS bigint))
        ORDER BY e.txid, e.position
        LIMIT :limit
        """
    )
)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as its readers get it, in commit order."""

    txid: str
    position: int
    id: UUID
    type: str
    resource_id: UUID
    customer_id: UUID | None
    occurred_at: datetime
    changed: list[str]
    record: dict[str, Any]
    partners: list[UUID]
    is_for_customer: bool
    origin: str
    actor: str
    trace: str

    @property
    def place(self) -> Place:
        """Where a reader stands who has read up to and including this event."""
        return Place(self.txid, self.position)


def read(tx: Transaction, after: Place, limit: int = 200) -> list[StoredEvent]:
    """The events after a place, in commit order."""
    rows = tx.rows(_READ, after_txid=after.txid, after_position=after.position, limit=limit)
    return [StoredEvent(*row) for row in rows]


def take(tx: Transaction, reader: str, limit: int = 200) -> list[StoredEvent]:
    """The reader's next events; its place moves with this transaction, and a second taker waits for the first."""
    events = read(tx, take_place(tx, reader), limit)
    if events:
        move_place(tx, reader, events[-1].place)
    return events


_FORGOTTEN = Query(text("SELECT txid::text, position FROM events_forgotten"))
_MARK_FORGOTTEN = Query(
    text(
        """
        INSERT INTO events_forgotten (txid, position) VALUES (CAST(CAST(:txid AS text) AS xid8), :position)
        ON CONFLICT (is_row) DO UPDATE SET txid = excluded.txid, position = excluded.position
        """
    )
)


def forgotten(tx: Transaction) -> Place:
    """Up to where the oldest events have been removed; whoever stands before it has missed some."""
    place = tx.first(_FORGOTTEN)
    return START if place is None else Place(*place)


def mark_forgotten(tx: Transaction, place: Place) -> None:
    """Say that every event up to a place has been removed, in the transaction that did it."""
    tx.run(_MARK_FORGOTTEN, txid=place.txid, position=place.position)


# The oldest, without a gap, as far as everybody has read who reads events in their order; the audit trail has its own.
_FORGET = Query(
    text(
        """
        WITH oldest AS MATERIALIZED (
            SELECT o.txid, o.position, bool_and(o.id < :before) OVER (ORDER BY o.txid, o.position) AS is_old
            FROM (SELECT e.txid, e.position, e.id FROM events e ORDER BY e.txid, e.position LIMIT :most) o),
        gone AS (
            DELETE FROM events e USING oldest o
            WHERE e.txid = o.txid AND e.position = o.position AND o.is_old
              AND (e.txid, e.position) <= ALL (SELECT r.txid, r.position FROM readers r WHERE r.name <> 'audit')
              AND EXISTS (SELECT 1 FROM readers r WHERE r.name <> 'audit')
            RETURNING e.txid, e.position)
        SELECT g.txid::text, g.position, count(*) OVER () FROM gone g ORDER BY g.txid DESC, g.position DESC LIMIT 1
        """
    )
)


def forget(tx: Transaction, before: UUID, most: int = 1000) -> int:
    """Remove up to `most` of the oldest events with ids before this one, never one that a reader still waits for."""
    row = tx.first(_FORGET, before=before, most=most)
    if row is None:
        return 0
    mark_forgotten(tx, Place(row[0], row[1]))
    return int(row[2])
