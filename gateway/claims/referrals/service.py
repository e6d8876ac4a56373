"""What the house does with referrals: offers, withdraws, has them expire. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from gateway import audit
from gateway.claims.models import Claim
from gateway.claims.referrals import states, told
from gateway.claims.referrals.models import Referral
from gateway.claims.states import APPROVED, ClaimProtected
from gateway.consent import turns
from gateway.customers import erasing, moves, restricted, search, shares
from gateway.db import Transaction, now
from gateway.errors import Conflict, refuse_field
from gateway.partners import service as partners
from gateway.partners.models import Partner
from gateway.partners.terms import require_in_force, terms_of
from gateway.turkish import fold

AT_ONCE = 100
_LONGEST = timedelta(days=365)


class CustomerShared(Conflict):
    """Who sees a customer need not be offered it."""

    code, title = "customer_shared", "The partner sees this customer already"


class ReferralOpen(Conflict):
    """One offer at a time."""

    code, title = "referral_open", "The customer is offered to this partner already"


def offer(tx: Transaction, said: dict[str, Any]) -> Referral:
    """Offer a customer to a partner, of loaded `ReferralInput`.

    Raises NotFound, RecordMerged, Invalid, AgreementOver, CustomerShared, ReferralOpen, ClaimProtected,
    ProcessingRestricted.
    """
    customer = search.get(tx, said["customer_id"], ("id", "kind", "locale", "contact_points"))
    turns.take(tx, said["customer_id"])
    restricted.refuse(tx, said["customer_id"])
    partner, moment = _partner(tx, said["partner"]), now()
    require_in_force(partner, moment)
    _refuse_second(tx, said["customer_id"], partner)
    _refuse_protected(tx, said["customer_id"], partner, said["scope"])
    terms = terms_of(partner)
    referral = Referral(
        partner_id=partner.id,
        partner=partner.code,
        customer_id=said["customer_id"],
        scope=said["scope"],
        scope_key=fold(said["scope"]),
        interest=said.get("interest"),
        ground=said["ground"],
        role=said.get("role") or terms.share_role,
        preview=_preview(customer | {"interest": said.get("interest")}, terms.preview_fields),
        offered_by=tx.caller.actor,
        offered_at=moment,
        answer_by=_deadline(said.get("answer_by"), moment, terms.answer_days),
    )
    tx.session.add(referral)
    return note_down(tx, referral)


def withdraw(tx: Transaction, referral_id: UUID) -> Referral:
    """Take an offer back that was not answered. Raises NotFound, ReferralNotOpen."""
    referral = get(tx, referral_id, lock=True)
    close(referral, states.after("withdraw", referral.status), now())
    return note_down(tx, referral)


def withdraw_from_others(tx: Transaction, customer_id: UUID, partner_id: UUID, scope_key: str) -> None:
    """Take back what is offered of a customer to anybody but a partner, which is protected in this scope."""
    _withdraw_all(tx, customer_id, Referral.scope_key == scope_key, Referral.partner_id != partner_id)


def withdraw_every(tx: Transaction, customer_id: UUID) -> None:
    """Take back whatever is offered of a customer, to whomever."""
    turns.take(tx, customer_id)
    _withdraw_all(tx, customer_id)


def _withdraw_all(tx: Transaction, customer_id: UUID, *which: ColumnElement[bool]) -> None:
    offered = select(Referral).filter_by(customer_id=customer_id, status=states.OFFERED).where(*which)
    found: list[Referral] = tx.scalars(
        offered.order_by(Referral.id).with_for_update().execution_options(populate_existing=True)
    )
    for referral in found:
        close(referral, states.after("withdraw", referral.status), now())
        note_down(tx, referral)


def expire_due(tx: Transaction, moment: datetime) -> int:
    """Have offers expire that were to be answered by a moment, `AT_ONCE` at most; answers how many."""
    due = select(Referral).where(Referral.status == states.OFFERED, Referral.answer_by <= moment)
    found: list[Referral] = tx.scalars(
        due.order_by(Referral.answer_by, Referral.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    )
    for referral in found:
        close(referral, states.after("expire", referral.status), referral.answer_by)
        note_down(tx, referral, referral.answer_by)
    return len(found)


def close(referral: Referral, status: str, moment: datetime) -> None:
    """End an offer or what came of it; its partner is left no trace of the person."""
    referral.become(status)
    referral.preview, referral.ended_at = {}, moment


def note_down(tx: Transaction, referral: Referral, moment: datetime | None = None) -> Referral:
    """Store the state that a referral is in, record it, and tell of it."""
    tx.session.flush()
    audit.record(tx, f"referral.{referral.status}", "referral", referral.id)
    told.tell(tx, referral, moment)
    return referral


def get(tx: Transaction, referral_id: UUID, *, lock: bool = False) -> Referral:
    """One referral that the caller may see; raises NotFound."""
    return tx.get(Referral, referral_id, lock=lock)


def find(tx: Transaction, filters: dict[str, Any], after: UUID | None, limit: int) -> list[Referral]:
    """Referrals the caller may see, the oldest first, of which every one of `filters`, by column, is true."""
    statement = select(Referral).filter_by(**filters).order_by(Referral.id).limit(limit)
    return tx.scalars(statement if after is None else statement.where(Referral.id > after))


def _partner(tx: Transaction, code: str) -> Partner:
    partner = partners.find(tx, code)
    if partner is None or partner.status != "active":
        raise refuse_field("/partner", "unknown", "There is no active partner with this code.")
    return partner


def _refuse_second(tx: Transaction, customer_id: UUID, partner: Partner) -> None:
    if shares.terms_with(tx, customer_id, partner.id) is not None:
        raise CustomerShared
    same = {"customer_id": customer_id, "partner_id": partner.id, "status": states.OFFERED}
    if find(tx, same, None, 1):
        raise ReferralOpen


def _refuse_protected(tx: Transaction, customer_id: UUID, partner: Partner, scope: str) -> None:
    """Raise ClaimProtected where another partner has an approved claim to this customer and scope."""
    same = {"customer_id": customer_id, "scope_key": fold(scope), "status": APPROVED}
    if tx.scalars(select(Claim.id).filter_by(**same).where(Claim.partner_id != partner.id, Claim.due_at > now())):
        raise ClaimProtected


def _preview(customer: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    known = customer | {"city": _city(customer["contact_points"])}
    return {name: known[name] for name in names if known[name]}


def _city(points: list[dict[str, Any]]) -> str | None:
    addresses = [each for each in points if each["kind"] == "address" and each["address"]]
    chosen = max(addresses, key=lambda each: bool(each["primary"]), default=None)
    return chosen["address"]["city"] if chosen else None


def _deadline(wished: datetime | None, moment: datetime, days: int) -> datetime:
    deadline = wished or moment + timedelta(days=days)
    if not moment < deadline <= moment + _LONGEST:
        raise refuse_field("/answer_by", "invalid", "Within the next 365 days.")
    return deadline


moves.register(moves.Rows("referrals"))
erasing.register(erasing.Rows("referrals"))
