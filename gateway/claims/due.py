"""What happens to claims by themselves: at a moment set long before, whatever became known meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from gateway import audit
from gateway.claims import states, told
from gateway.claims.models import Claim
from gateway.db import Transaction

AT_ONCE = 100


def settle_due(tx: Transaction, moment: datetime) -> int:
    """Settle claims that were due by a moment, `AT_ONCE` at most; answers how many."""
    due = select(Claim).where(Claim.due_at <= moment).order_by(Claim.due_at, Claim.id).limit(AT_ONCE)
    claims: list[Claim] = tx.scalars(due.with_for_update(skip_locked=True))
    for claim in claims:
        settle(tx, claim)
    return len(claims)


def settle(tx: Transaction, claim: Claim) -> None:
    """End a locked claim that is due, and tell its partner.

    Undecided it expires, and so does what was approved. A rejection is told now; but who was approved before another
    record turned out to be the same person, and then lost, sees the protection end on its day and nothing else.
    """
    assert claim.due_at is not None  # noqa: S101  # it is due
    due_at, claim.due_at = claim.due_at, None
    if claim.status != states.REJECTED:
        claim.status = states.after("expire", claim.status)
    if claim.told is not None:
        is_rejected = claim.status == states.REJECTED and claim.told == states.SUBMITTED
        claim.tell(states.REJECTED if is_rejected else states.EXPIRED, due_at)
        (told.decided if is_rejected else told.expired)(tx, claim)
    audit.record(tx, f"claim.{claim.status}", "claim", claim.id)
    tx.session.flush()
