"""A customer as its row, with the keys it is found by: inserted, updated, taken away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.types.json import Json
from sqlalchemy import text

from gateway.customers import shape
from gateway.customers.attributes import keys as attribute_keys
from gateway.db import Query, Transaction

_JSON = ("contact_points", "identifiers", "attributes", "sources")
_WRITTEN = (
    "kind", "given_name", "family_name", "organisation_name", "birth_date", "tax_id", "status", "locale",
    "contact_points", "identifiers", "attributes", "owner", "internal_note", "display_name", "sort_key", "city_key",
    "version", "updated_at", "origin", "sources",
)  # fmt: skip
_INSERT = Query(
    text(
        f"INSERT INTO customers (id, created_at, {', '.join(_WRITTEN)}) "  # noqa: S608  # names are ours
        f"VALUES (:id, :created_at, {', '.join(f':{name}' for name in _WRITTEN)})"
    )
)
_UPDATE = Query(
    text(f"UPDATE customers SET {', '.join(f'{name} = :{name}' for name in _WRITTEN)} WHERE id = :id")  # noqa: S608
)
_ADD_KEYS = Query(text("INSERT INTO customer_keys (key, customer_id) SELECT unnest(CAST(:keys AS text[])), :id"))
_DROP_KEYS = Query(text("DELETE FROM customer_keys WHERE customer_id = :id AND key = ANY(:keys)"))
_TAKE_AWAY = Query(text("DELETE FROM customers WHERE id = :id"))


def insert(tx: Transaction, row: dict[str, Any]) -> None:
    """Write a new row; its keys come after its first share, for only who sees a customer may write them."""
    tx.run(_INSERT, **_columns(row))


def insert_keys(tx: Transaction, row: dict[str, Any]) -> None:
    """Write the keys of a new row."""
    _write_keys(tx, row["id"], set(), shape.keys_of(row))
    attribute_keys.write(tx, row["id"], row["attributes"], is_new=True)


def update(tx: Transaction, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Write a locked row anew; its shares follow by themselves."""
    tx.run(_UPDATE, **_columns(after))
    _write_keys(tx, before["id"], shape.keys_of(before), shape.keys_of(after))
    if after["attributes"] != before["attributes"]:
        attribute_keys.write(tx, before["id"], after["attributes"], is_new=False)


def take_away(tx: Transaction, customer_id: UUID) -> None:
    """Delete a row, its keys, its shares, and what matching keeps of it."""
    tx.run(_TAKE_AWAY, id=customer_id)


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    columns = {name: row[name] for name in ("id", "created_at", *_WRITTEN)}
    return columns | {name: Json(row[name]) for name in _JSON}


def _write_keys(tx: Transaction, customer_id: UUID, before: set[str], after: set[str]) -> None:
    for query, keys in ((_DROP_KEYS, before - after), (_ADD_KEYS, after - before)):
        if keys:
            tx.run(query, id=customer_id, keys=list(keys))
