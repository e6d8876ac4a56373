"""A page of partners' customers written at once: a few statements, whatever the number of records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import bulk, outbox
from gateway.bulk import Changed
from gateway.customers import restricted, shape
from gateway.customers.attributes import keys as attribute_keys
from gateway.customers.fields import ALL
from gateway.customers.sources import parts
from gateway.db import Query, Transaction, new_id_texts, now
from gateway.outbox import Event
from gateway.provenance import Source, born

Row = dict[str, Any]
GROUND = "sync"

_TYPES = {
    "id": "uuid", "kind": "text", "display_name": "text", "given_name": "text", "family_name": "text",
    "organisation_name": "text", "birth_date": "date", "tax_id": "text", "status": "text", "locale": "text",
    "contact_points": "json", "identifiers": "json", "attributes": "json", "owner": "text", "internal_note": "text",
    "sort_key": "text", "city_key": "text", "origin": "text", "version": "integer", "created_at": "timestamptz",
    "updated_at": "timestamptz", "sources": "jsonb",
}  # fmt: skip
_NAMES = ", ".join(_TYPES)
_SAME_FOR_ALL = ("origin", "created_at", "updated_at")
_JSON = ("contact_points", "identifiers", "attributes")
_MADE = ["id", "version", "sources", "birth_date"]
_PLAIN = [name for name in _TYPES if name not in (*_MADE, *_JSON, *_SAME_FOR_ALL)]
_WRITTEN = [*_MADE, *_PLAIN, *_JSON]
_STAGED = {"event_id": "uuid"} | {name: _TYPES[name] for name in _WRITTEN} | {"keys": "text[]"}
_plain, _json = itemgetter(*_PLAIN), itemgetter(*_JSON)
_WRITTEN_NAMES = ", ".join(_WRITTEN)
_TOLD = ", ".join(f"CAST(:told_at AS json) AS {name}" if name in _SAME_FOR_ALL else name for name in ALL)
BLANK: Row = {
    "given_name": None, "family_name": None, "organisation_name": None, "birth_date": None, "tax_id": None,
    "status": "active", "locale": None, "contact_points": [], "identifiers": [], "attributes": {}, "owner": None,
    "internal_note": None,
}  # fmt: skip
WRITABLE = frozenset({"kind", *BLANK})

# In one order, so that two runs that meet wait for each other instead of deadlocking.
_LOCK = Query(text(f"SELECT {_NAMES} FROM customers WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"))  # noqa: S608
_LOOK = Query(text(f"SELECT {_NAMES} FROM customers WHERE id = ANY(:ids)"))  # noqa: S608
_INSERT = Query(
    text(
        f"INSERT INTO customers ({_WRITTEN_NAMES}, origin, created_at, updated_at) "  # noqa: S608
        f"SELECT {_WRITTEN_NAMES}, :origin, :at, :at FROM stage_customers"
    )
)
_UPDATE = Query(
    text(
        f"UPDATE customers c SET {', '.join(f'{name} = s.{name}' for name in _WRITTEN[1:])}, origin = :origin, "  # noqa: S608
        "updated_at = :at FROM stage_customers s WHERE c.id = s.id"
    )
)
_SHARE = Query(
    text(
        """
        INSERT INTO shares
            (partner_id, customer_id, shared_at, ground, status, city_key, sort_key, updated_at, created_at)
        SELECT :partner, c.id, :shared_at, :ground, c.status, c.city_key, c.sort_key, :shared_at, c.created_at
        FROM customers c WHERE c.id = ANY(:ids) ORDER BY c.id FOR KEY SHARE
        ON CONFLICT DO NOTHING RETURNING customer_id
        """
    )
)
_SHARE_NEW = Query(
    text(
        """
        INSERT INTO shares
            (partner_id, customer_id, shared_at, ground, status, city_key, sort_key, updated_at, created_at)
        SELECT :partner, id, :at, :ground, status, city_key, sort_key, :at, :at FROM stage_customers
        """
    )
)
# The record of the event is what `wire_form` makes of the row; the server has its parts already.
_TELL_NEW = Query(
    text(
        f"""
        INSERT INTO events
            (id, type, resource_id, customer_id, occurred_at, changed, record, partners, is_for_customer, origin, actor)
        SELECT event_id, 'customer.created', s.id, s.id, :at, '{{}}', row_to_json(told), CAST(:partners AS uuid[]),
            true, :origin, :actor
        FROM stage_customers s, LATERAL (SELECT {_TOLD}) AS told
        """  # noqa: S608
    )
)
_UNSHARE = Query(
    text(
        """
        WITH gone AS (DELETE FROM shares WHERE customer_id = ANY(:ids) AND partner_id = :partner RETURNING *)
        INSERT INTO past_shares
            (customer_id, partner_id, ground, role, reference, purposes, shared_at, until, ended_at, why)
        SELECT customer_id, partner_id, ground, role, reference, purposes, shared_at, until, now(), 'ended' FROM gone
        RETURNING customer_id
        """
    )
)
_SHARING = Query(
    text("SELECT customer_id, array_agg(partner_id) FROM shares WHERE customer_id = ANY(:ids) GROUP BY customer_id")
)
_DROP_KEYS = Query(text("DELETE FROM customer_keys WHERE customer_id = ANY(:ids)"))
# In the order of the index, where each then finds its place beside the one before it.
_ADD_KEYS = Query(
    text(
        """
        INSERT INTO customer_keys (key, customer_id)
        SELECT key, id FROM (SELECT unnest(keys) AS key, id FROM stage_customers) AS each ORDER BY key COLLATE "C"
        """
    )
)


def fetch(tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
    """The stored rows; unless only looked at, locked until this transaction ends."""
    rows = tx.rows(_LOCK if lock else _LOOK, ids=list(ids))
    return {row[0]: dict(zip(_TYPES, row, strict=True)) for row in rows}


def wire_form(row: Row) -> Row:
    """A stored row as the whole record on the wire."""
    return {name: row[name] for name in ALL}


def build(data: Row) -> Row:
    """A new row from a loaded `CustomerRecord`; raises Invalid with pointers."""
    said = {name: BLANK.get(name) if value is None else value for name, value in data.items() if name in WRITABLE}
    return shape.complete({**BLANK, **shape.normalise(said)})


def draft(data: Row, source: Source, customer_id: str, event_id: str) -> bytes:
    """What `create` takes for the new customer that a loaded `CustomerRecord` makes; raises Invalid with pointers."""
    row = build(data)
    row.update(id=customer_id, version=1, sources=born(source))
    return _line(row, event_id)


def stage(tx: Transaction, drafted: list[bytes]) -> None:
    """Send drafts ahead of the `create` that will probably come in this transaction."""
    bulk.stage_ahead(tx, "stage_customers", _STAGED, drafted)


def create(
    tx: Transaction,
    rows: Sequence[Row],
    partner_id: UUID | None,
    drafted: Iterable[bytes] = (),
    *,
    ground: str = GROUND,
) -> None:
    """Insert new customers, as rows (`id` and `sources` given) and as drafts; their partner, if any, shares them."""
    moment = now()
    for row in rows:
        row.update(origin=tx.caller.origin, version=1, created_at=moment, updated_at=moment)
    lines = [*drafted, *map(_line, rows, new_id_texts(len(rows)))]
    if not lines:
        return
    bulk.stage_lines(tx, "stage_customers", _STAGED, lines)
    caller, told_at = tx.caller, bulk.as_json(moment)
    tx.run(_INSERT, origin=caller.origin, at=moment)
    if partner_id is not None:
        tx.run(_SHARE_NEW, partner=partner_id, at=moment, ground=ground)
    tx.run(_ADD_KEYS)
    attribute_keys.write_staged(tx, are_new=True)
    partners = [] if partner_id is None else [partner_id]
    tx.run(_TELL_NEW, at=moment, told_at=told_at, partners=partners, origin=caller.origin, actor=caller.actor)
    outbox.announce(tx)


def change(tx: Transaction, changes: Sequence[Changed]) -> None:
    """Write changed rows, one version up each."""
    if not changes:
        return
    moment = now()
    for each in changes:
        each.after.update(origin=tx.caller.origin, version=each.before["version"] + 1, updated_at=moment)
    rows = [each.after for each in changes]
    bulk.stage_lines(tx, "stage_customers", _STAGED, map(_line, rows))
    tx.run(_UPDATE, origin=tx.caller.origin, at=moment)
    tx.run(_DROP_KEYS, ids=[row["id"] for row in rows])
    tx.run(_ADD_KEYS)
    attribute_keys.write_staged(tx, are_new=False)
    sharing = sharing_of(tx, [row["id"] for row in rows])
    events = [
        _event(
            "customer.updated",
            each.after,
            sharing.get(each.after["id"], []),
            [*each.fields, *parts(each.before, each.after, each.fields)],
        )
        for each in changes
    ]
    bulk.record_events(tx, events)


def share(tx: Transaction, ids: Iterable[UUID], partner_id: UUID) -> list[UUID]:
    """Let a partner see customers; answers those it did not see before."""
    shared = [row[0] for row in tx.rows(_SHARE, partner=partner_id, shared_at=now(), ground=GROUND, ids=list(ids))]
    restricted.follow(tx, shared)
    _tell(tx, "customer.shared", shared, partner_id)
    return shared


def unshare(tx: Transaction, ids: Iterable[UUID], partner_id: UUID) -> list[UUID]:
    """End a partner's view of customers; answers those it saw until now."""
    ended = [row[0] for row in tx.rows(_UNSHARE, partner=partner_id, ids=list(ids))]
    _tell(tx, "customer.unshared", ended, partner_id)
    return ended


def sharing_of(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The partners that see each customer, where there are any."""
    return {customer_id: list(partners) for customer_id, partners in tx.rows(_SHARING, ids=list(ids))}


def _tell(tx: Transaction, event_type: str, ids: list[UUID], partner_id: UUID) -> None:
    if ids:
        rows = fetch(tx, ids)
        events = [Event(event_type, row["id"], row["id"], wire_form(row), (), [partner_id]) for row in rows.values()]
        bulk.record_events(tx, events)


def _event(event_type: str, row: Row, partners: list[UUID], fields: Sequence[str] = ()) -> Event:
    return Event(event_type, row["id"], row["id"], wire_form(row), fields, partners, is_for_customer=True)


def _line(row: Row, event_id: str | None = None) -> bytes:
    """The row's line of the staging table, in the order of its columns."""
    birth_date = row["birth_date"]
    return bulk.as_line(
        [
            event_id,
            *[str(row["id"]), str(row["version"]), bulk.as_json(row["sources"]), birth_date and birth_date.isoformat()],
            *_plain(row),
            *[bulk.as_json(value) for value in _json(row)],
            bulk.as_array(shape.keys_of(row)),
        ]
    )
