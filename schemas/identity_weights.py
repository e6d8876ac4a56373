"""The weights of matching on the wire, and runs over the whole base."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Shown

MATCHING_STATUSES = ("queued", "running", "succeeded", "cancelled")


class Weights(Shown):
    """How often each field agrees, is near, agrees partly or differs, in every kind of pair; thresholds in bits."""

    is_default = fields.Boolean(required=True, metadata={"description": "as shipped: nothing was estimated here yet"})
    sure_bits = fields.Float(required=True, metadata={"description": "from here on two are the same"})
    doubtful_bits = fields.Float(required=True, metadata={"description": "below, two are different"})
    people = fields.Dict(required=True, metadata={"description": "`fields`: field, kind of pair, its four shares"})
    organisations = fields.Dict(required=True, metadata={"description": "the same of organisations"})
    compared = fields.Integer(required=True, metadata={"description": "pairs these were estimated from"})
    settled = fields.Integer(required=True, metadata={"description": "of them settled by stewards"})
    created_at = fields.AwareDateTime(required=True, allow_none=True)


class Matching(Shown):
    """A run over the whole base."""

    id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(MATCHING_STATUSES))
    step = fields.String(required=True, validate=validate.OneOf(("begin", "read", "compare", "end")))
    done = fields.Integer(required=True, metadata={"description": "customers read"})
    total = fields.Integer(required=True, metadata={"description": "customers when the run began"})
    found = fields.Integer(required=True, metadata={"description": "pairs that are the same or perhaps"})
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
