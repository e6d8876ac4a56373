"""Deliveries overtake each other, and may be copied: what is older than what the partner said last is let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from schemas.base import storable

_SAID = {
    stream: Query(
        text(
            f"""
            SELECT r.external_id, max(CAST(said.value ->> 1 AS timestamptz))
            FROM sync_references r JOIN {stream} each ON each.id = r.record_id
            CROSS JOIN LATERAL jsonb_each(each.sources) AS said
            WHERE r.link_id = :link AND r.stream = '{stream}' AND r.external_id = ANY(:ids)
              AND said.value ->> 0 = :source
            GROUP BY r.external_id
            """  # noqa: S608  # names are ours
        )
    )
    for stream in ("customers", "interactions")
}


def fresh(tx: Transaction, link_id: UUID, stream: str, records: Sequence[Any]) -> list[Any]:
    """The records that are not older, by the partner's own clock, than its last word on them; bad ones stay in."""
    dated = {record["external_id"]: moment for record in records if (moment := _moment(record)) is not None}
    if not dated:
        return list(records)
    said: dict[str, datetime] = dict(tx.rows(_SAID[stream], link=link_id, ids=list(dated), source=str(link_id)))
    stale = {external_id for external_id, moment in dated.items() if external_id in said and moment < said[external_id]}
    return [each for each in records if not (isinstance(each, dict) and each.get("external_id") in stale)]


def _moment(record: Any) -> datetime | None:
    """When a record was changed; None where it does not say so, or cannot be named."""
    external_id = record.get("external_id") if isinstance(record, dict) else None
    if not isinstance(external_id, str) or not storable(external_id):
        return None
    try:
        moment = datetime.fromisoformat(record["updated_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
