"""Pairs at a merge: who was told apart from one of two stays apart from the survivor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from gateway.customers.moves import Merging
from gateway.db import Query, Transaction

_OF_LOST = """
    p.status <> 'merged' AND (p.first_id = :lose OR p.second_id = :lose) AND :keep NOT IN (p.first_id, p.second_id)
"""
_COUNT = Query(
    text("SELECT count(*) FROM identity_pairs WHERE status <> 'merged' AND (first_id = :lose OR second_id = :lose)")
)
_TAKE = Query(text(f"DELETE FROM identity_pairs p WHERE {_OF_LOST} RETURNING to_jsonb(p)"))  # noqa: S608
_TAKEN = "jsonb_populate_recordset(NULL::identity_pairs, :taken) AS t"
_OTHER = "CASE t.first_id WHEN :lose THEN t.second_id ELSE t.first_id END"
# A decision is worth more than a question.
_SETTLED_BY_LOST = Query(
    text(
        f"""
        UPDATE identity_pairs p SET status = t.status, note = t.note, settled_by = t.settled_by,
            settled_at = t.settled_at
        FROM {_TAKEN}
        WHERE p.first_id = least(:keep, {_OTHER}) AND p.second_id = greatest(:keep, {_OTHER})
          AND p.status = 'open' AND t.status <> 'open'
        RETURNING p.id
        """  # noqa: S608
    )
)
_POINT_AT_KEPT = Query(
    text(
        f"""
        INSERT INTO identity_pairs (id, first_id, second_id, is_person, bits, levels, adjusted, outcome, status, note,
                                    settled_by, settled_at, created_at, updated_at)
        SELECT t.id, least(:keep, {_OTHER}), greatest(:keep, {_OTHER}), t.is_person, t.bits, t.levels, t.adjusted,
               t.outcome, t.status, t.note, t.settled_by, t.settled_at, t.created_at, t.updated_at
        FROM {_TAKEN}
        ON CONFLICT DO NOTHING
        """  # noqa: S608
    )
)
_OPEN_AGAIN = Query(
    text(
        "UPDATE identity_pairs SET status = 'open', note = NULL, settled_by = NULL, settled_at = NULL "
        "WHERE id = ANY(CAST(:ids AS uuid[]))"
    )
)
_LET_GO = Query(
    text(f"DELETE FROM identity_pairs p USING {_TAKEN} WHERE p.id = t.id AND p.status = t.status")  # noqa: S608
)
# What was decided since of the survivor stays its own, under another id.
_SET_APART = Query(
    text(f"UPDATE identity_pairs p SET id = gen_random_uuid() FROM {_TAKEN} WHERE p.id = t.id")  # noqa: S608
)
_RESTORE = Query(
    text(
        f"""
        INSERT INTO identity_pairs SELECT t.* FROM {_TAKEN}
        WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = t.first_id)
          AND EXISTS (SELECT 1 FROM customers c WHERE c.id = t.second_id)
        ON CONFLICT DO NOTHING
        """  # noqa: S608
    )
)


@dataclass(frozen=True)
class Pairs:
    """The pairs that one of two stands in with others; the pair of these two is marked by whoever merges them."""

    name: str = "identity_pairs"
    tables: frozenset[str] = frozenset({"identity_pairs"})

    def count(self, tx: Transaction, lose_id: UUID) -> int:
        """How many there are."""
        row = tx.first(_COUNT, lose=lose_id)
        return int(row[0]) if row else 0

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Point them at the survivor; where that has the same pair already, a decision goes before a question."""
        ids = {"keep": merging.keep_id, "lose": merging.lose_id}
        taken = [row[0] for row in tx.rows(_TAKE, **ids)]
        if not taken:
            return {"taken": [], "settled": []}
        settled = [str(row[0]) for row in tx.rows(_SETTLED_BY_LOST, taken=Jsonb(taken), **ids)]
        tx.run(_POINT_AT_KEPT, taken=Jsonb(taken), **ids)
        return {"taken": taken, "settled": settled}

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Put them back as they were."""
        if kept["taken"]:
            taken = Jsonb(kept["taken"])
            tx.run(_OPEN_AGAIN, ids=kept["settled"])
            tx.run(_LET_GO, taken=taken)
            tx.run(_SET_APART, taken=taken)
            tx.run(_RESTORE, taken=taken)
        return []
