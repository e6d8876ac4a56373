"""Who sees a customer: `/customers/{id}/shares`, to a partner its own alone."""

from __future__ import annotations

from uuid import UUID

from gateway.channels import Channel
from gateway.customers import erasing, moves, search, service, shares
from gateway.http import NO_CONTENT, Call, Operations, Reply, created, found
from schemas import share as shapes

operations = Operations("Customers")
_INSIDE = (Channel.INTRANET,)
_ONE = "/customers/<id:customer_id>/shares/<string:partner>"


@operations.get(
    "/customers/<id:customer_id>/shares",
    scope="customers:read",
    returns=shapes.Shares,
    channels=(Channel.EXTRANET, Channel.INTRANET),
)
def list_shares(call: Call, customer_id: UUID) -> Reply:
    """Show which partners see a customer, in which role, since when and on what ground; to a partner, its own."""
    search.get(call.tx, customer_id, ("id",))
    return Reply({"items": shares.of(call.tx, [customer_id])[customer_id], "next": None})


@operations.get(
    "/customers/<id:customer_id>/shares/past", scope="customers:read", returns=shapes.PastShares, channels=_INSIDE
)
def list_past_shares(call: Call, customer_id: UUID) -> Reply:
    """Show the latest 200 shares that ended, or were changed, as they were."""
    search.get(call.tx, customer_id, ("id",))
    return Reply({"items": shares.past(call.tx, customer_id), "next": None})


@operations.post(
    "/customers/<id:customer_id>/shares",
    scope="customers:write",
    body=shapes.ShareInput,
    returns=shapes.Share,
    channels=_INSIDE,
    also=(409,),
)
def share_customer(call: Call, customer_id: UUID) -> Reply:
    """Share a customer with a partner; its own system receives it at the next sync."""
    terms = dict(call.body)
    shared = service.share(call.tx, customer_id, terms.pop("partner"), terms.pop("ground"), terms)
    return created(shared, f"{call.base}/customers/{customer_id}/shares/{shared['partner']}", shared["version"])


@operations.get(_ONE, scope="customers:read", returns=shapes.Share, channels=_INSIDE)
def show_share(call: Call, customer_id: UUID, partner: str) -> Reply:
    """Show on what terms a partner sees a customer."""
    search.get(call.tx, customer_id, ("id",))
    share = service.share_with(call.tx, customer_id, partner)
    return found(share, share["version"])


@operations.patch(
    _ONE,
    scope="customers:write",
    body=shapes.SharePatch,
    returns=shapes.Share,
    channels=_INSIDE,
    needs_version=True,
)
def change_share(call: Call, customer_id: UUID, partner: str) -> Reply:
    """Change the terms of a share; those before stay known."""
    share = service.change_share(call.tx, customer_id, partner, call.body, call.expected_version())
    return found(share, share["version"])


@operations.delete(_ONE, scope="customers:write", channels=_INSIDE)
def unshare_customer(call: Call, customer_id: UUID, partner: str) -> Reply:
    """End a partner's view of a customer."""
    service.unshare(call.tx, customer_id, partner)
    return NO_CONTENT


moves.register(moves.Rows("past_shares"))
erasing.register(erasing.Rows("past_shares"))
