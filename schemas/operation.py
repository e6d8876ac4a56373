"""Long-running operations on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Shown, Text
from schemas.page import PageQuery

STATUSES = ("queued", "running", "succeeded", "failed", "cancelled")


class Operation(Shown):
    """Work in the background: what was asked for, how far it has come, and what came of it."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"example": "webhooks.recover"})
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    total = fields.Integer(
        required=True, allow_none=True, metadata={"description": "things to deal with, once that is known"}
    )
    done = fields.Integer(required=True, metadata={"description": "things dealt with so far"})
    failed = fields.Integer(required=True, metadata={"description": "those of them that were in vain"})
    options = fields.Dict(required=True, metadata={"description": "what was asked for"})
    result = fields.Dict(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True, metadata={"description": "why it failed"})
    started_by = fields.String(required=True, metadata={"description": "user:… or client:…"})
    cancel_asked_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class OperationQuery(PageQuery):
    """Filters of the list of operations."""

    kind = Text(100)
    status = fields.String(validate=validate.OneOf(STATUSES))
