"""What becomes of a customer that its partner deleted, where the link's policy is to keep it shared but inactive."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from gateway.customers import bulk as customers
from gateway.customers.merging import change
from gateway.db import Query, Transaction, now
from gateway.provenance import Source

DEACTIVATE = "deactivate"
_REMEMBER = Query(
    text(
        """
        UPDATE sync_references r SET status_before = b.status
        FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[])) AS b (record_id, status)
        WHERE r.link_id = :link AND r.stream = 'customers' AND r.record_id = b.record_id
        """
    )
)


def deactivate(tx: Transaction, link_id: UUID, ids: Iterable[UUID]) -> None:
    """Set customers inactive, and remember what they were for the day they come back."""
    partner = Source(str(link_id), now())
    changes = [change(row, {"status": "inactive"}, partner) for row in customers.fetch(tx, ids).values()]
    ended = [each for each in changes if each is not None]
    customers.change(tx, ended)
    statuses = [each.before["status"] for each in ended]
    tx.run(_REMEMBER, link=link_id, ids=[each.before["id"] for each in ended], statuses=statuses)
