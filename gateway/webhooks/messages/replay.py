"""Replaying: what happened since a moment and an endpoint has not received is sent now, in commit order.

Whether it was disabled then, or not there yet, does not matter; what its owner could see then does, and may see now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import outbox, queue
from gateway.channels import Channel
from gateway.commit_order import Place, look_place
from gateway.db import Query, Transaction, new_id
from gateway.errors import Invalid
from gateway.id_time import first_id
from gateway.longrunning import kinds
from gateway.longrunning import service as longrunning
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from gateway.outbox import StoredEvent
from gateway.webhooks import bell, fanout, withdrawing
from gateway.webhooks.catalogue.registered import names_on, told_among
from gateway.webhooks.delivery import paces
from gateway.webhooks.events.stream import EventsForgotten
from gateway.webhooks.events.stream import start as start_of
from gateway.webhooks.fanout import Listener, Message
from gateway.webhooks.messages import backlog
from gateway.webhooks.messages.service import EndpointDisabled, require_active
from gateway.webhooks.patterns import is_known, matches

KIND = "webhooks.replay"
_AT_ONCE = 500
_MOST_COUNTED = 1_000_000
_LATEST = UUID(int=(1 << 128) - 1)

_COUNT = Query(
    text(
        """
        SELECT count(*) FROM (
            SELECT 1 FROM events e
            WHERE (e.txid, e.position) > (CAST(CAST(:after_txid AS text) AS xid8), CAST(:after_position AS bigint))
              AND (e.txid, e.position) <= (CAST(CAST(:last_txid AS text) AS xid8), CAST(:last_position AS bigint))
            LIMIT :most) passed
        """
    )
)
_SHARED = Query(
    text(
        "SELECT customer_id FROM shares WHERE partner_id = :partner_id AND customer_id = ANY(:ids) AND NOT is_withheld"
    )
)
# What was received, or is on its way, stays as it is; so does what was withdrawn and emptied, for its person is erased.
_OWE = Query(
    text(
        """
        INSERT INTO webhook_deliveries AS d
            (id, endpoint_id, event_id, customer_id, type, payload, trace, status, trigger, due_at, created_at)
        SELECT m.id, :endpoint_id, m.event_id, m.customer_id, m.type, m.payload, m.trace,
               'pending', 'replay', now(), now()
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:events AS uuid[]), CAST(:customers AS uuid[]), CAST(:types AS text[]),
            CAST(:payloads AS text[]), CAST(:traces AS text[])
        ) WITH ORDINALITY AS m (id, event_id, customer_id, type, payload, trace, place)
        ORDER BY m.place
        ON CONFLICT (endpoint_id, event_id) DO UPDATE
        SET status = 'pending', attempts = 0, due_at = now(), trigger = 'replay',
            payload = coalesce(d.payload, excluded.payload)
        WHERE d.status IN ('exhausted', 'expired') OR (d.status = 'cancelled' AND d.payload IS NOT NULL)
        """
    )
)


def start(
    tx: Transaction,
    endpoint_id: UUID,
    since: datetime,
    until: datetime | None = None,
    event_types: Sequence[str] | None = None,
) -> Operation:
    """Begin to send what an endpoint has not received of what was recorded since a moment, and before another.

    Raises NotFound, EndpointDisabled, Invalid for a pattern that fits no event, EventsForgotten.
    """
    endpoint = require_active(tx, endpoint_id)
    _check_types(tx, Channel(endpoint.channel), event_types or ())
    _check_kept(tx, start_of(tx, since))
    paces.probe_now(tx, endpoint_id)
    options: dict[str, Any] = {"endpoint_id": str(endpoint_id), "since": since.isoformat()}
    if until:
        options["until"] = until.isoformat()
    if event_types:
        options["event_types"] = list(event_types)
    return longrunning.start(tx, KIND, options, endpoint_id)


@kinds.register(KIND, queue=queue.WEBHOOKS, scope="webhooks:read")
def replay_some(tx: Transaction, operation: Operation) -> Step:
    """Read the next few events and send what is missing; where enough waits already, wait too.

    Raises NotFound, EndpointDisabled, EventsForgotten.
    """
    endpoint_id = UUID(operation.options["endpoint_id"])
    require_active(tx, endpoint_id)
    cursor, total = operation.cursor or _begin(tx, operation), operation.total
    after, last = Place(*cursor["after"]), Place(*cursor["last"])
    _check_kept(tx, after)
    if total is None:
        total = _count(tx, after, last)
    if backlog.is_full(tx, endpoint_id):
        return Step(cursor=cursor, total=total, wait_seconds=backlog.WAIT_SECONDS)
    read = outbox.read(tx, after, _AT_ONCE)
    events = [event for event in read if _order(event.place) <= _order(last)]
    sent = _send(tx, _listener(tx, endpoint_id), _wanted(operation, events))
    so_far = (operation.result or {}).get("sent", 0) + sent
    after = events[-1].place if events else last
    is_over = len(events) < _AT_ONCE
    return Step(len(events), 0, {**cursor, "after": list(after)}, is_over, total, {"sent": so_far})


def _begin(tx: Transaction, operation: Operation) -> dict[str, Any]:
    # What fan-out has not read yet is sent by it anyway.
    since = datetime.fromisoformat(operation.options["since"])
    return {"after": list(start_of(tx, since)), "last": list(look_place(tx, fanout.READER))}


def _count(tx: Transaction, after: Place, last: Place) -> int | None:
    row = tx.first(
        _COUNT,
        after_txid=after.txid,
        after_position=after.position,
        last_txid=last.txid,
        last_position=last.position,
        most=_MOST_COUNTED,
    )
    return row[0] if row and row[0] < _MOST_COUNTED else None


def _listener(tx: Transaction, endpoint_id: UUID) -> Listener:
    listener = fanout.listener_of(tx, endpoint_id)
    if listener is None:
        raise EndpointDisabled  # or its owner is suspended: nothing is sent to it either way
    return listener


def _wanted(operation: Operation, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    options = operation.options
    first = first_id(datetime.fromisoformat(options["since"]))
    end = first_id(datetime.fromisoformat(options["until"])) if "until" in options else _LATEST
    patterns = options.get("event_types") or ["*"]
    return [event for event in events if first <= event.id < end and matches(patterns, event.type)]


def _send(tx: Transaction, listener: Listener, events: Sequence[StoredEvent]) -> int:
    shown = list(_still_shared(tx, listener, told_among(tx, events)))
    messages = list(fanout.owed_to([listener], shown))
    if not messages:
        return 0
    bell.ring_after(tx)
    return tx.run(_OWE, endpoint_id=listener.id, **_columns(messages))


def _still_shared(tx: Transaction, listener: Listener, events: Sequence[StoredEvent]) -> Iterator[StoredEvent]:
    """Those a partner may still hear of: never one about a customer or an interaction that it is not shown now."""
    if listener.channel is not Channel.EXTRANET:
        yield from events
        return
    ids = list({event.customer_id for event in events if event.customer_id})
    shared = {row[0] for row in tx.rows(_SHARED, partner_id=listener.partner_id, ids=ids)}
    for event in withdrawing.still_seen(tx, events, listener.partner_id):
        if event.customer_id is None or event.customer_id in shared or event.type in fanout.TOLD_ANYWAY:
            yield event


def _columns(messages: Sequence[Message]) -> dict[str, list[Any]]:
    return {
        "ids": [new_id() for _ in messages],
        "events": [each.event.id for each in messages],
        "customers": [each.event.customer_id for each in messages],
        "types": [each.event.type for each in messages],
        "payloads": [each.body for each in messages],
        "traces": [each.event.trace for each in messages],
    }


def _check_types(tx: Transaction, channel: Channel, patterns: Sequence[str]) -> None:
    registered = names_on(tx, channel)
    errors = [
        {"pointer": f"/event_types/{place}", "code": "unknown_event", "message": "No event is covered by this."}
        for place, pattern in enumerate(patterns)
        if not is_known(pattern, channel, registered)
    ]
    if errors:
        raise Invalid(errors=errors)


def _check_kept(tx: Transaction, after: Place) -> None:
    if _order(after) < _order(outbox.forgotten(tx)):
        raise EventsForgotten("Events of that time are no longer kept; begin later.")


def _order(place: Place) -> tuple[int, int]:
    return int(place.txid), place.position
