"""What a link remembers of records it has met: the partner's last words, and what we wrote there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.sync.merging.words import Memory

_RECALL = Query(
    # Lateral, or a planner that last saw small tables compares each id with every reference of the link.
    text(
        """
        SELECT w.id, r.said, r.written, r.rewritten, r.version, o.sent
        FROM unnest(CAST(:ids AS uuid[])) AS w (id)
        LEFT JOIN LATERAL (
            SELECT * FROM sync_references WHERE link_id = :link AND stream = :stream AND record_id = w.id LIMIT 1
        ) r ON true
        LEFT JOIN LATERAL (
            SELECT * FROM sync_operations
            WHERE link_id = :link AND stream = :stream AND record_id = w.id AND sent_at IS NOT NULL LIMIT 1
        ) o ON true
        """
    )
)
# Read after it was sent, a record shows what became of a write whose answer was lost.
_LEARN = Query(
    text(
        "UPDATE sync_operations SET sent_at = NULL, sent = NULL "
        "WHERE link_id = :link AND stream = :stream AND record_id = ANY(:ids) AND sent_at IS NOT NULL"
    )
)


def recall(tx: Transaction, link_id: UUID, stream: str, ids: Iterable[UUID]) -> dict[UUID, Memory]:
    """What the link remembers of each record."""
    return {
        record_id: Memory(read(said), frozenset(written or ()), tuple(rewritten or ()), version, read(sent))
        for record_id, said, written, rewritten, version, sent in tx.rows(
            _RECALL, link=link_id, stream=stream, ids=list(ids)
        )
    }


def learn(tx: Transaction, link_id: UUID, stream: str, ids: Iterable[UUID]) -> None:
    """Take the outcome of lost writes to these records as known: they have been read since."""
    wanted = list(ids)
    if wanted:
        tx.run(_LEARN, link=link_id, stream=stream, ids=wanted)


def read(kept: bytes | None) -> dict[str, Any]:
    """Canonical JSON as it is kept; nothing where nothing is known."""
    return orjson.loads(kept) if kept else {}
