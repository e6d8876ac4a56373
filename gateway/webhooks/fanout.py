"""From events to deliveries: for every endpoint that asked and whose owner could see the record, one delivery.

Rows are decided by who could see the record when the event happened, columns by the owner's channel and agreement now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway import outbox
from gateway.channels import Channel
from gateway.customers import fields as customers
from gateway.db import Query, Transaction, new_id
from gateway.interactions import fields as interactions
from gateway.outbox import StoredEvent
from gateway.webhooks.patterns import matches
from schemas.partner import GRANTABLE_FIELDS

READER = "webhooks"
_ENDED = "customer.unshared"
EVENTS_AT_ONCE = 200
_ROWS_AT_ONCE = 1000

_ENDPOINTS = Query(
    text(
        """
        SELECT e.id, e.channel, e.partner_id, e.customer_id, e.event_types, coalesce(p.granted_fields, '{}')
        FROM webhook_endpoints e LEFT JOIN partners p ON p.id = e.partner_id
        WHERE e.status = 'active' AND e.deleted_at IS NULL AND coalesce(p.status, 'active') = 'active'
        """
    )
)
_OWE = Query(
    text(
        """
        INSERT INTO webhook_deliveries
            (id, endpoint_id, event_id, customer_id, type, payload, trace, status, due_at, created_at)
        SELECT id, endpoint_id, event_id, customer_id, type, payload, trace, 'pending', now(), now()
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:endpoints AS uuid[]), CAST(:events AS uuid[]), CAST(:customers AS uuid[]),
            CAST(:types AS text[]), CAST(:payloads AS text[]), CAST(:traces AS text[])
        ) AS owed (id, endpoint_id, event_id, customer_id, type, payload, trace)
        ON CONFLICT (endpoint_id, event_id) DO NOTHING
        """
    )
)
# What was delivered stays so: sent again, it tells its owner nothing new.
_WITHDRAW = Query(
    text(
        """
        UPDATE webhook_deliveries d SET status = 'cancelled' FROM webhook_endpoints e
        WHERE d.customer_id = ANY(:ids) AND d.status IN ('pending', 'exhausted') AND d.type <> :ended
          AND e.id = d.endpoint_id AND e.channel = 'extranet'
          AND NOT EXISTS (SELECT 1 FROM shares s WHERE s.partner_id = e.partner_id AND s.customer_id = d.customer_id)
        """
    )
)
_IS_BEHIND = Query(
    text(
        """
        SELECT NOT EXISTS (SELECT 1 FROM readers WHERE name = :reader) OR EXISTS (
            SELECT 1 FROM readers r, LATERAL (
                SELECT 1 FROM events e WHERE (e.txid, e.position) > (r.txid, r.position) LIMIT 1) unread
            WHERE r.name = :reader)
        """
    )
)
_UNCHANGING = frozenset({"version", "updated_at"})  # every edit changes these: they say nothing about what was edited

Narrow = Callable[[dict[str, Any], Channel, frozenset[str]], dict[str, Any]]
_VISIBLE: dict[str, Callable[[Channel, frozenset[str]], tuple[str, ...]]] = {
    "customer": customers.visible_fields,
    "interaction": interactions.visible_fields,
}


def _narrow_to_the_inside(record: dict[str, Any], channel: Channel, granted: frozenset[str]) -> dict[str, Any]:
    return record if channel is Channel.INTRANET else {}


_NARROW: dict[str, Narrow] = {
    "customer": customers.narrow, "interaction": interactions.narrow, "sync": _narrow_to_the_inside,
}  # fmt: skip
_View = tuple[Channel, frozenset[str]]
_Owed = tuple[UUID, UUID, UUID, UUID | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Listener:
    """An active endpoint, its owner, and the columns its owner may see."""

    id: UUID
    channel: Channel
    partner_id: UUID | None
    customer_id: UUID | None
    event_types: tuple[str, ...]
    granted: frozenset[str]

    @property
    def view(self) -> _View:
        """What decides the columns; listeners with one view share one rendering."""
        return self.channel, self.granted

    def could_see(self, event: StoredEvent) -> bool:
        """Whether the owner could see the record when the event happened."""
        if self.channel is Channel.EXTRANET:
            return self.partner_id in event.partners
        if self.channel is Channel.INTERNET:
            return event.is_for_customer and event.customer_id == self.customer_id
        return True


def fan_out(tx: Transaction, limit: int = EVENTS_AT_ONCE) -> tuple[int, int]:
    """Turn the next events into deliveries, in commit order; answers how many events were read and deliveries made.

    The place moves with the deliveries, so a crash repeats nothing and loses nothing. What a partner still waits for
    about a customer that is no longer shared with it is cancelled.
    """
    events = outbox.take(tx, READER, limit)
    if not events:
        return 0, 0
    if ended := [event.resource_id for event in events if event.type == _ENDED]:
        tx.run(_WITHDRAW, ids=ended, ended=_ENDED)
    listeners = _listeners(tx)
    owed, made = iter(owed_to(listeners, events)), 0
    while batch := list(islice(owed, _ROWS_AT_ONCE)):
        names = ("ids", "endpoints", "events", "customers", "types", "payloads", "traces")
        columns = map(list, zip(*batch, strict=True))
        made += tx.run(_OWE, **dict(zip(names, columns, strict=True)))
    return len(events), made


def is_behind(tx: Transaction) -> bool:
    """Whether events wait to be turned into deliveries."""
    row = tx.first(_IS_BEHIND, reader=READER)
    return bool(row and row[0])


def owed_to(listeners: Sequence[Listener], events: Sequence[StoredEvent]) -> Iterator[_Owed]:
    """One row for every listener and event that belong together."""
    for event in events:
        noun = event.type.partition(".")[0]
        if noun not in _NARROW:
            continue
        rendered: dict[_View, str | None] = {}
        for listener in listeners:
            if not (matches(listener.event_types, event.type) and listener.could_see(event)):
                continue
            if listener.view not in rendered:
                rendered[listener.view] = _render(event, noun, *listener.view)
            if (payload := rendered[listener.view]) is not None:
                yield new_id(), listener.id, event.id, event.customer_id, event.type, payload, event.trace


def _render(event: StoredEvent, noun: str, channel: Channel, granted: frozenset[str]) -> str | None:
    """The body once and for all, or None where the change touches nothing this view shows."""
    # A changed part of a field, such as products.unit_cost, is no field of any view: it is for the inside alone.
    told = set(event.changed) - _UNCHANGING
    if event.changed and channel is not Channel.INTRANET and told.isdisjoint(_VISIBLE[noun](channel, granted)):
        return None
    body = {
        "id": event.id,
        "type": event.type,
        "occurred_at": event.occurred_at,
        "data": _NARROW[noun](event.record, channel, granted),
    }
    return orjson.dumps(body, option=orjson.OPT_UTC_Z).decode()


def still_shown(payload: str, granted: Sequence[str] | None) -> str:
    """A body made earlier, without what its owner's agreement has ceased to grant since; None stands for no partner."""
    if granted is None:
        return payload
    withdrawn = [name for name in GRANTABLE_FIELDS if name not in granted and f'"{name}":' in payload]
    if not withdrawn:
        return payload
    body = orjson.loads(payload)
    body["data"] = {name: value for name, value in body["data"].items() if name not in withdrawn}
    return orjson.dumps(body).decode()


def _listeners(tx: Transaction) -> list[Listener]:
    return [
        Listener(endpoint_id, Channel(channel), partner_id, customer_id, tuple(types), frozenset(granted))
        for endpoint_id, channel, partner_id, customer_id, types, granted in tx.rows(_ENDPOINTS)
    ]
