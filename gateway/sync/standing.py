"""How links stand: when each last succeeded, what went wrong since, and what waits."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

_STANDINGS = Query(
    text(
        """
        SELECT l.id, l.name, l.status, good.finished_at,
               CASE WHEN good.id IS NULL OR bad.id > good.id THEN bad.error END,
               operations.open, operations.failed, rejected.count, conflicts.count,
               least(operations.oldest, rejected.oldest, conflicts.oldest)
        FROM sync_links l
        LEFT JOIN LATERAL (SELECT id, finished_at FROM sync_runs r WHERE r.link_id = l.id AND r.status = 'succeeded'
                           ORDER BY id DESC LIMIT 1) good ON true
        LEFT JOIN LATERAL (SELECT id, error FROM sync_runs r WHERE r.link_id = l.id AND r.status = 'failed'
                           ORDER BY id DESC LIMIT 1) bad ON true
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'open') AS open,
                                   count(*) FILTER (WHERE state = 'failed') AS failed, min(created_at) AS oldest
                            FROM sync_operations o WHERE o.link_id = l.id) operations
        CROSS JOIN LATERAL (SELECT count(*), min(first_seen_at) AS oldest
                            FROM sync_rejected j WHERE j.link_id = l.id) rejected
        CROSS JOIN LATERAL (SELECT count(*), min(created_at) AS oldest
                            FROM sync_conflicts c WHERE c.link_id = l.id AND c.status = 'open') conflicts
        WHERE CAST(:link AS uuid) IS NULL OR l.id = CAST(:link AS uuid)
        ORDER BY l.name
        """
    )
)


class Standing(NamedTuple):
    """One link. `last_error` is of a run that failed since the last success; `waits_since` of the oldest that waits."""

    link_id: UUID
    name: str
    status: str
    last_success_at: datetime | None
    last_error: str | None
    open_operations: int
    failed_operations: int
    rejected: int
    conflicts: int
    waits_since: datetime | None


def standings(tx: Transaction, link_id: UUID | None = None) -> list[Standing]:
    """Every link, or this one."""
    return [Standing(*row) for row in tx.rows(_STANDINGS, link=link_id)]
