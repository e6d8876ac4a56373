"""Old runs, slots and settled conflicts: kept as long as the installation says; a run takes its requests along."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from gateway.db import Query, Transaction

_AT_ONCE = 1000
# What a link did last is shown with it, so its newest runs of each outcome stay however old they are.
_FORGET_RUNS = Query(
    text(
        """
        DELETE FROM sync_runs WHERE id IN (
            SELECT r.id FROM sync_runs r
            WHERE r.finished_at < now() - CAST(:keep AS interval)
              AND EXISTS (SELECT 1 FROM sync_runs n WHERE n.link_id = r.link_id AND n.status = r.status AND n.id > r.id)
            ORDER BY r.finished_at LIMIT :limit)
        """
    )
)
_FORGET_SLOTS = Query(
    text(
        """
        DELETE FROM sync_schedule_slots WHERE ctid IN (
            SELECT ctid FROM sync_schedule_slots WHERE taken_at < now() - CAST(:keep AS interval) LIMIT :limit)
        """
    )
)
# A field with a rule that two sides keep changing makes one each time; who settled what stays in the audit trail.
_FORGET_CONFLICTS = Query(
    text(
        """
        DELETE FROM sync_conflicts WHERE id IN (
            SELECT id FROM sync_conflicts
            WHERE status = 'settled' AND settled_at < now() - CAST(:keep AS interval) ORDER BY id LIMIT :limit)
        """
    )
)


def forget_old(tx: Transaction, days: int) -> int:
    """Remove up to a thousand each of what ended more than so many days ago; answers how many."""
    keep = timedelta(days=days)
    return sum(tx.run(query, keep=keep, limit=_AT_ONCE) for query in (_FORGET_SLOTS, _FORGET_RUNS, _FORGET_CONFLICTS))
