"""Merging on the wire: fields that both sides changed, how a steward settles them, and the rules that settle others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Schema, Text
from schemas.page import PageQuery
from schemas.sync import STREAMS

_CHOICES = ("ours", "theirs", "value", "same", "gone")
RULES = ("newest", "priority", "keep_first", "union", "manual")


class Origin(Schema):
    """Where a value came from: a sync link, a partner through the API, or the hub itself."""

    source = fields.String(required=True, metadata={"description": "a link's id, `partner:<code>` or `hub:<channel>`"})
    link = fields.String(required=True, allow_none=True, metadata={"description": "name of the link"})
    partner = fields.String(required=True, allow_none=True, metadata={"description": "code of the partner"})


class Conflict(Schema):
    """One field of a record that both sides changed to different values since they last agreed."""

    id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    link = fields.String(required=True)
    stream = fields.String(required=True, validate=STREAMS)
    record_id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    field = fields.String(required=True, metadata={"example": "family_name"})
    base = fields.Raw(required=True, allow_none=True, metadata={"description": "what both had, where known"})
    ours = fields.Raw(required=True, allow_none=True)
    theirs = fields.Raw(required=True, allow_none=True)
    our_source = fields.Nested(Origin, required=True)
    our_time = fields.AwareDateTime(required=True, allow_none=True)
    their_time = fields.AwareDateTime(required=True, allow_none=True)
    rule = fields.String(required=True, validate=validate.OneOf(RULES))
    status = fields.String(required=True, validate=validate.OneOf(("open", "settled")))
    chosen = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(_CHOICES),
        metadata={"description": "`same`: both sides came to one value; `gone`: the record left one side"},
    )
    settled_by = fields.String(required=True, allow_none=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class ConflictQuery(PageQuery):
    """Filters of the conflicts."""

    status = fields.String(validate=validate.OneOf(("open", "settled")))
    link_id = fields.UUID()
    customer_id = fields.UUID(metadata={"description": "of this customer and its interactions"})


class Settlement(Schema):
    """Which value both sides shall have."""

    choose = fields.String(required=True, validate=validate.OneOf(("ours", "theirs", "value")))
    value = fields.Raw(allow_none=True, metadata={"description": "with `choose: value`, as the record would carry it"})

    @validates_schema
    def has_value(self, data: Mapping[str, Any], **_: Any) -> None:
        """A value stands with `choose: value`, and with nothing else."""
        if ("value" in data) != (data.get("choose") == "value"):
            raise ValidationError("Give a value exactly with `choose: value`; null empties the field.", "value")


class MergeRuleInput(Schema):
    """How a field's meeting words are settled, over all links."""

    stream = fields.String(required=True, validate=STREAMS)
    field = Text(100, required=True, metadata={"example": "family_name", "description": "or `attributes/colour`"})
    rule = fields.String(required=True, validate=validate.OneOf(RULES))
    sources = fields.List(
        Text(100),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "with `priority`, the first weighing most: ids of links, `partner:<code>`, `hub`"},
    )


class MergeRule(MergeRuleInput):
    """A rule, or the default where none was set."""

    is_default = fields.Boolean(required=True)


class MergeRuleQuery(PageQuery):
    """Filter of the rules."""

    stream = fields.String(validate=STREAMS)
