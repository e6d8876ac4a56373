"""Rejected records on the wire: what a partner sent, why it was not taken over, and which are to be taken again."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Text
from schemas.sync import STREAMS, OfLinkQuery

_MOST_IDS = 200


class FieldReason(Schema):
    """One thing that was wrong with a record."""

    pointer = fields.String()
    code = fields.String()
    message = fields.String()


class Rejected(Schema):
    """A partner's record that could not be taken over."""

    id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    stream = fields.String(required=True)
    external_id = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(FieldReason), required=True)
    raw = fields.Raw(required=True, allow_none=True, metadata={"description": "the record as it came"})
    is_whole = fields.Boolean(
        required=True, metadata={"description": "false: too large to keep, `raw` tells how it begins"}
    )
    seen = fields.Integer(required=True, metadata={"description": "how often it came unchanged"})
    first_seen_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)


class RejectedQuery(OfLinkQuery):
    """Which rejected records are listed."""

    stream = fields.String(validate=STREAMS)
    code = Text(100, metadata={"description": "code of one of the reasons", "example": "unknown_customer"})
    external_id = Text(200)


class Replay(Schema):
    """Which rejected records of a link are taken again; all of them where nothing is said."""

    stream = fields.String(validate=STREAMS)
    code = Text(100, metadata={"description": "code of one of the reasons"})
    ids = fields.List(fields.UUID(), validate=validate.Length(1, _MOST_IDS))
