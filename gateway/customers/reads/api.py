"""The access log on the wire: the person's own, and inside, anybody's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.customers import search as customers
from gateway.customers.reads import search
from gateway.errors import NotFound
from gateway.http import Call, Operations
from gateway.paging import Page
from schemas import access as shapes
from schemas.page import PageQuery

operations = Operations("Access")
_SCOPE = "access:read"


@operations.list("/access-log", scope=_SCOPE, channels=(Channel.INTERNET,), query=PageQuery, returns=shapes.Access)
def list_own_accesses(call: Call) -> Page:
    """List who was shown your data, when and why: our own people by what they do, others by their organisation.

    A row counts an hour; what you read yourself is not in it.
    """
    if call.caller.customer_id is None:
        raise NotFound
    page = search.page_of(call.tx, call.caller.customer_id, call.after, call.query["limit"])
    return Page([_told(each) for each in page.items], page.last_key)


@operations.list(
    "/customers/<id:customer_id>/access-log",
    scope=_SCOPE,
    channels=(Channel.INTRANET,),
    query=PageQuery,
    returns=shapes.InternalAccess,
)
def list_accesses(call: Call, customer_id: UUID) -> Page:
    """List who was shown a customer, when and why; a row counts an hour."""
    customers.get(call.tx, customer_id, ("id",))
    page = search.page_of(call.tx, customer_id, call.after, call.query["limit"])
    if call.caller.is_person:
        audit.record(call.tx, "access_log.read", "customer", customer_id, {"shown": len(page.items)})
    return Page([_told(each) | {"actor": each["actor"]} for each in page.items], page.last_key)


def _told(access: dict[str, Any]) -> dict[str, Any]:
    return {
        "by": "partner" if access["channel"] == Channel.EXTRANET else "house",
        "organisation": access["organisation"],
        "role": access["role"] or "system",
        **{name: access[name] for name in ("what", "purpose", "first_at", "last_at", "times")},
    }
