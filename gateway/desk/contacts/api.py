"""`POST /contacts`: a call, a visit, a chat, logged in one request by whichever desk it was at."""

from __future__ import annotations

from gateway.channels import Channel
from gateway.consent.statements.shown import statement_form
from gateway.desk.contacts import service
from gateway.desk.matters import search as matters
from gateway.desk.queues import items_api
from gateway.http import Call, Operations, Reply, created
from schemas import contact as shapes

operations = Operations("Desk")


@operations.post(
    "/contacts",
    scope="interactions:write",
    body=shapes.ContactInput,
    returns=shapes.Contact,
    channels=(Channel.INTRANET,),
    also=(404,),
)
def log_contact(call: Call) -> Reply:
    """Log a contact with how it ended, what it was about, and what follows: all of it, or nothing.

    It becomes an interaction. What it leads to needs the scope that the same thing done by itself needs.
    """
    logged = service.log_contact(call.tx, call.body)
    shown = {
        "customer_id": logged.customer_id,
        "interaction": logged.interaction,
        "matter": matters.shown(logged.matter, Channel.INTRANET) if logged.matter else None,
        "item": items_api.shown(logged.item) if logged.item else None,
        "follow_up": items_api.shown(logged.follow_up) if logged.follow_up else None,
        "statement": statement_form(logged.statement, call.caller) if logged.statement else None,
        "ended_contact_point": logged.ended_contact_point,
    }
    return created(shown, f"{call.base}/interactions/{logged.interaction['id']}")
