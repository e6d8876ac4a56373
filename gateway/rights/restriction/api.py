"""Restrictions on the wire: one's own, and inside, anybody's and their lifting."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.customers import search
from gateway.errors import NotFound
from gateway.http import Call, Operations, Reply
from gateway.rights.restriction import service
from schemas import restriction as shapes

operations = Operations("Rights")
_INSIDE = (Channel.INTRANET,)


@operations.get("/restriction", scope="rights:ask", channels=(Channel.INTERNET,), returns=shapes.Restriction)
def show_own_restriction(call: Call) -> Reply:
    """Show whether the use of your data is restricted, and when and why that will be lifted."""
    if call.caller.customer_id is None:
        raise NotFound
    return Reply(service.latest(call.tx, call.caller.customer_id))


@operations.get(
    "/customers/<id:customer_id>/restriction", scope="rights:read", channels=_INSIDE, returns=shapes.Restriction
)
def show_restriction(call: Call, customer_id: UUID) -> Reply:
    """Show the restriction of a customer that is in force, or was last."""
    search.get(call.tx, customer_id, ("id",))
    return Reply(service.latest(call.tx, customer_id))


@operations.post(
    "/customers/<id:customer_id>/restriction/lifting",
    scope="rights:write",
    channels=_INSIDE,
    body=shapes.LiftingInput,
    returns=shapes.Restriction,
    status=200,
    also=(404,),
)
def announce_lifting(call: Call, customer_id: UUID) -> Reply:
    """Say when and why a restriction will be lifted; the customer is told from now on, three days before at least."""
    return Reply(service.announce(call.tx, customer_id, call.body["reason"], call.body["at"]))
