"""How statements follow their customer through a merge: with where they stood, for no word may replace another's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers.moves import Merging
from gateway.db import Query, Transaction

_COUNT = Query(text("SELECT count(*) FROM consent_statements WHERE customer_id = :lose"))
_GO = Query(
    text(
        """
        UPDATE consent_statements SET customer_id = :keep,
            moves = moves || jsonb_build_array(jsonb_build_array(CAST(:keep AS uuid), CAST(:at AS timestamptz)))
        WHERE customer_id = :lose RETURNING id
        """
    )
)
_BACK = Query(
    text("UPDATE consent_statements SET customer_id = :lose, moves = moves - -1 WHERE id = ANY(CAST(:ids AS uuid[]))")
)
_BY_LOST = Query(
    text(
        """
        UPDATE consent_statements SET customer_id = :lose, moves = moves || jsonb_build_array(
            jsonb_build_array(CAST(:lose AS uuid), clock_timestamp()))
        WHERE customer_id = :keep AND said_of = :keep AND recorded_at >= :at AND recorder_id = ANY(:partners)
        """
    )
)
# Nobody can tell which of the two did not want it, so neither is contacted.
_FOR_BOTH = Query(
    text(
        """
        INSERT INTO consent_statements SELECT (jsonb_populate_record(s, jsonb_build_object(
            'id', gen_random_uuid(), 'customer_id', CAST(:lose AS uuid), 'said_of', CAST(:lose AS uuid),
            'moves', CAST('[]' AS jsonb)))).*
        FROM consent_statements s
        WHERE s.customer_id = :keep AND s.said_of = :keep AND s.recorded_at >= :at AND s.decision = 'withdrawn'
        """
    )
)
_TWICE = "What the customer did not want since holds for both records."


class Statements:
    """The statements of the lost customer; those that its own partners recorded since go back with it."""

    name = "consent_statements"
    tables = frozenset({"consent_statements"})

    def count(self, tx: Transaction, lose_id: UUID) -> int:
        """How many there are to be moved."""
        row = tx.first(_COUNT, lose=lose_id)
        return int(row[0]) if row else 0

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Have them stand at the kept customer from now on."""
        rows = tx.rows(_GO, keep=merging.keep_id, lose=merging.lose_id, at=merging.merged_at)
        return [str(row[0]) for row in rows]

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Have them stand where they did; what the customer said since stays, and withdrawals hold for both."""
        tx.run(_BACK, lose=merging.lose_id, ids=kept)
        whose = {"keep": merging.keep_id, "lose": merging.lose_id, "at": merging.merged_at}
        tx.run(_BY_LOST, **whose, partners=list(merging.partners_of_lost))
        return [_TWICE] if tx.run(_FOR_BOTH, **whose) else []
