"""What a partner is told of its claims: the same whoever else claims the person, and whether anybody knows them.

A winner is told at once. Everybody else hears at the moment that was set when they submitted, and no reason but that it
was not granted. What the partner said of the person is not shown to it again: that it is gone would tell that the house
knew the person and has erased them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import outbox
from gateway.claims import states
from gateway.claims.models import Claim
from gateway.db import Query, Transaction
from gateway.outbox import Event
from schemas import claim as shapes

NOT_GRANTED = "not_granted"
_SEEN = Query(text("SELECT customer_id FROM shares WHERE partner_id = :partner_id AND customer_id = ANY(:ids)"))


def partner_forms(tx: Transaction, claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Claims of one partner as it sees them; a customer is named where it sees that customer now."""
    claims = list(claims)
    nameable = {claim.id: claim.customer_id for claim in claims if _may_name(claim)}
    asked = {"partner_id": claims[0].partner_id, "ids": list(nameable.values())} if nameable else {}
    seen = {row[0] for row in tx.rows(_SEEN, **asked)} if asked else set()
    return [_form(claim, seen & {nameable.get(claim.id)}) for claim in claims]


def partner_form(tx: Transaction, claim: Claim) -> dict[str, Any]:
    """One claim as its partner sees it."""
    return partner_forms(tx, [claim])[0]


def submitted(tx: Transaction, claim: Claim) -> None:
    """Tell the partner that its claim was taken."""
    _tell(tx, "claim.submitted", claim, claim.submitted_at)


def decided(tx: Transaction, claim: Claim) -> None:
    """Tell the partner that its claim was approved or rejected."""
    _tell(tx, "claim.decided", claim, claim.told_at)


def expired(tx: Transaction, claim: Claim) -> None:
    """Tell the partner that nobody decided in time, or that the protection is over."""
    _tell(tx, "claim.expired", claim, claim.told_at)


def _tell(tx: Transaction, event_type: str, claim: Claim, moment: datetime | None) -> None:
    record = {name: value for name, value in _form(claim).items() if name in shapes.ClaimEvent._declared_fields}
    outbox.record(tx, Event(event_type, claim.id, None, record, (), [claim.partner_id], occurred_at=moment))


def _may_name(claim: Claim) -> bool:
    return claim.customer_id is not None and (claim.is_named or _was_granted(claim))


def _was_granted(claim: Claim) -> bool:
    return claim.protected_until is not None and claim.told in (states.APPROVED, states.EXPIRED)


def _form(claim: Claim, seen: Collection[UUID | None] = ()) -> dict[str, Any]:
    is_ended = claim.told in (states.APPROVED, states.REJECTED, states.EXPIRED)
    return {
        "id": claim.id,
        "customer_id": next(iter(seen), None),
        "scope": claim.scope,
        "status": claim.told,
        "reason": NOT_GRANTED if claim.told == states.REJECTED else None,
        "submitted_at": claim.submitted_at,
        "answer_by": claim.answer_by,
        "decided_at": claim.told_at if is_ended else None,
        "protected_until": claim.protected_until if _was_granted(claim) else None,
        "version": claim.version,
        "created_at": claim.created_at,
    }
