"""Two records of one partner that are one customer here: both are heard, and one of them is written to.

The other one, the alias, keeps its own former record's id, under which its words are remembered, and names in
`alias_of` the customer it is part of.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction, new_id

_STANDING_IN = Query(
    text(
        """
        SELECT DISTINCT ON (alias_of) alias_of, external_id, record_id FROM sync_references
        WHERE link_id = :link AND stream = :stream AND alias_of = ANY(:ids) AND deleted_at IS NULL
        ORDER BY alias_of, external_id
        """
    )
)
_PARK = Query(
    text(
        "UPDATE sync_references SET record_id = :parked, alias_of = :record "
        "WHERE link_id = :link AND stream = :stream AND record_id = :record"
    )
)
_PROMOTE = Query(
    text(
        "UPDATE sync_references SET record_id = :record, alias_of = NULL "
        "WHERE link_id = :link AND stream = :stream AND external_id = :external"
    )
)
_NAME = Query(
    text(
        "UPDATE sync_references SET record_id = :own WHERE link_id = :link AND stream = :stream AND record_id = :parked"
    )
)

_FOLLOW = Query(
    text(
        """
        UPDATE sync_references r SET record_id = m.survivor
        FROM (SELECT lose_id, survivor_of(lose_id) AS survivor FROM merges
              WHERE lose_id = ANY(:ids) AND undone_at IS NULL) m
        WHERE r.link_id = :link AND r.stream = 'customers' AND r.record_id = m.lose_id AND r.alias_of IS NULL
          AND NOT EXISTS (SELECT 1 FROM sync_references k
                          WHERE k.link_id = :link AND k.stream = 'customers' AND k.record_id = m.survivor)
        """
    )
)


def follow(tx: Transaction, link_id: UUID, record_ids: Collection[UUID]) -> None:
    """Have what partners have just named mean the survivors of those that were merged while it was on its way."""
    tx.run(_FOLLOW, link=link_id, ids=list(record_ids))


def stand_in(tx: Transaction, link_id: UUID, stream: str, ended: Collection[UUID]) -> set[UUID]:
    """Have a living alias take the place of each of these records that the partner deleted; answers which have one."""
    if not ended:
        return set()
    found = tx.rows(_STANDING_IN, link=link_id, stream=stream, ids=list(ended))
    for record_id, external_id, own_id in found:
        swap(tx, link_id, stream, record_id, external_id, own_id)
    return {row[0] for row in found}


def swap(tx: Transaction, link_id: UUID, stream: str, record_id: UUID, external_id: str, own_id: UUID) -> None:
    """Make the alias `external_id`, known as `own_id`, the one that is written to, and the other one its alias."""
    of, parked = {"link": link_id, "stream": stream}, new_id()
    tx.run(_PARK, parked=parked, record=record_id, **of)
    tx.run(_PROMOTE, record=record_id, external=external_id, **of)
    tx.run(_NAME, own=own_id, parked=parked, **of)
