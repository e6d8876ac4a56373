"""Removing what messages said and what was answered, in batches along the ids of messages; their rows stay.

What waits to be sent is left alone, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

AT_ONCE = 1000
FIRST = UUID(int=0)
_OPEN = "('pending', 'held')"


@dataclass(frozen=True, slots=True)
class Walked:
    """One batch: how many messages were looked at, up to which, the first that still waits, and how many changed."""

    looked: int
    last: UUID | None
    waiting: UUID | None
    changed: int

    @property
    def is_over(self) -> bool:
        """Whether there was nothing behind it."""
        return self.looked < AT_ONCE


def emptying(narrowed: str, of: str) -> Query:
    """Remove bodies and answers of messages between `:after` and `:until`; `narrowed` is about `d`, `of` about `e`."""
    return _walking(
        narrowed,
        of,
        """
        answers AS (
            UPDATE webhook_attempts a SET response_headers = NULL, response_body = NULL FROM ripe r
            WHERE a.endpoint_id = r.endpoint_id AND a.event_id = r.event_id
              AND (a.response_headers IS NOT NULL OR a.response_body IS NOT NULL)),
        changed AS (
            UPDATE webhook_deliveries d SET payload = NULL FROM ripe r
            WHERE d.id = r.id AND d.payload IS NOT NULL AND d.status NOT IN ('pending', 'held') RETURNING d.id)
        """,
    )


def removing(of: str) -> Query:
    """Remove the rows of messages between `:after` and `:until`, and of the attempts at them."""
    return _walking(
        "true",
        of,
        """
        answers AS (
            DELETE FROM webhook_attempts a USING ripe r
            WHERE a.endpoint_id = r.endpoint_id AND a.event_id = r.event_id),
        changed AS (
            DELETE FROM webhook_deliveries d USING ripe r
            WHERE d.id = r.id AND d.status NOT IN ('pending', 'held') RETURNING d.id)
        """,
    )


def walk(tx: Transaction, query: Query, after: UUID, until: UUID, **params: Any) -> Walked:
    """Do the next batch."""
    row = tx.first(query, after=after, until=until, most=AT_ONCE, **params)
    assert row is not None  # noqa: S101  # it has no FROM
    return Walked(*row)


def _walking(narrowed: str, of: str, change: str) -> Query:
    return Query(
        text(
            f"""
            WITH looked AS MATERIALIZED (
                SELECT d.id, d.endpoint_id, d.event_id, d.status IN {_OPEN} AS is_open FROM webhook_deliveries d
                WHERE d.id > :after AND d.id < :until AND {narrowed} ORDER BY d.id LIMIT :most),
            ripe AS (
                SELECT l.id, l.endpoint_id, l.event_id FROM looked l JOIN webhook_endpoints e ON e.id = l.endpoint_id
                WHERE NOT l.is_open AND {of}),
            {change}
            SELECT (SELECT count(*) FROM looked), (SELECT id FROM looked ORDER BY id DESC LIMIT 1),
                   (SELECT id FROM looked WHERE is_open ORDER BY id LIMIT 1), (SELECT count(*) FROM changed)
            """  # noqa: S608  # every part is ours
        )
    )
