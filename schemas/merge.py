"""Merges on the wire: what is asked for, what would come of it, and what came of it."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Shown, Text
from schemas.customer import Customer
from schemas.page import PageQuery

CHOICES = ("keep", "lose", "both")


class MergePreview(Schema):
    """Two customers that may become one."""

    keep_id = fields.UUID(required=True, metadata={"description": "the customer that goes on"})
    lose_id = fields.UUID(required=True, metadata={"description": "its id leads to the other one afterwards"})
    fields_ = fields.Dict(
        data_key="fields",
        attribute="fields",
        keys=Text(80),
        values=fields.String(validate=validate.OneOf(CHOICES)),
        load_default=dict,
        validate=validate.Length(max=300),
        metadata={
            "description": "whose value survives, where it is not the newest: `keep`, `lose`, for lists `both`; "
            "one attribute is `attributes/name`",
            "example": {"family_name": "lose"},
        },
    )


class MergeInput(MergePreview):
    """A merge to be done."""

    token = Text(64, metadata={"description": "of a preview: done exactly so, or not at all (412)"})
    pair_id = fields.UUID(metadata={"description": "the pair of these two that this settles"})


class MergedField(Shown):
    """What becomes of one field, from where each value came, and when."""

    field = fields.String(required=True, metadata={"example": "family_name"})
    chosen = fields.String(required=True, validate=validate.OneOf(CHOICES))
    keep = fields.Raw(required=True, allow_none=True)
    lose = fields.Raw(required=True, allow_none=True)
    keep_source = fields.String(required=True, metadata={"example": "partner:eskisehir"})
    keep_at = fields.AwareDateTime(required=True, allow_none=True)
    lose_source = fields.String(required=True, metadata={"example": "hub:intranet"})
    lose_at = fields.AwareDateTime(required=True, allow_none=True)


class Survivor(Customer):
    """The customer as it would be."""


class PreviewedMerge(Shown):
    """What a merge would do; nothing is written."""

    keep_id = fields.UUID(required=True)
    lose_id = fields.UUID(required=True)
    token = fields.String(required=True, metadata={"description": "give it to the merge to have exactly this"})
    survivor = fields.Nested(Survivor, required=True)
    fields_ = fields.List(fields.Nested(MergedField), data_key="fields", attribute="fields", required=True)
    moves = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "how much moves, by what it is", "example": {"interactions": 12}},
    )


class Merge(Shown):
    """A merge that was done, and perhaps undone."""

    id = fields.UUID(required=True)
    keep_id = fields.UUID(required=True)
    lose_id = fields.UUID(required=True)
    pair_id = fields.UUID(required=True, allow_none=True)
    fields_ = fields.Dict(data_key="fields", attribute="fields", required=True)
    moves = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    merged_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    undone_by = fields.String(required=True, allow_none=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    stayed = fields.List(
        fields.String(), required=True, metadata={"description": "what stayed with the survivor when it was undone"}
    )


class MergeQuery(PageQuery):
    """Filters of the merges."""

    customer_id = fields.UUID(metadata={"description": "on either side"})
