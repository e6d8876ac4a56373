"""What customers ask of us about their own data, on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Shown, Text
from schemas.page import PageQuery

STATUSES = ("received", "in_progress", "completed", "refused")


class RightsRequestInput(Schema):
    """What a customer asks of us about their own data."""

    kind = Text(40, required=True, metadata={"example": "erasure"})
    note = Text(2000, metadata={"description": "in the customer's own words"})
    wish = fields.Dict(metadata={"description": "what this kind needs to know, if anything"})


class InternalRightsRequestInput(RightsRequestInput):
    """The same, brought by an employee."""

    customer_id = fields.UUID(required=True)


class Refusal(Schema):
    """Why a request is not met."""

    reason = Text(2000, required=True, metadata={"example": "Yasal saklama süresi dolmadı (VUK m. 253)."})


class Step(Shown):
    """One step of a request."""

    at = fields.AwareDateTime(required=True)
    step = fields.String(required=True, metadata={"example": "started"})


class InternalStep(Step):
    """The same with who did it."""

    actor = fields.String(required=True, metadata={"example": "user:zeynep"})


class RightsRequest(Shown):
    """A request, how far it has come, and when it must be answered."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    customer_id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    note = fields.String(required=True, allow_none=True)
    wish = fields.Dict(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it was refused"})
    result = fields.Dict(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True)
    is_overdue = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    steps = fields.List(fields.Nested(Step), required=True)


class InternalRightsRequest(RightsRequest):
    """The same for those who answer it."""

    channel = fields.String(required=True, metadata={"description": "the door through which it came"})
    asked_by = fields.String(required=True)
    operation_id = fields.UUID(required=True, allow_none=True)
    steps = fields.List(fields.Nested(InternalStep), required=True)


class RightsQuery(PageQuery):
    """Filters of a customer's own requests."""

    kind = Text(40)
    status = fields.String(validate=validate.OneOf(STATUSES))


class InternalRightsQuery(RightsQuery):
    """Filters of everybody's."""

    customer_id = fields.UUID()
    is_overdue = fields.Boolean(metadata={"description": "whether the time to answer has passed"})
