"""What customers are listed by besides: the values of attributes that are searchable, one row for each.

Whoever writes a customer writes its rows. What was there before an attribute became searchable is caught up on in the
background; it begins once everybody is gone who may have written without knowing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.types.json import Json
from sqlalchemy import text

from gateway.customers.attributes import known
from gateway.db import Query, Transaction

MOST_LETTERS = 200
CUSTOMERS_AT_ONCE = 2000
_OF = "attribute_definitions d CROSS JOIN LATERAL attribute_values({} -> d.name) AS found (value) WHERE d.is_searchable"
_WRITE = Query(
    text(
        "INSERT INTO attribute_keys (name, value, customer_id) "  # noqa: S608  # our own text
        f"SELECT d.name, found.value, :id FROM {_OF.format('CAST(:attributes AS json)')} ON CONFLICT DO NOTHING"
    )
)
_DROP = Query(text("DELETE FROM attribute_keys WHERE customer_id = :id"))
_WRITE_STAGED = Query(
    text(
        "INSERT INTO attribute_keys (name, value, customer_id) SELECT d.name, found.value, s.id "  # noqa: S608
        f"FROM stage_customers s CROSS JOIN {_OF.format('s.attributes')} ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING"
    )
)
_DROP_STAGED = Query(text("DELETE FROM attribute_keys k USING stage_customers s WHERE k.customer_id = s.id"))
_DROP_NAMED = Query(text("DELETE FROM attribute_keys WHERE name = :name"))
_BEGIN = Query(
    text(
        """
        UPDATE attribute_definitions SET keyed_from = pg_snapshot_xmax(pg_current_snapshot())
        WHERE is_searchable AND keyed_from IS NULL
        """
    )
)
_NEXT = Query(
    text(
        """
        SELECT name, keyed_to FROM attribute_definitions
        WHERE is_searchable AND keyed_at IS NULL AND keyed_from <= pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY name LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    )
)
# Locked, so that nobody changes a customer between our reading and our writing.
_CATCH_UP = Query(
    text(
        """
        WITH few AS MATERIALIZED (
            SELECT c.id, c.attributes FROM customers c
            WHERE c.id > coalesce(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
            ORDER BY c.id LIMIT :most FOR SHARE),
        written AS (
            INSERT INTO attribute_keys (name, value, customer_id)
            SELECT :name, found.value, s.id FROM few s CROSS JOIN LATERAL attribute_values(s.attributes -> :name)
                AS found (value)
            ON CONFLICT DO NOTHING)
        SELECT (SELECT id FROM few ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM few)
        """
    )
)
_MOVE = Query(
    text(
        """
        UPDATE attribute_definitions SET keyed_to = coalesce(:keyed_to, keyed_to),
            keyed_at = CASE WHEN :is_whole THEN now() END
        WHERE name = :name
        """
    )
)
_PURGE = Query(
    text(
        """
        DELETE FROM attribute_keys k WHERE (k.name, k.value, k.customer_id) IN (
            SELECT a.name, a.value, a.customer_id FROM attribute_keys a
            WHERE NOT EXISTS (SELECT FROM attribute_definitions d WHERE d.name = a.name AND d.is_searchable)
            LIMIT :most)
        """
    )
)


def write(tx: Transaction, customer_id: UUID, attributes: dict[str, Any], *, is_new: bool) -> None:
    """Write the rows of one customer, whose own row is written already."""
    if not is_new:
        tx.run(_DROP, id=customer_id)
    if attributes:
        tx.run(_WRITE, id=customer_id, attributes=Json(attributes))


def write_staged(tx: Transaction, *, are_new: bool) -> None:
    """Write the rows of all customers that stand in `stage_customers`."""
    if not are_new:
        tx.run(_DROP_STAGED)
    tx.run(_WRITE_STAGED)


def drop(tx: Transaction, name: str) -> None:
    """Remove every row of an attribute."""
    tx.run(_DROP_NAMED, name=name)


def catch_up(tx: Transaction) -> bool:
    """Write the next customers' rows of one attribute, and remove what nobody asks for; whether there is more."""
    tx.run(_BEGIN)
    purged = tx.run(_PURGE, most=CUSTOMERS_AT_ONCE)
    row = tx.first(_NEXT)
    if row is None:
        return bool(purged)
    name, after = row
    last, count = tx.first(_CATCH_UP, name=name, after=after, most=CUSTOMERS_AT_ONCE) or (None, 0)
    is_whole = count < CUSTOMERS_AT_ONCE
    tx.run(_MOVE, name=name, keyed_to=last, is_whole=is_whole)
    if is_whole:
        tx.after_commit(known.expire)
    return True
