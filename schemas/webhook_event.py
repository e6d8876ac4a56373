"""What becomes of endpoints and messages, as webhooks tell it: to the owner of the endpoint, and inside."""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Shown


class EndpointEvent(Shown):
    """An endpoint that was disabled, by itself or by somebody, or enabled again."""

    id = fields.UUID(required=True)
    url = fields.String(required=True)
    status = fields.String(required=True)
    disabled_reason = fields.String(required=True, allow_none=True)


class MessageEvent(Shown):
    """A message that was given up at the end of its schedule."""

    endpoint_id = fields.UUID(required=True)
    url = fields.String(required=True)
    event_id = fields.UUID(required=True)
    event_type = fields.String(required=True)
    attempts = fields.Integer(required=True)
    http_status = fields.Integer(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
