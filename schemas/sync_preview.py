"""Previews on the wire: what a run would do, record by record and field by field."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema
from schemas.page import PageQuery
from schemas.sync import STREAMS
from schemas.sync_rejected import FieldReason

ACTIONS = ("create", "change", "delete", "reject", "conflict", "push_create", "push_update", "push_delete", "note")


class PreviewInput(Schema):
    """What kind of run is previewed, and how far."""

    pages = fields.Integer(
        strict=True, validate=validate.Range(1, 10_000), metadata={"description": "read at most so many of each stream"}
    )
    full = fields.Boolean(metadata={"description": "true: a full run, which finds deletions the partner does not tell"})


class PreviewedQuery(PageQuery):
    """Which lines of a preview are listed."""

    action = fields.String(validate=validate.OneOf(ACTIONS))
    stream = fields.String(validate=STREAMS)


class FieldChange(Schema):
    """One field; of a conflict `old` is ours and `new` theirs, of a push `old` is what the partner said last."""

    field = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class Previewed(Schema):
    """One thing a run would do."""

    stream = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    external_id = fields.String(required=True, allow_none=True, metadata={"description": "what the partner calls it"})
    record_id = fields.UUID(required=True, allow_none=True, metadata={"description": "ours, where there is one"})
    changes = fields.List(fields.Nested(FieldChange), required=True)
    reasons = fields.List(fields.Nested(FieldReason), required=True)
