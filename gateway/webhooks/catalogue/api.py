"""Types of events: what a channel is sent, and the house's own."""

from __future__ import annotations

from typing import Any

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, created, found
from gateway.paging import Page
from gateway.webhooks.catalogue import service, shown
from gateway.webhooks.catalogue.models import RegisteredType
from schemas import event as shapes
from schemas.page import PageQuery

operations = Operations("Events")

_READ, _WRITE = "events:read", "events:write"
_INSIDE = (Channel.INTRANET,)
_SHOWN = {
    Channel.INTERNET: shapes.EventType,
    Channel.EXTRANET: shapes.EventType,
    Channel.INTRANET: shapes.InternalEventType,
}


@operations.list("/event-types", scope=_READ, query=PageQuery, returns=_SHOWN)
def list_event_types(call: Call) -> Page:
    """List the types of events you can be told of, each with a schema and an example of its data as you see it."""
    limit, after = call.query["limit"], call.after[0] if call.after else ""
    names = _SHOWN[call.channel]._declared_fields
    types = [each for each in service.list_types(call.tx) if each["name"] > after]
    items = [{name: each[name] for name in names} for each in types[:limit]]
    return Page(items, (items[-1]["name"],) if len(types) > limit else None)


@operations.post(
    "/event-types",
    scope=_WRITE,
    channels=_INSIDE,
    body=shapes.EventTypeInput,
    returns=shapes.InternalEventType,
    also=(409,),
)
def register_event_type(call: Call) -> Reply:
    """Register a type of your own, to be published at `/events`; its name begins with none of our nouns.

    `schema` is JSON Schema 2020-12, of which references stay inside and patterns are simple; `example` must pass it.
    All of it stands in the OpenAPI documents of its channels, which need no token: let the example name nobody.
    """
    registered = service.register(call.tx, call.body)
    return created(_show(registered), f"{call.base}/event-types/{registered.name}", registered.version)


@operations.get("/event-types/<type_name>", scope=_READ, channels=_INSIDE, returns=shapes.InternalEventType)
def get_event_type(call: Call, type_name: str) -> Reply:
    """One type of the house's own."""
    registered = service.get(call.tx, type_name)
    return found(_show(registered), registered.version)


@operations.patch(
    "/event-types/<type_name>",
    scope=_WRITE,
    channels=_INSIDE,
    body=shapes.EventTypePatch,
    returns=shapes.InternalEventType,
    needs_version=True,
)
def change_event_type(call: Call, type_name: str) -> Reply:
    """Change a type of the house's own; `archived` ends it, and events of it that were published stay."""
    registered = service.change(call.tx, type_name, call.body, call.expected_version())
    return found(_show(registered), registered.version)


def _show(registered: RegisteredType) -> dict[str, Any]:
    return shown.of_registered(registered)
