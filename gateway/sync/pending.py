"""What the hub changed and the partner has not got yet, so that the partner's older word does not undo it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from gateway.commit_order import START, hold_place, look_place
from gateway.db import Query, Transaction

_CHANGED = Query(
    text(
        """
        SELECT e.resource_id, e.changed FROM events e
        WHERE e.resource_id = ANY(:ids) AND e.origin <> :link AND cardinality(e.changed) > 0
          AND (e.txid, e.position) > (CAST(CAST(:txid AS text) AS xid8), CAST(:position AS bigint))
        UNION ALL
        SELECT o.record_id, o.changed FROM sync_operations o
        WHERE o.link_id = CAST(:link AS uuid) AND o.stream = :stream AND o.record_id = ANY(:ids)
        """
    )
)
_ADOPTABLE = Query(
    text(
        """
        SELECT o.record_id FROM sync_operations o
        WHERE o.link_id = :link AND o.stream = :stream AND o.op = 'create' AND o.sent_at IS NOT NULL
          AND o.record_id = ANY(:ids)
          AND NOT EXISTS (SELECT 1 FROM sync_references r WHERE r.link_id = o.link_id AND r.stream = o.stream
                                                          AND r.record_id = o.record_id)
        """
    )
)


def reader_of(link_id: UUID, stream: str) -> str:
    """The name of a link's place among the events."""
    return f"sync:{link_id}:{stream}"


def changed_here(
    tx: Transaction, link_id: UUID, stream: str, ids: Iterable[UUID], *, lock: bool = True
) -> dict[UUID, frozenset[str]]:
    """The fields of each record that were changed here since the link last pushed it."""
    wanted = list(ids)
    if not wanted:
        return {}
    reader = reader_of(link_id, stream)
    # A link that only pulls gets no place by this: one that never moves would keep every event for ever.
    place = (hold_place(tx, reader) or START) if lock else look_place(tx, reader)
    fields: dict[UUID, frozenset[str]] = {}
    for record_id, changed in tx.rows(
        _CHANGED, ids=wanted, link=str(link_id), stream=stream, txid=place.txid, position=place.position
    ):
        fields[record_id] = fields.get(record_id, frozenset()) | frozenset(changed)
    return fields


def adoptable(tx: Transaction, link_id: UUID, stream: str, ids: Iterable[UUID]) -> set[UUID]:
    """Those of our records that we sent to this partner without learning what became of them."""
    wanted = list(ids)
    if not wanted:
        return set()
    return {record_id for (record_id,) in tx.rows(_ADOPTABLE, link=link_id, stream=stream, ids=wanted)}
