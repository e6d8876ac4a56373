"""A partner's own claims: `/extranet/v1/claims`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.claims import service, told
from gateway.claims.models import Claim
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page
from schemas import claim as shapes

operations = Operations("Claims")
_OUTSIDE = (Channel.EXTRANET,)
_ONE = "/claims/<id:claim_id>"
_WRITES: dict[str, Any] = {"scope": "claims:write", "returns": shapes.Claim, "channels": _OUTSIDE}


@operations.list("/claims", scope="claims:read", query=shapes.ClaimQuery, returns=shapes.Claim, channels=_OUTSIDE)
def list_claims(call: Call) -> Page:
    """List your claims, the oldest first."""
    limit, after = call.query["limit"], UUID(call.after[0]) if call.after else None
    filters = {"told": call.query["status"]} if "status" in call.query else {}
    rows = service.find(call.tx, filters, after, limit + 1)
    return Page(told.partner_forms(call.tx, rows[:limit]), (str(rows[limit - 1].id),) if len(rows) > limit else None)


@operations.post("/claims", body=shapes.ClaimInput, also=(404, 409), **_WRITES)
def make_claim(call: Call) -> Reply:
    """Claim a customer that you brought: one of yours, or a person you describe, whether or not we know them."""
    claim = service.draft(call.tx, call.body)
    return created(told.partner_form(call.tx, claim), f"{call.base}/claims/{claim.id}", claim.version)


@operations.get(_ONE, scope="claims:read", returns=shapes.Claim, channels=_OUTSIDE)
def show_claim(call: Call, claim_id: UUID) -> Reply:
    """Show one of your claims."""
    return _found(call, service.get(call.tx, claim_id))


@operations.patch(_ONE, body=shapes.ClaimPatch, needs_version=True, also=(409,), **_WRITES)
def change_claim(call: Call, claim_id: UUID) -> Reply:
    """Change a draft."""
    return _found(call, service.change(call.tx, claim_id, call.body, call.expected_version()))


@operations.post(f"{_ONE}/submit", status=200, also=(409,), **_WRITES)
def submit_claim(call: Call, claim_id: UUID) -> Reply:
    """Put a draft before the house; the answer comes at `answer_by`, an approval perhaps sooner."""
    return _found(call, service.submit(call.tx, claim_id))


@operations.post(f"{_ONE}/withdraw", status=200, also=(409,), **_WRITES)
def withdraw_claim(call: Call, claim_id: UUID) -> Reply:
    """Take a claim back."""
    return _found(call, service.withdraw(call.tx, claim_id))


def _found(call: Call, claim: Claim) -> Reply:
    return found(told.partner_form(call.tx, claim), claim.version)
