"""The stream of events as one caller may see it, in commit order: the same that webhooks are told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import outbox
from gateway.commit_order import START, Place
from gateway.customers.reads.noting import note
from gateway.db import Query, Transaction
from gateway.errors import Problem
from gateway.id_time import first_id
from gateway.outbox import StoredEvent
from gateway.webhooks.catalogue.registered import told_among
from gateway.webhooks.rendering import data_of, message, view_of
from gateway.webhooks.withdrawing import INTERACTIONS, MATTERS

STRETCH, MOST_STRETCHES = 2000, 5
# A transaction may have begun, and so stand in the stream, long before it wrote: jobs give up sooner than that.
_OUT_OF_ORDER = timedelta(minutes=15)

_STRETCH = Query(
    text("SELECT txid::text, position, number FROM events_stretch(CAST(CAST(:txid AS text) AS xid8), :position, :most)")
)
_PLACE = Query(text("SELECT events_place(:since)::text"))
# Which rows are the caller's, the policies of the tables say: outside nobody is told of a record that is hidden now.
_VISIBLE = Query(
    text(
        """
        SELECT e.txid::text, e.position, e.id, e.type, e.resource_id, e.customer_id, e.occurred_at, e.changed,
               e.record, e.partners, e.is_for_customer, e.origin, e.actor, e.trace
        FROM events e
        WHERE (e.txid, e.position) > (CAST(CAST(:after_txid AS text) AS xid8), :after_position)
          AND (e.txid, e.position) <= (CAST(CAST(:last_txid AS text) AS xid8), :last_position)
          AND e.id >= :since AND (e.type = :type OR starts_with(e.type, :prefix))
          AND (:is_inside OR CASE
              WHEN e.type = ANY(:interactions) THEN EXISTS (SELECT 1 FROM interactions i WHERE i.id = e.resource_id)
              WHEN e.type = ANY(:matters) THEN EXISTS (SELECT 1 FROM matters m WHERE m.id = e.resource_id)
              ELSE true END)
        ORDER BY e.txid, e.position
        LIMIT :limit
        """
    )
)


class EventsForgotten(Problem):
    """What was asked for has been removed: it is older than events are kept."""

    status, code, title = 410, "events_forgotten", "Events behind this place are no longer kept; begin without it"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the stream is wanted: a type or pattern, and nothing recorded before a moment."""

    pattern: str = "*"
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """What was found, where to go on, and whether there is more already."""

    items: list[dict[str, Any]]
    place: Place
    has_more: bool


def start(tx: Transaction, since: datetime | None) -> Place:
    """Where a stretch begins that leaves out nothing recorded since a moment; the oldest event without one."""
    if since is None:
        return START
    row = tx.first(_PLACE, since=_first_id(since - _OUT_OF_ORDER))
    return Place(row[0], 0) if row else START


def check_kept(tx: Transaction, after: Place) -> None:
    """Raise EventsForgotten where events behind the place have been removed; the beginning is wherever it is now."""
    if after != START and _order(after) < _order(outbox.forgotten(tx)):
        raise EventsForgotten


def poll(tx: Transaction, after: Place, wanted: Wanted, limit: int) -> Poll:
    """The caller's next events; it looks at 10,000 at most, so an answer may be empty and yet bring one further."""
    items: list[dict[str, Any]] = []
    view = view_of(tx, tx.caller.channel, tx.caller.granted_fields)
    for _ in range(MOST_STRETCHES):
        last = tx.first(_STRETCH, txid=after.txid, position=after.position, most=STRETCH)
        if last is None:
            return Poll(items, after, has_more=False)
        end, room = Place(last[0], last[1]), limit - len(items)
        events = _visible(tx, after, end, wanted, room)
        told = [(event, data_of(event, view)) for event in told_among(tx, events)]
        items += [message(event, data) for event, data in told if data is not None]
        note(tx, "events", [event.customer_id for event, data in told if data is not None and event.customer_id])
        is_read = len(events) < room
        after = end if is_read else events[-1].place
        if len(items) == limit:
            break
        if is_read and last[2] < STRETCH:
            return Poll(items, after, has_more=False)
    return Poll(items, after, has_more=True)


def _visible(tx: Transaction, after: Place, end: Place, wanted: Wanted, limit: int) -> list[StoredEvent]:
    is_pattern = wanted.pattern.endswith("*")
    rows = tx.rows(
        _VISIBLE,
        after_txid=after.txid,
        after_position=after.position,
        last_txid=end.txid,
        last_position=end.position,
        since=_first_id(wanted.since),
        type=wanted.pattern,
        prefix=wanted.pattern[:-1] if is_pattern else None,
        is_inside=tx.caller.sees_everything,
        interactions=list(INTERACTIONS),
        matters=list(MATTERS),
        limit=limit,
    )
    return [StoredEvent(*row) for row in rows]


def _order(place: Place) -> tuple[int, int]:
    return int(place.txid), place.position


def _first_id(moment: datetime | None) -> UUID:
    return UUID(int=0) if moment is None else first_id(moment)
