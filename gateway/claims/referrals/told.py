"""What is told and shown of referrals: before it has accepted a partner sees the preview, after it has not, nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import outbox
from gateway.claims.referrals import states
from gateway.claims.referrals.models import Referral
from gateway.db import Query, Transaction
from gateway.outbox import Event
from schemas import referral as shapes

_SEEN = Query(text("SELECT 1 FROM shares WHERE customer_id = :id AND partner_id = :partner_id"))
_SAME = (
    "id", "scope", "ground", "role", "status", "reason", "offered_at", "answer_by", "answered_at", "ended_at",
    "version",
)  # fmt: skip


def tell(tx: Transaction, referral: Referral, moment: datetime | None = None) -> None:
    """Tell the partner, and inside, of the state that a referral is in now."""
    record = {name: getattr(referral, name) for name in shapes.ReferralEvent._declared_fields}
    told = [referral.partner_id]
    outbox.record(tx, Event(f"referral.{referral.status}", referral.id, None, record, (), told, occurred_at=moment))


def partner_form(tx: Transaction, referral: Referral) -> dict[str, Any]:
    """A referral as its partner sees it."""
    is_taken = referral.status in states.TAKEN and _sees(tx, referral)
    return {name: getattr(referral, name) for name in _SAME} | {
        "preview": referral.preview or None,
        "customer_id": referral.customer_id if is_taken else None,
    }


def house_form(referral: Referral) -> dict[str, Any]:
    """The same inside."""
    names = (*_SAME, "partner", "customer_id", "interest", "offered_by")
    return {name: getattr(referral, name) for name in names} | {"preview": referral.preview or None}


def _sees(tx: Transaction, referral: Referral) -> bool:
    named: dict[str, UUID] = {"id": referral.customer_id, "partner_id": referral.partner_id}
    return tx.first(_SEEN, **named) is not None
