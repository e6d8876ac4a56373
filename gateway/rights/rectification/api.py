"""Deciding on what a customer wants put right: `POST /rights-requests/{id}/decision`."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply
from gateway.rights.cases.api import show
from gateway.rights.rectification import service
from schemas import rights as shapes
from schemas.rectification import RectificationDecision

operations = Operations("Rights")


@operations.post(
    "/rights-requests/<id:case_id>/decision",
    scope="rights:write",
    channels=(Channel.INTRANET,),
    body=RectificationDecision,
    returns=shapes.InternalRightsRequest,
    status=200,
)
def decide_rectification(call: Call, case_id: UUID) -> Reply:
    """Accept or refuse each field that a customer wants put right; what is accepted is applied and passed on."""
    case = service.decide(call.tx, case_id, call.body["accept"], call.body["refuse"])
    return Reply(show(call, [case])[0])
