"""The audit trail on the wire."""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Moment, Shown, Text
from schemas.page import PageQuery


class AuditEntry(Shown):
    """Who did what to which record, from where and why."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True, metadata={"description": "user:…, customer:<id> or client:…"})
    channel = fields.String(required=True)
    action = fields.String(required=True, metadata={"example": "customer.updated"})
    resource = fields.String(required=True)
    resource_id = fields.String(required=True)
    address = fields.String(required=True)
    request_id = fields.String(required=True)
    purpose = fields.String(required=True)
    detail = fields.Dict(required=True, metadata={"description": "names of changed fields, never their content"})


class AuditQuery(PageQuery):
    """Filters of the audit trail."""

    resource = Text(64)
    resource_id = Text(64)
    actor = Text(200)
    since = Moment(metadata={"description": "at or after this moment"})
