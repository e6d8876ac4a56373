"""The stream of events to poll, and events of the house's own to publish."""

from __future__ import annotations

from gateway import audit
from gateway.channels import Channel
from gateway.errors import refuse_parameter
from gateway.http import Call, Operations, Reply
from gateway.webhooks.catalogue.registered import names_on
from gateway.webhooks.events import place, publishing, stream
from gateway.webhooks.patterns import is_known, types_on
from schemas import event as shapes

operations = Operations("Events")


@operations.get("/events", scope="events:read", query=shapes.EventQuery, returns=shapes.EventPage, also=(410,))
def poll_events(call: Call) -> Reply:
    """The events you may see, in the order of their commits: what webhooks tell, for those who cannot be reached.

    Ask with `next` as `after`: at once where there is `more`, else after a while. `since` begins at a moment.
    """
    wanted = stream.Wanted(_pattern(call), call.query.get("since"))
    after = call.query.get("after")
    begin = place.read(after, call.caller) if after else stream.start(call.tx, wanted.since)
    stream.check_kept(call.tx, begin)
    found = stream.poll(call.tx, begin, wanted, call.query["limit"])
    if call.caller.is_person and found.items:
        audit.record(call.tx, "events.polled", "event", "", {"shown": len(found.items)})
    return Reply({"items": found.items, "next": place.write(found.place, call.caller), "more": found.has_more})


@operations.post(
    "/events",
    scope="events:write",
    channels=(Channel.INTRANET,),
    body=shapes.EventInput,
    returns=shapes.Published,
    status=202,
)
def publish_event(call: Call) -> Reply:
    """Tell of something by an event of a registered type; it is sent to whoever asked for the type."""
    said = call.body
    event_id = publishing.publish(call.tx, said["type"], said["data"], said.get("customer_id"), said.get("occurred_at"))
    return Reply({"id": event_id}, 202)


def _pattern(call: Call) -> str:
    pattern: str = call.query.get("type", "*")
    registered = names_on(call.tx, call.channel)
    if not is_known(pattern, call.channel, registered):
        known = ", ".join(types_on(call.channel, registered))
        raise refuse_parameter("type", "unknown_event", f"Known are {known}.")
    return pattern
