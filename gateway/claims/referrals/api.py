"""What a partner is offered: `/extranet/v1/referrals`."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.claims.referrals import answering, service, told
from gateway.claims.referrals.models import Referral
from gateway.http import Call, Operations, Reply, found
from gateway.paging import Page, page_of
from schemas import referral as shapes

operations = Operations("Referrals")
_OUTSIDE = (Channel.EXTRANET,)
_ONE = "/referrals/<id:referral_id>"
_ANSWERS: dict[str, Any] = {
    "scope": "referrals:write", "returns": shapes.Referral, "status": 200, "channels": _OUTSIDE, "also": (409,),
}  # fmt: skip


@operations.list(
    "/referrals", scope="referrals:read", query=shapes.ReferralQuery, returns=shapes.Referral, channels=_OUTSIDE
)
def list_referrals(call: Call) -> Page:
    """List what you were offered, the oldest first."""
    limit, after = call.query["limit"], call.after[0] if call.after else None
    filters = {"status": call.query["status"]} if "status" in call.query else {}
    rows = service.find(call.tx, filters, after, limit + 1)
    return page_of(rows, limit, partial(told.partner_form, call.tx))


@operations.get(_ONE, scope="referrals:read", returns=shapes.Referral, channels=_OUTSIDE)
def show_referral(call: Call, referral_id: UUID) -> Reply:
    """Show one offer."""
    return _found(call, service.get(call.tx, referral_id))


@operations.post(f"{_ONE}/accept", **_ANSWERS)
def accept_referral(call: Call, referral_id: UUID) -> Reply:
    """Accept; from now on the customer is shared with you."""
    return _found(call, answering.accept(call.tx, referral_id))


@operations.post(f"{_ONE}/decline", body=shapes.ReferralAnswer, **_ANSWERS)
def decline_referral(call: Call, referral_id: UUID) -> Reply:
    """Decline, with a reason."""
    return _found(call, answering.decline(call.tx, referral_id, call.body["reason"]))


@operations.post(f"{_ONE}/hand-over", **_ANSWERS)
def hand_over_referral(call: Call, referral_id: UUID) -> Reply:
    """Say that the customer is in your hands."""
    return _found(call, answering.hand_over(call.tx, referral_id))


@operations.post(f"{_ONE}/return", body=shapes.ReferralAnswer, **_ANSWERS)
def return_referral(call: Call, referral_id: UUID) -> Reply:
    """Give a customer back that you have accepted; you see it no more."""
    return _found(call, answering.give_back(call.tx, referral_id, call.body["reason"]))


def _found(call: Call, referral: Referral) -> Reply:
    return found(told.partner_form(call.tx, referral), referral.version)
