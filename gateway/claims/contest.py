"""Claims that are about the same person and scope, and which of them the rule suggests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select

from gateway.claims import evidence, states
from gateway.claims.models import Claim
from gateway.db import Transaction

LIVE = (*states.UNDECIDED, states.APPROVED)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Suggestion(NamedTuple):
    """The claim that the rule would have approved, and why: `protected`, `earliest_with_evidence`, `earliest`."""

    claim_id: UUID
    why: str


def rivals(tx: Transaction, claim: Claim, customer_id: UUID | None) -> list[Claim]:
    """Live claims of the same scope about the same customer, or somebody of the same keys, by age."""
    same = Claim.keys.overlap(claim.keys)
    if customer_id is not None:
        same = or_(same, Claim.customer_id == customer_id)
    statement = select(Claim).where(
        Claim.scope_key == claim.scope_key, Claim.id != claim.id, Claim.status.in_(LIVE), same
    )
    return tx.scalars(statement.order_by(Claim.id))


def losers(tx: Transaction, claim: Claim, customer_id: UUID) -> list[Claim]:
    """Undecided claims that lose when this one is approved, locked: of the customer, or of nobody else by its keys."""
    is_same = or_(Claim.customer_id == customer_id, and_(Claim.customer_id.is_(None), Claim.keys.overlap(claim.keys)))
    statement = select(Claim).where(
        Claim.scope_key == claim.scope_key, Claim.id != claim.id, Claim.status.in_(states.UNDECIDED), is_same
    )
    return tx.scalars(statement.order_by(Claim.id).with_for_update())


def suggest(claims: Sequence[Claim]) -> Suggestion | None:
    """Whom the rule prefers: an approved protection, else the earliest with valid evidence, else the earliest."""
    if not claims:
        return None
    best = min(claims, key=_rank)
    return Suggestion(best.id, _why(best))


def _rank(claim: Claim) -> tuple[bool, bool, datetime, UUID]:
    return claim.status != states.APPROVED, not _is_proved(claim), claim.submitted_at or _NEVER, claim.id


def _why(claim: Claim) -> str:
    if claim.status == states.APPROVED:
        return "protected"
    return "earliest_with_evidence" if _is_proved(claim) else "earliest"


def _is_proved(claim: Claim) -> bool:
    return evidence.is_valid(claim.evidence, claim.submitted_at)
