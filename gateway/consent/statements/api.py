"""What customers have said: `GET/POST /customers/{id}/consents`, and what it comes to."""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.consent import audience
from gateway.consent.statements import service, shown
from gateway.consent.statements.moving import Statements
from gateway.customers import moves, search
from gateway.db import now
from gateway.http import Call, Operations, Reply, created
from gateway.paging import Page
from schemas import consent as shapes

operations = Operations("Consent")

_WRITTEN = {
    Channel.INTERNET: shapes.OwnStatementInput,
    Channel.EXTRANET: shapes.PartnerStatementInput,
    Channel.INTRANET: shapes.StatementInput,
}


@operations.list(
    "/customers/<id:customer_id>/consents",
    scope="consents:read",
    query=shapes.StatementQuery,
    returns=shown.SHOWN,
)
def list_consents(call: Call, customer_id: UUID) -> Page:
    """List what a customer has said about being contacted, the latest word first; nothing is ever overwritten.

    A partner sees what was said to it or to everybody.
    """
    search.get(call.tx, customer_id, ("id",))
    limit, after = call.query["limit"], call.after
    place = (after[0], after[1]) if after else None
    rows = service.history(call.tx, customer_id, call.query.get("purpose"), place, limit + 1)
    if call.caller.is_person:
        audit.record(call.tx, "consents.listed", "customer", customer_id, {"shown": min(len(rows), limit)})
    last = rows[limit - 1] if len(rows) > limit else None
    items = [shown.statement_form(each, call.caller) for each in rows[:limit]]
    return Page(items, (last.said_at, last.id) if last else None)


@operations.post(
    "/customers/<id:customer_id>/consents",
    scope="consents:write",
    body=_WRITTEN,
    returns=shown.SHOWN,
    also=(404,),
)
def record_consent(call: Call, customer_id: UUID) -> Reply:
    """Record that a customer agreed or objected; a later word about the same replaces it, and the history stays.

    Without `purpose` it is about every purpose: such a withdrawal forbids them all, and such a grant lifts it again but
    is consent to none.
    """
    said = service.record(call.tx, customer_id, call.body)
    return created(shown.statement_form(said, call.caller), f"{call.base}/customers/{customer_id}/consents")


@operations.get("/customers/<id:customer_id>/consents/positions", scope="consents:read", returns=shapes.Positions)
def show_consent_positions(call: Call, customer_id: UUID) -> Reply:
    """Show what all statements together come to, for every purpose and channel: to you, or to the house."""
    search.get(call.tx, customer_id, ("id",))
    words = service.words_to(call.tx, customer_id, audience.of_caller(call.caller))
    return Reply(shown.positions_form(words, service.purposes_asked(call.tx), now()))


moves.register(Statements())
