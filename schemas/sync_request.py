"""The request log of a run on the wire."""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Schema


class SentRequest(Schema):
    """One request to a partner's system: no header, no query and no body of it is kept, and secrets are masked."""

    at = fields.AwareDateTime(required=True)
    method = fields.String(required=True, metadata={"example": "GET"})
    path = fields.String(required=True, metadata={"example": "/api/customers"})
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "null: nothing came back"})
    error = fields.String(required=True, allow_none=True)
    duration_ms = fields.Integer(required=True)
    sent_bytes = fields.Integer(required=True)
    received_bytes = fields.Integer(required=True)
