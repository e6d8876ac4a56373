"""The register of disclosures on the wire: the person's own, and inside, anybody's."""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.customers import search
from gateway.errors import NotFound
from gateway.http import Call, Operations
from gateway.paging import Page
from gateway.rights.disclosures import service
from schemas import access as shapes
from schemas.page import PageQuery

operations = Operations("Access")
_SCOPE = "access:read"


@operations.list("/disclosures", scope=_SCOPE, channels=(Channel.INTERNET,), query=PageQuery, returns=shapes.Disclosure)
def list_own_disclosures(call: Call) -> Page:
    """List who was given your data, what, how and when; the latest begun first."""
    if call.caller.customer_id is None:
        raise NotFound
    return service.page_of(call.tx, call.caller.customer_id, call.after, call.query["limit"])


@operations.list(
    "/customers/<id:customer_id>/disclosures",
    scope=_SCOPE,
    channels=(Channel.INTRANET,),
    query=PageQuery,
    returns=shapes.Disclosure,
)
def list_disclosures(call: Call, customer_id: UUID) -> Page:
    """List who was given a customer's data, what, how and when; the latest begun first."""
    search.get(call.tx, customer_id, ("id",))
    page = service.page_of(call.tx, customer_id, call.after, call.query["limit"])
    if call.caller.is_person:
        audit.record(call.tx, "disclosures.read", "customer", customer_id, {"shown": len(page.items)})
    return page
