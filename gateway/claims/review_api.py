"""Claims inside, to be decided: `/intranet/v1/claims`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.claims import review, service, shown
from gateway.claims.models import Claim
from gateway.claims.review import Approval
from gateway.customers.reads.noting import note
from gateway.http import Call, Operations, Reply
from gateway.paging import Page, page_of
from schemas import claim as shapes

operations = Operations("Claims")
_INSIDE = (Channel.INTRANET,)
_FILTERS = ("status", "partner", "customer_id")
_ONE = "/claims/<id:claim_id>"
_DECIDES: dict[str, Any] = {
    "scope": "claims:review", "returns": shapes.ReviewedClaim, "status": 200, "channels": _INSIDE, "also": (409,),
}  # fmt: skip


@operations.list(
    "/claims", scope="claims:read", query=shapes.ClaimReviewQuery, returns=shapes.ListedClaim, channels=_INSIDE
)
def list_all_claims(call: Call) -> Page:
    """List what partners claim, the oldest first."""
    limit, after = call.query["limit"], call.after[0] if call.after else None
    filters = {name: value for name, value in call.query.items() if name in _FILTERS}
    rows = service.find(call.tx, filters, after, limit + 1)
    return page_of(rows, limit, shown.house_form)


@operations.get(_ONE, scope="claims:read", returns=shapes.ReviewedClaim, channels=_INSIDE)
def show_contested_claim(call: Call, claim_id: UUID) -> Reply:
    """Show a claim with whom it may be about, what contests it, and which of them the rule suggests."""
    claim = service.get(call.tx, claim_id)
    note(call.tx, "claims", review.candidates(call.tx, claim))
    return _shown(call, claim)


@operations.post(f"{_ONE}/review", **_DECIDES)
def review_claim(call: Call, claim_id: UUID) -> Reply:
    """Begin to review a claim; its partner does not see that."""
    return _shown(call, review.take_up(call.tx, claim_id))


@operations.post(f"{_ONE}/approve", body=shapes.ClaimApproval, **_DECIDES)
def approve_claim(call: Call, claim_id: UUID) -> Reply:
    """Approve a claim: its partner owns the customer and is protected, and what contests it is rejected."""
    return _shown(call, review.approve(call.tx, claim_id, Approval(**call.body)))


@operations.post(f"{_ONE}/reject", body=shapes.ClaimRejection, **_DECIDES)
def reject_claim(call: Call, claim_id: UUID) -> Reply:
    """Reject a claim; its partner hears so at `answer_by`, and no reason."""
    return _shown(call, review.reject(call.tx, claim_id, call.body.get("note")))


def _shown(call: Call, claim: Claim) -> Reply:
    return Reply(shown.with_rivals(call.tx, claim))
