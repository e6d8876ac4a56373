"""What moves at a merge of the features below this one, and the names partners write under."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers import moves
from gateway.customers.moves import Merging, Rows
from gateway.db import Query, Transaction
from gateway.identity.merging.pairs import Pairs

_SINCE = Query(
    text(
        """
        UPDATE interactions SET customer_id = :lose, version = version + 1, updated_at = now()
        WHERE customer_id = :keep AND created_at > :since AND partner_id = ANY(:partners)
        """
    )
)
_STILL_SHARED = Query(text("SELECT partner_id FROM shares WHERE customer_id = :keep"))
_CODES = Query(text("SELECT code FROM partners WHERE id = ANY(:ids)"))


class Shares(Rows):
    """Who sees one of two sees the survivor, on the ground and since the moment that stood with each."""

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give shares back, but none that was ended since: who may not see the survivor may see neither."""
        shared = {str(row[0]) for row in tx.rows(_STILL_SHARED, keep=merging.keep_id)}
        aside = [each for each in kept["aside"] if each["key"]["partner_id"] in shared]
        return super().back(tx, merging, {**kept, "aside": aside})


class Interactions(Rows):
    """Every interaction, and what a partner that knew only the lost one has recorded since."""

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give interactions back; those of partners that knew only the lost one are about that one."""
        stayed = super().back(tx, merging, kept)
        partners = list(merging.partners_of_lost)
        tx.run(_SINCE, keep=merging.keep_id, lose=merging.lose_id, since=merging.merged_at, partners=partners)
        return stayed


@moves.register_voice
def as_partners(tx: Transaction, partner_ids: Collection[UUID]) -> set[str]:
    """A partner's own calls, by its code."""
    return {f"partner:{code}" for (code,) in tx.rows(_CODES, ids=list(partner_ids))}


moves.register(Shares("shares", key=("partner_id",), unique=("partner_id",)))
moves.register(Interactions("interactions", is_versioned=True))
moves.register(Rows("users"))
moves.register(Rows("operations"))
moves.register(Pairs())
