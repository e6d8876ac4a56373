"""Offering customers to partners, inside: `/intranet/v1/referrals`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.claims.referrals import service, told
from gateway.customers.reads.noting import note
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page, page_of
from schemas import referral as shapes

operations = Operations("Referrals")
_FILTERS = ("status", "partner", "customer_id")
_ONE = "/referrals/<id:referral_id>"
_INSIDE: dict[str, Any] = {"returns": shapes.OfferedReferral, "channels": (Channel.INTRANET,)}


@operations.list("/referrals", scope="referrals:read", query=shapes.OfferedQuery, **_INSIDE)
def list_offered_referrals(call: Call) -> Page:
    """List what partners were offered, the oldest first."""
    limit, after = call.query["limit"], call.after[0] if call.after else None
    filters: dict[str, Any] = {name: value for name, value in call.query.items() if name in _FILTERS}
    rows = service.find(call.tx, filters, after, limit + 1)
    return page_of(rows, limit, told.house_form)


@operations.post("/referrals", scope="referrals:write", body=shapes.ReferralInput, also=(404, 409), **_INSIDE)
def offer_customer(call: Call) -> Reply:
    """Offer a customer to a partner, which sees a preview until it accepts."""
    referral = service.offer(call.tx, call.body)
    return created(told.house_form(referral), f"{call.base}/referrals/{referral.id}", referral.version)


@operations.get(_ONE, scope="referrals:read", **_INSIDE)
def show_offered_referral(call: Call, referral_id: UUID) -> Reply:
    """Show one referral."""
    referral = service.get(call.tx, referral_id)
    note(call.tx, "referrals", [referral.customer_id])
    return found(told.house_form(referral), referral.version)


@operations.post(f"{_ONE}/withdraw", scope="referrals:write", status=200, also=(409,), **_INSIDE)
def withdraw_referral(call: Call, referral_id: UUID) -> Reply:
    """Take an offer back that was not answered."""
    referral = service.withdraw(call.tx, referral_id)
    return found(told.house_form(referral), referral.version)
