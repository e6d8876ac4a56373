"""Filling a database: by COPY as the server's own superuser, for COPY refuses tables under row-level security."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg

from benchmarks import world
from gateway.bulk import as_json
from gateway.customers.models import Customer, CustomerKey, Share
from gateway.customers.shape import keys_of
from gateway.db import Base
from gateway.interactions.models import Interaction

_JSON = ("contact_points", "identifiers", "attributes", "products", "sources")
_BATCH = 10_000
_COPIED = ("status", "city_key", "sort_key")
# New ids begin with the moment of the record they copy, as ids made at that moment would.
_MULTIPLY = (
    """
    CREATE TEMP TABLE copies AS
        SELECT c.id AS old_id, n AS number,
               (substr(c.id::text, 1, 19) || substr(gen_random_uuid()::text, 20))::uuid AS new_id
        FROM customers c CROSS JOIN generate_series(1, {copies}) n
    """,
    """
    INSERT INTO customers ({customers})
        SELECT {customers_of} FROM copies JOIN customers c ON c.id = copies.old_id
    """,
    """
    INSERT INTO shares ({shares})
        SELECT {shares_of} FROM copies JOIN shares c ON c.customer_id = copies.old_id
    """,
)


def fill(url: str, customers: int, partners: Sequence[tuple[UUID, str]]) -> None:
    """Write the world into the migrated database at `url` (a superuser's); `partners` are (id, code) in order."""
    ids, codes = [partner_id for partner_id, _ in partners], [code for _, code in partners]
    with loading(url) as connection:
        batch: list[world.Sharing] = []
        for sharing in world.customers(customers):
            batch.append(sharing)
            if len(batch) == _BATCH:
                _copy_batch(connection, batch, ids, codes)
                batch.clear()
        _copy_batch(connection, batch, ids, codes)
    settle(url, ("customers", "shares", "customer_keys", "interactions"))


def multiply(url: str, times: int) -> None:
    """Make `times` as many customers and shares out of those there are; keys and interactions stay as they are."""
    customers, shares = _names(Customer), _names(Share)
    moved = {
        "id": "copies.new_id",
        "customer_id": "copies.new_id",
        "updated_at": "c.updated_at + number * interval '1 s'",
    }
    parts = {
        "copies": times - 1,
        "customers": ", ".join(customers),
        "customers_of": ", ".join(moved.get(name, f"c.{name}") for name in customers),
        "shares": ", ".join(shares),
        "shares_of": ", ".join(moved.get(name, f"c.{name}") for name in shares),
    }
    with loading(url) as connection:
        for statement in _MULTIPLY:
            connection.execute(statement.format(**parts).encode())
    settle(url, ("customers", "shares"))


def _copy_batch(
    connection: psycopg.Connection[Any], batch: list[world.Sharing], ids: list[UUID], codes: list[str]
) -> None:
    copy_rows(connection, Customer, (sharing.customer for sharing in batch))
    copy_rows(connection, Share, (_share(each.customer, ids[place]) for each in batch for place in each.partners))
    copy_rows(
        connection,
        CustomerKey,
        ({"customer_id": each.customer["id"], "key": key} for each in batch for key in keys_of(each.customer)),
    )
    copy_rows(connection, Interaction, (row for sharing in batch for row in world.interactions(sharing, ids, codes)))
    connection.commit()


def _share(customer: dict[str, Any], partner_id: UUID) -> dict[str, Any]:
    repeated = {name: customer[name] for name in (*_COPIED, "updated_at", "created_at")}
    identity = {"partner_id": partner_id, "customer_id": customer["id"]}
    terms = dict.fromkeys(("role", "until", "reference", "purposes"))
    usual = {"ground": "sale", "version": 1, "is_withheld": False}
    return {**identity, "shared_at": customer["created_at"], **usual, **terms, **repeated}


def copy_rows(connection: psycopg.Connection[Any], model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows in their stored form."""
    names = _names(model)
    into = f"COPY {model.__tablename__} ({', '.join(names)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into.encode()) as copy:
        for row in rows:
            copy.write_row([as_json(row[name]) if name in _JSON else row[name] for name in names])


def _names(model: type[Base]) -> list[str]:
    return [column.name for column in model.__table__.columns if column.computed is None]


def loading(url: str) -> psycopg.Connection[Any]:
    """A superuser's connection to fill a database through."""
    # Foreign keys and triggers hold by construction; checking them row by row would triple the time.
    return psycopg.connect(_plain(url), options="-c session_replication_role=replica -c maintenance_work_mem=256MB")


def settle(url: str, tables: Sequence[str]) -> None:
    """Bring statistics and visibility maps to where a database stands that has been used for a while."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        for table in tables:
            connection.execute(f"VACUUM ANALYZE {table}".encode())
        connection.execute("CHECKPOINT")


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
