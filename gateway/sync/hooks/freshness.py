"""Deliveries overtake each other, and may be copied: what is older than what is known of a record is let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.sync.incoming import content, content_hash
from schemas.base import storable

_KNOWN = {
    stream: Query(
        text(
            f"""
            SELECT r.external_id, r.content_hash,
                (SELECT max(CAST(said.value ->> 1 AS timestamptz)) FROM jsonb_each(each.sources) AS said
                 WHERE said.value ->> 0 = :source),
                greatest(r.last_sent_at, r.deleted_at)
            FROM sync_references r LEFT JOIN {stream} each ON each.id = r.record_id
            WHERE r.link_id = :link AND r.stream = '{stream}' AND r.external_id = ANY(:ids)
            """  # noqa: S608  # names are ours
        )
    )
    for stream in ("customers", "interactions")
}


class _Known(NamedTuple):
    """What is known of a record: what it said last and when, and when we wrote there or it was deleted there."""

    external_id: str
    content_hash: bytes | None
    told_at: datetime | None
    ended_at: datetime | None


def fresh(tx: Transaction, link_id: UUID, stream: str, records: Sequence[Any]) -> list[Any]:
    """The records that are not older than what is known; bad ones stay in.

    Older is what was said before the partner's last word, by its own clock; or, by both clocks, before we wrote there
    or it was deleted there.
    """
    stale = {known.external_id for _, known in _stale(tx, link_id, stream, records)}
    return [each for each in records if _moment(each) is None or each["external_id"] not in stale]


def doubtful(tx: Transaction, link_id: UUID, stream: str, records: Sequence[Any]) -> list[str]:
    """The external ids of those let go by both clocks alone that are more than our own write come back.

    As clocks differ, and a share may end and begin again without a change, they may be news all the same.
    """
    stale = _stale(tx, link_id, stream, records)
    unsure = ((record, known) for record, known in stale if not _is_older(record, known.told_at))
    return [known.external_id for record, known in unsure if _differs(record, known)]


def _stale(tx: Transaction, link_id: UUID, stream: str, records: Sequence[Any]) -> list[tuple[Any, _Known]]:
    dated = {record["external_id"]: record for record in records if _moment(record) is not None}
    rows = tx.rows(_KNOWN[stream], link=link_id, ids=list(dated), source=str(link_id)) if dated else ()
    met = [(dated[row[0]], _Known(*row)) for row in rows]
    return [(record, known) for record, known in met if _is_older(record, known.told_at, known.ended_at)]


def _is_older(record: Any, *limits: datetime | None) -> bool:
    moment = _moment(record)
    return moment is not None and any(limit is not None and moment < limit for limit in limits)


def _differs(record: Any, known: _Known) -> bool:
    """Whether it is more than our own write come back."""
    try:
        return content_hash(content(record)) != known.content_hash
    except (TypeError, ValueError):
        return True


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
