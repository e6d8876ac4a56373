"""A page of partners' interactions written at once: a few statements, whatever the number of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import bulk
from gateway.bulk import Changed
from gateway.customers.bulk import sharing_of
from gateway.db import Query, Transaction, now
from gateway.errors import refuse_field
from gateway.interactions.service import audience, search_key, wire_form
from gateway.outbox import Event

Row = dict[str, Any]

_TYPES = {
    "id": "uuid", "customer_id": "uuid", "partner_id": "uuid", "partner": "text", "channel": "text", "kind": "text",
    "direction": "text", "occurred_at": "timestamptz", "subject": "text", "body": "text", "outcome": "text",
    "agent": "text", "satisfaction": "smallint", "amount_value": "numeric", "amount_currency": "text",
    "cost_value": "numeric", "cost_currency": "text", "products": "jsonb", "visibility": "text", "attributes": "jsonb",
    "search_key": "text", "origin": "text", "version": "integer", "created_at": "timestamptz",
    "updated_at": "timestamptz", "sources": "jsonb",
}  # fmt: skip
_NAMES = ", ".join(_TYPES)
_JSON = ("products", "attributes", "sources")
BLANK: Row = {
    "subject": None, "body": None, "outcome": None, "agent": None, "satisfaction": None, "amount": None, "cost": None,
    "products": [], "attributes": {}, "visibility": "partner",
}  # fmt: skip
WRITABLE = frozenset({"channel", "kind", "direction", "occurred_at", *BLANK})
_WRITTEN = [name for name in _TYPES if name not in ("id", "partner_id", "partner", "created_at")]
_LINE = ("sku", "name", "quantity", "unit_price", "unit_cost")
_MOST_MONEY = Decimal(10) ** 14

# In one order, so that two runs that meet wait for each other instead of deadlocking.
_LOCK = Query(text(f"SELECT {_NAMES} FROM interactions WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"))  # noqa: S608
_LOOK = Query(text(f"SELECT {_NAMES} FROM interactions WHERE id = ANY(:ids)"))  # noqa: S608
_INSERT = Query(text(f"INSERT INTO interactions ({_NAMES}) SELECT {_NAMES} FROM stage_new_interactions"))  # noqa: S608
_UPDATE = Query(
    text(
        f"UPDATE interactions i SET {', '.join(f'{name} = s.{name}' for name in _WRITTEN)} "  # noqa: S608
        "FROM stage_changed_interactions s WHERE i.id = s.id"
    )
)
_DELETE = Query(text(f"DELETE FROM interactions WHERE id = ANY(:ids) RETURNING {_NAMES}"))  # noqa: S608


def fetch(tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
    """The stored rows; unless only looked at, locked until this transaction ends."""
    rows = tx.rows(_LOCK if lock else _LOOK, ids=list(ids))
    return {row[0]: dict(zip(_TYPES, row, strict=True)) for row in rows}


def build(data: Row, customer_id: UUID, partner_id: UUID, partner: str) -> Row:
    """A new row from a loaded `InteractionRecord`, recorded by a partner; raises Invalid with pointers."""
    moment = data.get("updated_at") or now()
    said = {"occurred_at": moment, **BLANK, **spoken(data)}
    said["occurred_at"] = said["occurred_at"] or moment
    return complete(
        {**stored(said), "customer_id": customer_id, "partner_id": partner_id, "partner": partner},
    )


def create(tx: Transaction, rows: Sequence[Row]) -> None:
    """Insert new interactions, their `id` and `sources` given."""
    if not rows:
        return
    moment = now()
    for row in rows:
        row.update(origin=tx.caller.origin, version=1, created_at=moment, updated_at=moment)
    bulk.stage(tx, "stage_new_interactions", _TYPES, map(_copied, rows))
    tx.run(_INSERT)
    _tell(tx, "interaction.created", [(row, ()) for row in rows])


def change(tx: Transaction, changes: Sequence[Changed]) -> None:
    """Write changed rows, one version up each."""
    if not changes:
        return
    moment = now()
    for each in changes:
        each.after.update(origin=tx.caller.origin, version=each.before["version"] + 1, updated_at=moment)
    bulk.stage(tx, "stage_changed_interactions", _TYPES, (_copied(each.after) for each in changes))
    tx.run(_UPDATE)
    _tell(tx, "interaction.updated", [(each.after, each.fields) for each in changes])


def remove(tx: Transaction, ids: Iterable[UUID]) -> list[UUID]:
    """Delete interactions; answers those that were there."""
    rows = [dict(zip(_TYPES, row, strict=True)) for row in tx.rows(_DELETE, ids=list(ids))]
    _tell(tx, "interaction.deleted", [(row, ()) for row in rows])
    return [row["id"] for row in rows]


def spoken(data: Mapping[str, Any]) -> Row:
    """What a loaded record says of the fields it may write; null is empty."""
    said = {name: BLANK.get(name) if value is None else value for name, value in data.items() if name in WRITABLE}
    # A partner's own system may call an interaction internal: that is internal to the partner, which still sees it.
    if said.get("visibility") == "internal":
        said["visibility"] = "partner"
    return said


def stored(said: Row) -> Row:
    """Fields as their columns; raises Invalid for money no column holds."""
    row = {name: value for name, value in said.items() if name not in ("amount", "cost")}
    for name in ("amount", "cost"):
        if name in said:
            money = said[name] or {}
            row[f"{name}_value"], row[f"{name}_currency"] = _storable(name, money.get("value")), money.get("currency")
    if "products" in row:
        row["products"] = [_line(line) for line in row["products"]]
    return row


def _storable(name: str, value: Decimal | None) -> Decimal | None:
    if value is not None and abs(value) >= _MOST_MONEY:
        raise refuse_field(f"/{name}/value", "too_large", "At most 14 whole digits.")
    return None if value is None else round(value, 4)


def _line(line: Row) -> Row:
    return {name: f"{line[name]:f}" if isinstance(line.get(name), Decimal) else line.get(name) for name in _LINE}


def complete(row: Row) -> Row:
    """The columns that follow from others."""
    return {**row, "search_key": search_key(row["subject"], row["body"])}


def _copied(row: Row) -> list[Any]:
    return [bulk.as_json(row[name]) if name in _JSON else row[name] for name in _TYPES]


def _tell(tx: Transaction, event_type: str, told: Sequence[tuple[Row, Sequence[str]]]) -> None:
    sharing = sharing_of(tx, {row["customer_id"] for row, _ in told}) if told else {}
    events = [
        Event(
            event_type,
            row["id"],
            row["customer_id"],
            wire_form(row),
            fields,
            audience(row, sharing.get(row["customer_id"], [])),
            row["visibility"] != "internal",
        )
        for row, fields in told
    ]
    bulk.record_events(tx, events)
