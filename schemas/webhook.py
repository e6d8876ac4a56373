"""Webhook endpoints on the wire, and the attempts to reach them."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Moment, Schema, Text

STATUSES = ("active", "disabled")
OUTCOMES = ("delivered", "failed", "refused")


class EndpointInput(Schema):
    """What may be written of an endpoint."""

    url = Text(2000, required=True, metadata={"example": "https://bayi.example/kopru", "format": "uri"})
    event_types = fields.List(
        Text(100),
        required=True,
        validate=validate.Length(1, 50),
        metadata={"description": "exact types, `customer.*`, or `*`", "example": ["customer.*"]},
    )
    description = Text(500, 0, load_default="")


class EndpointPatch(Schema):
    """What may be changed of an endpoint; `status` switches deliveries off and on again."""

    url = Text(2000, metadata={"format": "uri"})
    event_types = fields.List(Text(100), validate=validate.Length(1, 50))
    description = Text(500, 0)
    status = fields.String(validate=validate.OneOf(STATUSES))


class Endpoint(Schema):
    """An endpoint as its owner sees it; the secret is never among it."""

    id = fields.UUID(required=True)
    url = fields.String(required=True)
    event_types = fields.List(fields.String(), required=True)
    description = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    disabled_reason = fields.String(required=True, allow_none=True)
    old_secret_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "until then the secret before the last rotation signs"}
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class InternalEndpoint(Endpoint):
    """An endpoint as the intranet sees it: whose it is."""

    channel = fields.String(required=True, validate=validate.OneOf(("internet", "extranet", "intranet")))
    partner = fields.String(
        required=True, allow_none=True, metadata={"description": "code of the partner it belongs to"}
    )
    customer_id = fields.UUID(required=True, allow_none=True)


_SECRET = {"description": "Standard Webhooks secret; shown this once", "example": "whsec_…"}


class NewEndpoint(Endpoint):
    """An endpoint with its new secret, in the one answer that shows it."""

    secret = fields.String(required=True, metadata=_SECRET)


class NewInternalEndpoint(InternalEndpoint):
    """The same as the intranet sees it."""

    secret = fields.String(required=True, metadata=_SECRET)


class Attempt(Schema):
    """One try to hand an event over."""

    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True, metadata={"description": "the `webhook-id` of the message"})
    endpoint_id = fields.UUID(required=True)
    attempted_at = fields.AwareDateTime(required=True)
    status = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    http_status = fields.Integer(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True, metadata={"example": "timeout"})
    duration_ms = fields.Integer(required=True)


class RecoverInput(Schema):
    """From when on to send again what failed."""

    since = Moment(required=True)


class Resent(Schema):
    """One message that will be sent again."""

    event_id = fields.UUID(required=True)


class Recovered(Schema):
    """How many messages will be sent again; at most 10,000 at a time, the oldest first."""

    recovered = fields.Integer(required=True)
