"""What stands open of each customer: matters that are not settled, and work that waits or is being done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from schemas.desk import OpenMatter, WaitingWork
from schemas.queue import PRIORITIES

Row = dict[str, Any]
_MOST = 10
_MATTER, _WORK = tuple(OpenMatter._declared_fields), tuple(WaitingWork._declared_fields)


def _newest(table: str, names: tuple[str, ...], condition: str, order: str) -> Query:
    columns = ", ".join(f"r.{name}" for name in names)
    chosen = f"SELECT * FROM {table} t WHERE t.customer_id = w.id AND {condition} ORDER BY {order} LIMIT {_MOST}"  # noqa: S608
    return Query(
        text(f"SELECT w.id, {columns} FROM unnest(CAST(:ids AS uuid[])) w (id), LATERAL ({chosen}) r")  # noqa: S608
    )


MATTERS = _newest("matters", _MATTER, "t.status IN ('open', 'pending')", "t.updated_at DESC")
WORK = _newest("desk_items", _WORK, "t.status <> 'done'", "t.priority, t.due_at")


def matters_of(tx: Transaction, ids: list[UUID]) -> dict[UUID, list[Row]]:
    """The matters of each customer that are not settled, what changed last first; none without matters:read."""
    return _read(tx, MATTERS, "matters:read", ids, as_matter)


def work_of(tx: Transaction, ids: list[UUID]) -> dict[UUID, list[Row]]:
    """The callbacks and other work about each customer, in the order of queues; none without queues:read."""
    return _read(tx, WORK, "queues:read", ids, as_work)


def as_matter(values: tuple[Any, ...]) -> Row:
    """A row of `MATTERS` after its customer."""
    return _named(_MATTER, values)


def as_work(values: tuple[Any, ...]) -> Row:
    """A row of `WORK` after its customer."""
    return _named(_WORK, values)


def _read(
    tx: Transaction, query: Query, scope: str, ids: list[UUID], shape: Callable[[tuple[Any, ...]], Row]
) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    if scope in tx.caller.scopes:
        for customer_id, *values in tx.rows(query, ids=ids):
            found.setdefault(customer_id, []).append(shape(tuple(values)))
    return found


def _named(names: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    named = dict(zip(names, values, strict=True))
    return named | {"priority": PRIORITIES[named["priority"]]}
