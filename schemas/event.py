"""Events on the wire: what is polled, what the house publishes, and the types there are."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Flag, Moment, Schema, Shown, Text
from schemas.event_catalogue import EXTRANET, INTRANET
from schemas.page import DEFAULT_LIMIT, MOST_LIMIT
from schemas.record import check_json

TYPE_NAME = r"^[a-z0-9_]+(\.[a-z0-9_]+)+\Z"
_NAME = {"example": "showroom.test_drive.booked"}


class Event(Shown):
    """One event, as a webhook tells it."""

    id = fields.UUID(required=True, metadata={"description": "the `webhook-id` of the same event's message"})
    type = fields.String(required=True, metadata={"example": "customer.updated"})
    occurred_at = fields.AwareDateTime(required=True)
    data = fields.Dict(required=True, metadata={"description": "as `/event-types` describes it for the type"})


class ThinData(Shown):
    """The `data` of an endpoint that wants thin messages: which record, and where to read it."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID()
    version = fields.Integer()
    url = fields.String(metadata={"description": "path of the record, where it can still be read"})
    merged_id = fields.UUID(metadata={"description": "of `customer.merged`: the id that leads here from now on"})
    unmerged_from = fields.UUID(metadata={"description": "of `customer.unmerged`: what it had become part of"})


class EventQuery(Schema):
    """Where to read on, and what."""

    after = Text(400, metadata={"description": "`next` of the answer before; left out: from the oldest event kept"})
    since = Moment(metadata={"description": "recorded at or after this moment"})
    type = Text(100, metadata={"description": "a type, `customer.*` or `*`", "example": "customer.*"})
    limit = fields.Integer(
        load_default=DEFAULT_LIMIT, validate=validate.Range(1, MOST_LIMIT), metadata={"description": "events at most"}
    )


class EventPage(Schema):
    """The next events in the order of their commits; there is always a `next` to ask for later."""

    items = fields.List(fields.Nested(Event), required=True)
    next = fields.String(required=True, metadata={"description": "`after` of the next request, whatever came"})
    more = fields.Boolean(required=True, metadata={"description": "whether to ask again at once"})


class EventInput(Schema):
    """An event of the house's own; its data must be as the registered type says."""

    type = Text(100, required=True, metadata=_NAME)
    data = fields.Dict(required=True, validate=check_json)
    customer_id = fields.UUID(metadata={"description": "whom it is about"})
    occurred_at = Moment(metadata={"description": "left out: now"})


class Published(Schema):
    """An event that was taken over."""

    id = fields.UUID(required=True)


class EventTypePatch(Schema):
    """What may be changed of a type of the house's own."""

    description = Text(500, required=True)
    schema = fields.Dict(required=True, metadata={"description": "JSON Schema 2020-12 of `data`"})
    example = fields.Dict(required=True, validate=check_json, metadata={"description": "`data` that the schema allows"})
    channels = fields.List(
        fields.String(validate=validate.OneOf((EXTRANET, INTRANET))),
        load_default=lambda: [INTRANET],
        validate=validate.Length(1, 2),
        metadata={
            "description": "`extranet`: of a customer's event the partners hear that the customer is shared with"
        },
    )
    archived = Flag(load_default=False)


class EventTypeInput(EventTypePatch):
    """A new type of the house's own."""

    name = fields.String(
        required=True,
        validate=[validate.Regexp(TYPE_NAME, error="Two or more words of a-z, 0-9 and _ with dots between."),
                  validate.Length(max=100)],
        metadata=_NAME,
    )  # fmt: skip


class EventType(Shown):
    """A type of event as this channel is sent it."""

    name = fields.String(required=True)
    version = fields.Integer(required=True)
    description = fields.String(required=True)
    schema = fields.Dict(required=True, metadata={"description": "JSON Schema 2020-12 of `data`"})
    example = fields.Dict(required=True, metadata={"description": "an example of `data`"})
    deprecated = fields.Boolean(required=True, metadata={"description": "it is not sent any more"})


class InternalEventType(EventType):
    """The same inside: whose it is, and who else hears of it."""

    registered = fields.Boolean(required=True, metadata={"description": "whether the house registered it itself"})
    channels = fields.List(fields.String(), required=True)
