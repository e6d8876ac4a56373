"""Restrictions of processing on the wire."""

from __future__ import annotations

from marshmallow import fields

from schemas.base import Moment, Schema, Shown, Text


class Restriction(Shown):
    """Since when a customer's data may only be kept, and when and why that ends."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True, metadata={"description": "the request that it was answered with"})
    since = fields.AwareDateTime(required=True)
    lift_at = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "when it will be lifted"})
    lift_reason = fields.String(required=True, allow_none=True)
    told_at = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "since when that is known"})
    lifted_at = fields.AwareDateTime(required=True, allow_none=True)


class RestrictionEvent(Shown):
    """A restriction as an event tells it: of whom and from when to when, not why."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    since = fields.AwareDateTime(required=True)
    lift_at = fields.AwareDateTime(required=True, allow_none=True)
    lifted_at = fields.AwareDateTime(required=True, allow_none=True)


class LiftingInput(Schema):
    """That a restriction will be lifted."""

    reason = Text(2000, required=True, metadata={"example": "Kayıtların doğruluğu incelendi."})
    at = Moment(required=True, metadata={"description": "three days from now at least"})
