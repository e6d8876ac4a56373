"""Declarations of customers' attributes on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Flag, Schema, Shown, Text

TYPES = ("string", "number", "integer", "boolean", "date", "enum", "list")
_NAME = validate.Regexp(r"^[A-Za-z][A-Za-z0-9_]{0,63}\Z", error="A letter, then letters, digits and _, 64 at most.")
_OUTSIDE = ("extranet", "internet")
_BOUND = {"description": "of a number, the letters of a text, or the items of a list"}


def _flag(means: str) -> fields.Boolean:
    return Flag(metadata={"description": means})


def _channels(means: str) -> fields.List[str]:
    channel = fields.String(validate=validate.OneOf(_OUTSIDE))
    return fields.List(channel, validate=validate.Length(max=len(_OUTSIDE)), metadata={"description": means})


class AttributePatch(Schema):
    """What can be changed of a declaration."""

    title_en = Text(200)
    title_tr = Text(200)
    choices = fields.List(Text(200), allow_none=True, validate=validate.Length(min=1, max=500))
    minimum = fields.Float(allow_none=True, allow_nan=False, metadata=_BOUND)
    maximum = fields.Float(allow_none=True, allow_nan=False, metadata=_BOUND)
    pattern = Text(
        200,
        allow_none=True,
        metadata={"description": r"what a whole text follows: letters, . \d \w [A-Z], counts ? * + {2,5}, and |"},
    )
    is_required = _flag("new customers cannot be without it")
    visible_on = _channels("where it is seen outside; inside it always is")
    writable_on = _channels("where it is written outside; of those where it is visible")
    is_by_agreement = _flag("partners see it only where their agreement grants `attributes.<name>`")
    is_searchable = _flag("customers can be listed by it, as in `attributes.body_type=sedan`")
    is_statistical = _flag("it may be counted in statistics")


class AttributeInput(AttributePatch):
    """An attribute as it is declared."""

    name = fields.String(required=True, validate=_NAME, metadata={"example": "body_type"})
    title_en = Text(200, required=True)
    title_tr = Text(200, required=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES))


class Attribute(Shown):
    """A declared attribute."""

    name = fields.String(required=True)
    title_en = fields.String(required=True)
    title_tr = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    choices = fields.List(fields.String(), required=True, allow_none=True)
    minimum = fields.Float(required=True, allow_none=True)
    maximum = fields.Float(required=True, allow_none=True)
    pattern = fields.String(required=True, allow_none=True)
    is_required = fields.Boolean(required=True)
    visible_on = fields.List(fields.String(), required=True)
    writable_on = fields.List(fields.String(), required=True)
    is_by_agreement = fields.Boolean(required=True)
    is_searchable = fields.Boolean(required=True)
    is_statistical = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
