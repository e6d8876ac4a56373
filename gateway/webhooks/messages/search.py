"""Finding messages and attempts, newest first: each endpoint offers its newest few, so history costs nothing.

Messages stand in the order of their events' ids, which begin with their time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from psycopg.rows import TupleRow
from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.id_time import first_id
from gateway.paging import key_params

# In words of an index itself, here and wherever failures are looked for.
FAILED = "(d.status IN ('exhausted', 'expired') OR (d.status IN ('pending', 'held') AND d.attempts > 0))"
MESSAGE = (
    "id", "endpoint_id", "event_id", "type", "customer_id", "status", "attempts", "trigger", "due_at", "created_at",
)  # fmt: skip
ATTEMPT = (
    "id", "event_id", "endpoint_id", "attempted_at", "number", "trigger", "url", "address", "status", "http_status",
    "error", "duration_ms",
)  # fmt: skip

_MESSAGES = {
    "endpoint_id": "e.id = :endpoint_id",
    "customer_id": "d.customer_id = :customer_id",
    "event_id": "d.event_id = :event_id",
    "type": "d.type = :type",
    "since": "d.event_id >= :since_id",
    "until": "d.event_id < :until_id",
    "failed": FAILED,
    "after": "d.event_id <= :key_0 AND (d.event_id, d.endpoint_id) < (:key_0, :key_1)",
}
_ATTEMPTS = {
    "endpoint_id": "e.id = :endpoint_id",
    "customer_id": "d.customer_id = :customer_id",
    "event_id": "a.event_id = :event_id",
    "since": "a.attempted_at >= :since",
    "until": "a.attempted_at < :until",
    "after": "(a.attempted_at, a.id) < (:key_0, :key_1)",
}
_IS_SEEN = Query(text("SELECT EXISTS (SELECT 1 FROM customers WHERE id = :customer_id)"))


def find_messages(tx: Transaction, asked: dict[str, Any], limit: int, after: tuple[Any, ...] | None) -> list[TupleRow]:
    """The messages that meet what is asked, as `MESSAGE` columns."""
    if not _may_ask(tx, asked):
        return []
    names = _names(asked, after)
    return tx.rows(_messages(names, asked.get("status")), **asked, **_ids(asked), **key_params(after), limit=limit)


def find_attempts(tx: Transaction, asked: dict[str, Any], limit: int, after: tuple[Any, ...] | None) -> list[TupleRow]:
    """The attempts that meet what is asked, as `ATTEMPT` columns."""
    if not _may_ask(tx, asked):
        return []
    query = _attempts(_names(asked, after), asked.get("status"))
    return tx.rows(query, **asked, **key_params(after), limit=limit)


def _may_ask(tx: Transaction, asked: dict[str, Any]) -> bool:
    # Asked by a customer, the answer must not tell that there is one whom the caller may not see.
    if "customer_id" not in asked:
        return True
    row = tx.first(_IS_SEEN, customer_id=asked["customer_id"])
    return bool(row and row[0])


def _names(asked: dict[str, Any], after: tuple[Any, ...] | None) -> frozenset[str]:
    chosen = {name for name, value in asked.items() if name != "status" and value is not False}
    return frozenset(chosen | ({"after"} if after else set()))


def _ids(asked: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}_id": first_id(asked[name]) for name in ("since", "until") if name in asked}


@lru_cache(maxsize=256)
def _messages(names: frozenset[str], status: str | None) -> Query:
    where = _where(_MESSAGES, names, "d", status)
    columns = ", ".join(f"d.{name}" for name in MESSAGE)
    if "customer_id" in names:
        source = f"webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id AND {where}"
    else:
        source = f"""webhook_endpoints e CROSS JOIN LATERAL (
            SELECT {columns} FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND {where}
            ORDER BY d.event_id DESC LIMIT :limit) d"""  # noqa: S608  # names are ours
    return _newest(columns, source, "d.event_id DESC, d.endpoint_id DESC")


@lru_cache(maxsize=256)
def _attempts(names: frozenset[str], status: str | None) -> Query:
    where = _where(_ATTEMPTS, names, "a", status)
    columns = ", ".join(f"a.{name}" for name in ATTEMPT)
    if "customer_id" in names:
        source = f"""webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
            JOIN webhook_attempts a ON a.endpoint_id = d.endpoint_id AND a.event_id = d.event_id AND {where}"""
    else:
        source = f"""webhook_endpoints e CROSS JOIN LATERAL (
            SELECT {columns} FROM webhook_attempts a WHERE a.endpoint_id = e.id AND {where}
            ORDER BY a.attempted_at DESC, a.id DESC LIMIT :limit) a"""  # noqa: S608
    return _newest(columns, source, "a.attempted_at DESC, a.id DESC")


def _where(conditions: dict[str, str], names: frozenset[str], table: str, status: str | None) -> str:
    # A status stands in the statement itself: PostgreSQL finds no partial index by a parameter.
    chosen = [conditions[name] for name in sorted(names)]
    return " AND ".join([*chosen, *([f"{table}.status = '{status}'"] if status else [])]) or "true"


def _newest(columns: str, source: str, order: str) -> Query:
    return Query(
        text(f"SELECT {columns} FROM {source} WHERE e.deleted_at IS NULL ORDER BY {order} LIMIT :limit")  # noqa: S608
    )
