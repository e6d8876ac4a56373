"""What is over (runs with their requests, slots, conflicts, rejects nobody can name) goes after a time that is set."""

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
# Of what has a name there is one row each, and it waits for somebody; what has none cannot even be taken again, and
# comes as another row whenever it is spelt differently.
_FORGET_NAMELESS = Query(
    text(
        """
        DELETE FROM sync_rejected WHERE id IN (
            SELECT id FROM sync_rejected
            WHERE external_id IS NULL AND last_seen_at < now() - CAST(:keep AS interval) ORDER BY id LIMIT :limit)
        """
    )
)
_ALL = (_FORGET_SLOTS, _FORGET_RUNS, _FORGET_CONFLICTS, _FORGET_NAMELESS)


def forget_old(tx: Transaction, days: int) -> int:
    """Remove up to a thousand each of what ended more than so many days ago; answers how many."""
    keep = timedelta(days=days)
    return sum(tx.run(query, keep=keep, limit=_AT_ONCE) for query in _ALL)
