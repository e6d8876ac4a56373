"""What a claim rests on: references, dated statements, interactions that the partner has recorded here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.errors import refuse_field

Item = dict[str, Any]
_OWN = Query(text("SELECT id, occurred_at FROM interactions WHERE id = ANY(:ids) AND partner_id = :partner_id"))


def read(tx: Transaction, items: Sequence[Item]) -> list[Item]:
    """Evidence as it is kept, an interaction with its own date; raises Invalid for one that is not the partner's."""
    ids = [each["interaction_id"] for each in items if "interaction_id" in each]
    own: dict[UUID, datetime] = dict(tx.rows(_OWN, ids=ids, partner_id=tx.caller.partner_id)) if ids else {}
    return [_kept(item, number, own) for number, item in enumerate(items)]


def is_valid(items: Sequence[Item], submitted_at: datetime | None) -> bool:
    """Whether any of it is dated, and before the claim was submitted."""
    dates = [datetime.fromisoformat(each["dated_at"]) for each in items if each.get("dated_at")]
    return submitted_at is not None and any(date <= submitted_at for date in dates)


def _kept(item: Item, number: int, own: dict[UUID, datetime]) -> Item:
    kept = dict(item)
    if "interaction_id" in item:
        if item["interaction_id"] not in own:
            raise refuse_field(f"/evidence/{number}/interaction_id", "unknown", "You recorded no such interaction.")
        kept |= {"interaction_id": str(item["interaction_id"]), "dated_at": own[item["interaction_id"]]}
    if kept.get("dated_at") is not None:
        kept["dated_at"] = kept["dated_at"].isoformat().replace("+00:00", "Z")
    return kept
