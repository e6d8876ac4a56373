"""Interactions on the wire: what goes out, and what may come in."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Amount, Moment, Money, Schema, Shown, Text
from schemas.page import SortedQuery
from schemas.record import CHANNELS, DIRECTIONS, INTERACTION_KINDS, VISIBILITIES, check_attributes

_PARTNERS_CHOICE = ("partner", "shared")


class PublicProduct(Schema):
    """One line of what was bought or offered."""

    sku = Text(64, allow_none=True)
    name = Text(200, allow_none=True)
    quantity = Amount(allow_none=True)
    unit_price = Amount(allow_none=True)


class Product(PublicProduct):
    """A product line with what it costs us; inside only."""

    unit_cost = Amount(allow_none=True)


class InteractionPatch(Schema):
    """What may be changed of an interaction from outside; each channel narrows it to its own fields."""

    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    kind = fields.String(required=True, validate=validate.OneOf(INTERACTION_KINDS))
    direction = fields.String(required=True, validate=validate.OneOf(DIRECTIONS))
    occurred_at = Moment()
    subject = Text(300, 0, allow_none=True)
    body = Text(20_000, 0, allow_none=True)
    outcome = Text(200, 0, allow_none=True)
    agent = Text(200, 0, allow_none=True)
    satisfaction = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 5))
    amount = fields.Nested(Money, allow_none=True)
    products = fields.List(fields.Nested(PublicProduct), allow_none=True, validate=validate.Length(max=200))
    visibility = fields.String(validate=validate.OneOf(_PARTNERS_CHOICE))
    attributes = fields.Dict(
        keys=Text(64),
        values=fields.Raw(allow_none=True),
        allow_none=True,
        validate=check_attributes,
    )


class InternalInteractionPatch(InteractionPatch):
    """What may be changed of an interaction inside."""

    cost = fields.Nested(Money, allow_none=True)
    products = fields.List(fields.Nested(Product), allow_none=True, validate=validate.Length(max=200))
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))


class InteractionInput(InteractionPatch):
    """A new interaction from outside."""

    customer_id = fields.UUID(required=True)


class InternalInteractionInput(InternalInteractionPatch):
    """A new interaction inside."""

    customer_id = fields.UUID(required=True)


class PublicInteraction(Shown):
    """An interaction as it is shown outside."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    partner = fields.String(required=True, allow_none=True, metadata={"description": "code of who recorded it"})
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    kind = fields.String(required=True, validate=validate.OneOf(INTERACTION_KINDS))
    direction = fields.String(required=True, validate=validate.OneOf(DIRECTIONS))
    occurred_at = fields.AwareDateTime(required=True)
    subject = fields.String(required=True, allow_none=True)
    body = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    agent = fields.String(required=True, allow_none=True)
    satisfaction = fields.Integer(required=True, allow_none=True)
    amount = fields.Nested(Money, required=True, allow_none=True)
    products = fields.List(fields.Nested(PublicProduct), required=True)
    visibility = fields.String(required=True, validate=validate.OneOf(VISIBILITIES))
    attributes = fields.Dict(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class Interaction(PublicInteraction):
    """An interaction as it is shown inside, with what it cost us."""

    cost = fields.Nested(Money, required=True, allow_none=True)
    products = fields.List(fields.Nested(Product), required=True)


class InteractionQuery(SortedQuery):
    """Filters of the interactions list."""

    q = Text(200, metadata={"description": "words of subject and body"})
    customer_id = fields.UUID()
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    kind = fields.String(validate=validate.OneOf(INTERACTION_KINDS))
    direction = fields.String(validate=validate.OneOf(DIRECTIONS))
    occurred_from = Moment(metadata={"description": "at or after"})
    occurred_to = Moment(metadata={"description": "before"})
    updated_since = Moment(metadata={"description": "changed at or after this moment"})
