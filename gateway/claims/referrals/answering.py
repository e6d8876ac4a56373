"""What a partner does with a referral: accepts, declines, hands over, returns. Nothing here commits.

Until it has accepted, its transaction sees no more of the customer than the preview; the share is made by the database,
of this customer for this partner, when it accepts in time.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.claims.referrals import states
from gateway.claims.referrals.models import Referral
from gateway.claims.referrals.service import close, get, note_down
from gateway.claims.referrals.states import ReferralNotOpen
from gateway.customers import service as customers
from gateway.customers import shares
from gateway.db import Query, Transaction, now
from gateway.partners import service as partners
from gateway.partners.terms import require_in_force

_ACCEPT = Query(text("SELECT accept_referral(:id)"))


def accept(tx: Transaction, referral_id: UUID) -> Referral:
    """Take a customer over that was offered. Raises NotFound, ReferralNotOpen, AgreementOver."""
    referral = get(tx, referral_id)
    states.after("accept", referral.status)
    require_in_force(partners.get(tx, referral.partner_id), now())
    row = tx.first(_ACCEPT, id=referral_id)
    if row is None or not row[0]:
        raise ReferralNotOpen("The time to answer is over.")
    referral = get(tx, referral_id, lock=True)
    if _has_made_share(tx, referral):
        customers.tell_shared(tx, referral.customer_id, referral.partner)
    return note_down(tx, referral)


def decline(tx: Transaction, referral_id: UUID, reason: str) -> Referral:
    """Decline an offer. Raises NotFound, ReferralNotOpen."""
    referral = get(tx, referral_id, lock=True)
    moment = now()
    close(referral, states.after("decline", referral.status), moment)
    referral.answered_at, referral.reason = moment, reason
    return note_down(tx, referral)


def hand_over(tx: Transaction, referral_id: UUID) -> Referral:
    """Say that the customer is in the partner's hands now. Raises NotFound, ReferralNotOpen."""
    referral = get(tx, referral_id, lock=True)
    referral.become(states.after("hand_over", referral.status))
    return note_down(tx, referral)


def give_back(tx: Transaction, referral_id: UUID, reason: str) -> Referral:
    """Return a customer; the share that accepting made ends. Raises NotFound, ReferralNotOpen."""
    referral = get(tx, referral_id)
    states.after("return", referral.status)
    if _has_made_share(tx, referral):  # the customer's lock comes before the referral's, as in a merge
        customers.unshare(tx, referral.customer_id, referral.partner)
    referral = get(tx, referral_id, lock=True)
    close(referral, states.after("return", referral.status), now())
    referral.reason = reason
    return note_down(tx, referral)


def _has_made_share(tx: Transaction, referral: Referral) -> bool:
    terms = shares.terms_with(tx, referral.customer_id, referral.partner_id)
    return terms is not None and terms["reference"] == referral.share_reference
