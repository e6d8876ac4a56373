"""What time does to matters: what is late becomes more urgent, what was solved and left alone is closed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from gateway.db import Transaction
from gateway.desk.matters import entries, queueing, search, service
from gateway.desk.matters.deadlines import CLOSES_AFTER
from gateway.desk.matters.models import Matter

_MOST = 200


def escalate(tx: Transaction, moment: datetime) -> int:
    """Make every matter that has missed its time one step more urgent, once; answers how many."""
    late = select(Matter).where(search.is_late(moment), Matter.escalated_at.is_(None)).limit(_MOST)
    found: list[Matter] = tx.scalars(late.with_for_update(skip_locked=True))
    for matter in found:
        matter.escalated_at, matter.priority = moment, max(0, matter.priority - 1)
        changed = ["escalated_at", "priority"]
        entries.add(tx, matter, "change", "internal", moment, detail={"fields": changed})
        queueing.follow(tx, matter, changed)
        service.conclude(tx, matter, changed, moment)
    return len(found)


def close_solved(tx: Transaction, moment: datetime) -> int:
    """Close what was solved a week ago and not spoken of since; answers how many."""
    solved = select(Matter).where(Matter.status == "solved", Matter.solved_at < moment - CLOSES_AFTER).limit(_MOST)
    found: list[Matter] = tx.scalars(solved.with_for_update(skip_locked=True))
    for matter in found:
        service.move(tx, matter, "closed", moment)
        service.conclude(tx, matter, ["status", "closed_at"], moment)
    return len(found)
