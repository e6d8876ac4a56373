"""From events to deliveries: for every endpoint that asked and whose owner could see the record, one delivery.

Rows are decided by who could see the record when the event happened, columns by the owner's channel and agreement now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway import outbox
from gateway.channels import Channel
from gateway.customers import restricted
from gateway.db import Query, Transaction, new_id_texts
from gateway.outbox import StoredEvent
from gateway.webhooks import withdrawing
from gateway.webhooks.catalogue.registered import told_among
from gateway.webhooks.filters import Filter, is_met
from gateway.webhooks.patterns import matches
from gateway.webhooks.rendering import View, body_of, data_of, thin, view_of
from schemas.event_catalogue import EVENT_TYPES, CustomerEnd, ErasedCustomer, InteractionEnd

READER = "webhooks"
_HIDING = ("customer.unshared", "restriction.began")  # from then on a partner is not shown the customer
_CORRECTED = "interaction.updated"
# What is told of a customer whom one may not see, on purpose.
TOLD_ANYWAY = ("customer.unshared", "customer.deleted", *restricted.TOLD)
# An end has no fields to judge by, and whoever was told of a record must hear that it is gone: no filter holds it back.
_END_SHAPES = (CustomerEnd, InteractionEnd, ErasedCustomer)
_ENDS = frozenset(name for name, each in EVENT_TYPES.items() if issubclass(each.shape, _END_SHAPES))
EVENTS_AT_ONCE = 200
_ROWS_AT_ONCE = 1000

_ENDPOINTS = Query(
    text(
        """
        SELECT e.id, e.channel, e.partner_id, e.customer_id, e.event_types, coalesce(p.granted_fields, '{}'),
               e.payload, e.filters, e.status = 'disabled'
        FROM webhook_endpoints e LEFT JOIN partners p ON p.id = e.partner_id
        WHERE (e.status = 'active' OR e.disabled_at + make_interval(hours => e.hold_hours) > now())
          AND e.deleted_at IS NULL AND coalesce(p.status, 'active') = 'active'
        """
    )
)
# Whoever enables an endpoint waits for us here, or we for them: nothing is held for one that has just returned.
_STILL_DISABLED = Query(
    text("SELECT id FROM webhook_endpoints WHERE id = ANY(:ids) AND status = 'disabled' ORDER BY id FOR SHARE")
)
# One message may be for a thousand endpoints: it goes over the wire once. In order, for `seq` is given row by row. What
# was written while a share ended may stand behind its end: a partner is told of that end and of nothing after it. What
# happened to a customer before it was merged is still told to whoever sees the survivor.
_OWE = Query(
    text(
        """
        INSERT INTO webhook_deliveries
            (id, endpoint_id, event_id, customer_id, type, payload, trace, status, due_at, created_at)
        SELECT o.id, o.endpoint_id, m.event_id, m.customer_id, m.type, m.payload, m.trace, o.status, now(), now()
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:endpoints AS uuid[]), CAST(:partners AS uuid[]), CAST(:states AS text[]),
            CAST(:numbers AS int[])
        ) WITH ORDINALITY AS o (id, endpoint_id, partner_id, status, number, place)
        JOIN unnest(
            CAST(:events AS uuid[]), CAST(:customers AS uuid[]), CAST(:types AS text[]), CAST(:payloads AS text[]),
            CAST(:traces AS text[])
        ) WITH ORDINALITY AS m (event_id, customer_id, type, payload, trace, number) USING (number)
        WHERE o.partner_id IS NULL OR m.customer_id IS NULL OR m.type = ANY(CAST(:told_anyway AS text[]))
           OR EXISTS (SELECT FROM shares s WHERE s.partner_id = o.partner_id AND s.customer_id = m.customer_id
                      AND NOT s.is_withheld)
           OR EXISTS (SELECT FROM merges g JOIN shares s ON s.customer_id = g.keep_id AND s.partner_id = o.partner_id
                      WHERE g.lose_id = m.customer_id AND g.undone_at IS NULL AND NOT s.is_withheld)
        ORDER BY o.place
        ON CONFLICT (endpoint_id, event_id) DO NOTHING
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


_Alike = tuple[View, str, bytes]


@dataclass(frozen=True, slots=True)
class Listener:
    """An endpoint, its owner, the columns its owner may see, and what it wishes; `is_held` while it is disabled."""

    id: UUID
    channel: Channel
    partner_id: UUID | None
    customer_id: UUID | None
    event_types: tuple[str, ...]
    granted: frozenset[str]
    payload: str = "full"
    filters: Sequence[Filter] = ()
    is_held: bool = False
    hidden: frozenset[str] = frozenset()

    @property
    def view(self) -> View:
        """What decides the columns its owner may see."""
        return View(self.channel, self.granted, self.hidden)

    @property
    def alike(self) -> _Alike:
        """Listeners with the same view, payload and conditions are told the same or nothing, all of them."""
        return self.view, self.payload, orjson.dumps(self.filters) if self.filters else b""

    def wants(self, event: StoredEvent) -> bool:
        """Whether it asked for this type; an endpoint is never told of itself, which could go on for ever."""
        return _covers(self.event_types, event.type) and self.id != event.resource_id

    def could_see(self, event: StoredEvent) -> bool:
        """Whether the owner could see the record when the event happened."""
        if self.channel is Channel.EXTRANET:
            return self.partner_id in event.partners
        if self.channel is Channel.INTERNET:
            return event.is_for_customer and event.customer_id == self.customer_id
        return True


class Message(NamedTuple):
    """One body and everybody it is owed to."""

    event: StoredEvent
    body: str
    listeners: list[Listener]


class Audience:
    """Listeners by whose they are, so that an event is held against those alone who could have seen it."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._of: dict[UUID | None, list[Listener]] = defaultdict(list)
        for each in listeners:
            self._of[each.partner_id or each.customer_id].append(each)

    def hearing(self, event: StoredEvent) -> Iterator[Listener]:
        """Those who asked for the event and could see it; those inside belong to nobody."""
        owners = {None, event.customer_id, *event.partners}
        near = chain.from_iterable(self._of.get(owner, ()) for owner in owners)
        return (each for each in near if each.wants(event) and each.could_see(event))


def fan_out(tx: Transaction, limit: int = EVENTS_AT_ONCE) -> tuple[int, int]:
    """Turn the next events into deliveries, in commit order; answers how many events were read and deliveries made.

    The place moves with the deliveries, so a crash repeats nothing and loses nothing. What a partner still waits for
    about a customer or an interaction that it is no longer shown is cancelled.
    """
    events = outbox.take(tx, READER, limit)
    if not events:
        return 0, 0
    made = owe(tx, owed_to(_listeners(tx), told_among(tx, events)))
    if hidden := [event.customer_id for event in events if event.type in _HIDING]:
        withdrawing.withdraw_customers(tx, hidden, TOLD_ANYWAY)
    for event in events:
        if event.type == _CORRECTED and "visibility" in event.changed:
            withdrawing.withdraw_interaction(tx, event)
    return len(events), made


def is_behind(tx: Transaction) -> bool:
    """Whether events wait to be turned into deliveries."""
    row = tx.first(_IS_BEHIND, reader=READER)
    return bool(row and row[0])


def owed_to(listeners: Iterable[Listener], events: Iterable[StoredEvent]) -> Iterator[Message]:
    """Every message there is to be sent, in the order of the events; what is the same for many is made once."""
    audience = Audience(listeners)
    for event in events:
        alike: dict[_Alike, list[Listener]] = defaultdict(list)
        for listener in audience.hearing(event):
            alike[listener.alike].append(listener)
        yield from _messages(event, alike)


def owe(tx: Transaction, messages: Iterable[Message]) -> int:
    """Write the deliveries; answers how many were not there yet."""
    rows, made = ((message, each) for message in messages for each in message.listeners), 0
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        made += _write(tx, batch)
    return made


def listener_of(tx: Transaction, endpoint_id: UUID) -> Listener | None:
    """One endpoint as fan-out has it, None where nothing is sent to it."""
    return next((each for each in _listeners(tx) if each.id == endpoint_id), None)


def _messages(event: StoredEvent, alike: dict[_Alike, list[Listener]]) -> Iterator[Message]:
    told = {view: data_of(event, view) for view in {view for view, _, _ in alike}}
    bodies: dict[tuple[View, str], Message] = {}
    for (view, payload, _), listeners in alike.items():
        data = told[view]
        if data is None or not (event.type in _ENDS or is_met(listeners[0].filters, data)):
            continue
        if (message := bodies.get((view, payload))) is None:
            sent = data if payload == "full" else thin(event, data, view.channel)
            message = bodies[view, payload] = Message(event, body_of(event, sent), [])
        message.listeners.extend(listeners)
    yield from bodies.values()


def _write(tx: Transaction, batch: list[tuple[Message, Listener]]) -> int:
    messages: list[Message] = []
    numbers = []
    for message, _ in batch:
        if not messages or messages[-1] is not message:
            messages.append(message)
        numbers.append(len(messages))
    held = _held(tx, [each.id for _, each in batch if each.is_held])
    return tx.run(
        _OWE,
        ids=new_id_texts(len(batch)),
        endpoints=[each.id for _, each in batch],
        partners=[each.partner_id for _, each in batch],
        states=["held" if each.id in held else "pending" for _, each in batch],
        numbers=numbers,
        events=[message.event.id for message in messages],
        customers=[message.event.customer_id for message in messages],
        types=[message.event.type for message in messages],
        payloads=[message.body for message in messages],
        traces=[message.event.trace for message in messages],
        told_anyway=list(TOLD_ANYWAY),
    )


def _held(tx: Transaction, disabled: list[UUID]) -> set[UUID]:
    return {row[0] for row in tx.rows(_STILL_DISABLED, ids=disabled)} if disabled else set()


def _listeners(tx: Transaction) -> list[Listener]:
    return [
        _as_it_may_see(tx, Listener(endpoint_id, Channel(channel), partner_id, customer_id, tuple(types), *wishes))
        for endpoint_id, channel, partner_id, customer_id, types, *wishes in tx.rows(_ENDPOINTS)
    ]


def _as_it_may_see(tx: Transaction, listener: Listener) -> Listener:
    granted = frozenset(listener.granted)
    return replace(listener, granted=granted, hidden=view_of(tx, listener.channel, granted).hidden)


@lru_cache(maxsize=4096)
def _covers(patterns: tuple[str, ...], event_type: str) -> bool:
    return matches(patterns, event_type)
