"""How a queue keeps its promise: the share of its items that were taken in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.desk.queues.models import WorkQueue

_ANSWERED = Query(
    text(
        """
        SELECT count(*), count(*) FILTER (WHERE waited_seconds <= :target) FROM desk_item_steps
        WHERE queue_id = :queue_id AND waited_seconds IS NOT NULL AND at > :since AND at <= :moment
        """
    )
)
_STANDING = Query(
    text(
        """
        WITH standing AS (
            SELECT *, ready_at <= :moment AND (status = 'waiting' OR leased_until < :moment) AS is_free
            FROM desk_items WHERE queue_id = :queue_id AND status <> 'done')
        SELECT count(*) FILTER (WHERE is_free), count(*) FILTER (WHERE ready_at > :moment),
            count(*) FILTER (WHERE status = 'claimed' AND NOT is_free),
            count(*) FILTER (WHERE answered_at IS NULL AND waiting_since < CAST(:late AS timestamptz)),
            min(waiting_since) FILTER (WHERE is_free)
        FROM standing
        """
    )
)


def measure(tx: Transaction, queue: WorkQueue, hours: int, moment: datetime) -> dict[str, Any]:
    """The service level of a queue in the hours before a moment, in its wire form.

    An item that still waits beyond the target counts as missed; one that still may be in time counts as nothing yet.
    """
    opening, since = queue.opening, moment - timedelta(hours=hours)
    late = opening.before(moment, timedelta(seconds=queue.target_seconds))
    answered, in_time = tx.rows(_ANSWERED, queue_id=queue.id, target=queue.target_seconds, since=since, moment=moment)[
        0
    ]
    waiting, snoozed, claimed, missed, oldest = tx.rows(_STANDING, queue_id=queue.id, moment=moment, late=late)[0]
    opens_at = opening.opens(moment)
    percent = share(in_time, answered + missed)
    return {
        "window_hours": hours,
        "answered": answered,
        "in_time": in_time,
        "missed": missed,
        "percent": percent,
        "met": None if percent is None else percent >= queue.target_percent,
        "waiting": waiting,
        "snoozed": snoozed,
        "claimed": claimed,
        "longest_wait_seconds": int(opening.between(oldest or moment, moment).total_seconds()),
        "closed_until": None if opens_at == moment else opens_at,
    }


def share(part: int, whole: int) -> float | None:
    """Percent, to one place; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
