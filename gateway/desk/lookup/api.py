"""The call centre's look-up: `GET /customers/lookup`."""

from __future__ import annotations

from gateway.channels import Channel
from gateway.customers.reads.noting import note
from gateway.desk.lookup import service
from gateway.http import Call, Operations, Reply
from schemas import desk as shapes

operations = Operations("Desk")


@operations.get(
    "/customers/lookup",
    scope="customers:read",
    query=shapes.LookupQuery,
    returns=shapes.Lookup,
    channels=(Channel.INTRANET,),
)
def look_up_customer(call: Call) -> Reply:
    """Show who is calling, or in front of you, with all that is needed at once.

    Several people where a household shares a phone, the likeliest first; nobody where nobody is known by it.
    """
    ((by, said),) = call.query.items()
    people, more = service.look_up(call.tx, by, said)
    note(call.tx, "desk", (each["customer"]["id"] for each in people))
    if call.caller.is_person:
        service.note(call.tx, by, people)
    return Reply({"items": people, "more": more})
