"""What the house does with claims: takes them up, approves one, rejects. Nothing here commits.

Whoever approves holds the person first, by keys and as a customer, and the claims after that: of any number of
decisions about one person and scope, one finds nothing approved, and an index of the database says so once more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.claims import contest, due, persons, states, told
from gateway.claims.models import Claim
from gateway.claims.referrals import service as referrals
from gateway.claims.service import get
from gateway.claims.states import ClaimNotOpen, ClaimProtected
from gateway.consent import turns
from gateway.customers import service as customers
from gateway.customers import shares
from gateway.db import Transaction, now
from gateway.errors import Conflict
from gateway.partners import service as partners
from gateway.partners.terms import terms_of

_GRANTED = {"role": "owner"}


class PersonAmbiguous(Conflict):
    """Several customers are known by what the partner said."""

    code, title = "person_ambiguous", "Several customers may be meant; say which"


class Approval(NamedTuple):
    """How a claim is approved: whom it is about, where that is not certain, and for how long it protects.

    `is_other_person` says that claims of the same keys are about somebody else: people share a phone.
    """

    customer_id: UUID | None = None
    protection_days: int | None = None
    ground: str = "agreement"
    note: str | None = None
    is_other_person: bool = False


def take_up(tx: Transaction, claim_id: UUID) -> Claim:
    """Begin to review a claim; one customer known by its keys is whom it is about. Raises NotFound, ClaimNotOpen."""
    claim = get(tx, claim_id, lock=True)
    claim.status = states.after("review", claim.status)
    if claim.customer_id is None and len(known := persons.known_by(tx, claim.keys)) == 1:
        claim.customer_id = known[0]
    return _recorded(tx, "claim.taken_up", claim)


def approve(tx: Transaction, claim_id: UUID, wish: Approval) -> Claim:
    """Approve a claim: its partner becomes the customer's owner and is protected, what contests it loses.

    Offers of the same to others are withdrawn, for whoever accepted one would own the customer too.

    Raises NotFound, ClaimNotOpen, ClaimProtected, PersonAmbiguous, AgreementOver, Invalid.
    """
    claim = get(tx, claim_id)
    _approved(claim)
    persons.hold(tx, claim.keys)
    customer_id = _whose(tx, claim, wish)
    turns.take(tx, customer_id)
    claim = get(tx, claim_id, lock=True)
    status = _approved(claim)
    _refuse_protected(tx, claim, customer_id, wish)
    for loser in contest.losers(tx, claim, customer_id):
        _reject(tx, loser, "lose", None)
    days = wish.protection_days or terms_of(partners.get(tx, claim.partner_id)).protection_days
    _decide(tx, claim, wish.note)
    claim.status, claim.customer_id, is_news = status, customer_id, claim.told != states.APPROVED
    if is_news:
        _protect(claim, days)
    tx.store(claim, ClaimProtected)  # the index has the last word
    if is_news:
        _give(tx, claim, customer_id, wish.ground)
    referrals.withdraw_from_others(tx, customer_id, claim.partner_id, claim.scope_key)
    return _recorded(tx, "claim.approved", claim)


def reject(tx: Transaction, claim_id: UUID, note: str | None) -> Claim:
    """Reject a claim; its partner is told when its answer is due, and no reason. Raises NotFound, ClaimNotOpen."""
    claim = get(tx, claim_id, lock=True)
    _reject(tx, claim, "reject", note)
    return claim


def candidates(tx: Transaction, claim: Claim) -> list[UUID]:
    """Whom a claim may be about."""
    return [claim.customer_id] if claim.customer_id is not None else persons.known_by(tx, claim.keys)


def _approved(claim: Claim) -> str:
    if claim.is_emptied:
        raise ClaimNotOpen("Whom it was about has been erased: reject it, or let it expire.")
    return states.after("approve", claim.status)


def _whose(tx: Transaction, claim: Claim, wish: Approval) -> UUID:
    """Whom the claim is about; somebody whom nobody knows becomes a customer."""
    if chosen := wish.customer_id or claim.customer_id:
        return chosen
    known = persons.known_by(tx, claim.keys)
    if len(known) > 1:
        raise PersonAmbiguous("Give customer_id: " + ", ".join(map(str, known)))
    return known[0] if known else UUID(str(customers.create(tx, claim.person)["id"]))


def _refuse_protected(tx: Transaction, claim: Claim, customer_id: UUID, wish: Approval) -> None:
    """Raise ClaimProtected where somebody else's protection lasts; end what upkeep has not come to yet."""
    same = Claim.customer_id == customer_id
    if not wish.is_other_person:
        same = same | Claim.keys.overlap(claim.keys)
    approved = (Claim.status == states.APPROVED) & (Claim.scope_key == claim.scope_key) & (Claim.id != claim.id)
    others: list[Claim] = tx.scalars(select(Claim).where(approved & same).order_by(Claim.id).with_for_update())
    for other in others:
        if other.due_at is None or other.due_at > now():
            raise ClaimProtected(f"Claim {other.id} is protected until {other.protected_until}.")
        due.settle(tx, other)


def _decide(tx: Transaction, claim: Claim, note: str | None) -> None:
    claim.decided_at, claim.decided_by, claim.decision_note = now(), tx.caller.actor, note


def _protect(claim: Claim, days: int) -> None:
    moment = claim.decided_at or now()
    claim.protected_until = claim.due_at = moment + timedelta(days=days)
    claim.tell(states.APPROVED, moment)


def _give(tx: Transaction, claim: Claim, customer_id: UUID, ground: str) -> None:
    """Let the claim's partner own the customer, and tell it."""
    if shares.terms_with(tx, customer_id, claim.partner_id) is None:
        terms: dict[str, Any] = _GRANTED | {"reference": f"claim {claim.id}"}
        customers.share(tx, customer_id, claim.partner, ground, terms)
    else:
        customers.change_share(tx, customer_id, claim.partner, dict(_GRANTED))
    told.decided(tx, claim)


def _reject(tx: Transaction, claim: Claim, act: str, note: str | None) -> None:
    claim.status = states.after(act, claim.status)
    _decide(tx, claim, note)
    if claim.told is None:
        claim.due_at = None
    _recorded(tx, "claim.rejected", claim)


def _recorded(tx: Transaction, action: str, claim: Claim) -> Claim:
    tx.session.flush()
    audit.record(tx, action, "claim", claim.id)
    return claim
