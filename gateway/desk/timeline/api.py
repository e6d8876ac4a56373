"""The timeline: `GET /customers/{id}/timeline`."""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.desk.timeline import service
from gateway.desk.timeline.sources import ONLY_ASKED, kinds_for
from gateway.http import Call, Operations
from gateway.paging import Page, read_names
from schemas import desk as shapes

operations = Operations("Desk")


@operations.list(
    "/customers/<id:customer_id>/timeline",
    scope="customers:read",
    query=shapes.TimelineQuery,
    returns=shapes.Happening,
    channels=(Channel.EXTRANET, Channel.INTRANET),
)
def list_timeline(call: Call, customer_id: UUID) -> Page:
    """List what happened with a customer, newest first: who spoke to them, changed, shared and was told it.

    Who was shown it (`read`) is told with `access:read` and only where `kinds` asks for it.

    A partner is told of the interactions it may see, the matters it works on, its own share, and what was sent to its
    own endpoints.
    """
    told = kinds_for(call.channel, call.caller.scopes)
    usual = tuple(kind for kind in told if kind not in ONLY_ASKED)
    kinds = read_names(call.query.get("kinds"), told, "kinds") or usual
    page = service.page_of(call.tx, customer_id, kinds, call.query, call.after, call.query["limit"])
    if call.caller.is_person:
        audit.record(call.tx, "timeline.read", "customer", customer_id, {"shown": len(page.items)})
    return page
