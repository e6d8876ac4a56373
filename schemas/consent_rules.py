"""When and how often customers may be contacted, on the wire: what the house lays down, and what a customer wants."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Flag, Schema, Shown, Text
from schemas.consent import CHANNELS
from schemas.hours import Hours, check_zone

_MOST_SPANS, _MOST_CAPS = 20, 50
_ZONE = {"example": "Europe/Istanbul"}


class QuietHours(Hours):
    """Hours in which nobody is contacted."""

    channels = fields.List(
        fields.String(validate=validate.OneOf(CHANNELS)),
        validate=validate.Length(1, len(CHANNELS)),
        metadata={"description": "through these channels; every channel unless given"},
    )


class PreferredHours(Hours):
    """Hours in which somebody would rather be contacted."""


class Cap(Schema):
    """How many contacts a customer gets at most, from everybody together, in any so many days."""

    purpose = Text(63, allow_none=True, load_default=None, metadata={"description": "null: for whatever purpose"})
    channel = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.OneOf(CHANNELS),
        metadata={"description": "null: all channels together"},
    )
    most = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1000))
    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, 366))


class RulesPatch(Schema):
    """What the house may lay down; lists are replaced whole."""

    time_zone = fields.String(
        validate=check_zone, metadata={**_ZONE, "description": "of customers that gave none of their own"}
    )
    quiet_hours = fields.List(fields.Nested(QuietHours), validate=validate.Length(max=_MOST_SPANS))
    caps = fields.List(fields.Nested(Cap), validate=validate.Length(max=_MOST_CAPS))
    reservation_minutes = fields.Integer(
        strict=True,
        validate=validate.Range(1, 1440),
        metadata={"description": "how long a reserved contact waits to be confirmed, from its time on"},
    )


class ContactRules(Shown):
    """What the house has laid down for everybody."""

    time_zone = fields.String(required=True)
    quiet_hours = fields.List(fields.Nested(QuietHours), required=True)
    caps = fields.List(fields.Nested(Cap), required=True)
    reservation_minutes = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "0 as long as they are as Köprü brings them"})


class PreferencesPatch(Schema):
    """What a customer may want."""

    preferred_channel = fields.String(allow_none=True, validate=validate.OneOf(CHANNELS))
    preferred_hours = fields.List(fields.Nested(PreferredHours), validate=validate.Length(max=_MOST_SPANS))
    quiet_hours = fields.List(
        fields.Nested(QuietHours),
        validate=validate.Length(max=_MOST_SPANS),
        metadata={"description": "besides those of the house"},
    )
    time_zone = fields.String(allow_none=True, validate=check_zone, metadata=_ZONE)


class InternalPreferencesPatch(PreferencesPatch):
    """The same inside, where processing can be restricted too."""

    restricted = Flag(
        attribute="is_restricted",
        metadata={"description": "nobody may contact the customer at all"},
    )


class Preferences(Shown):
    """How a customer would like to be contacted."""

    customer_id = fields.UUID(required=True)
    preferred_channel = fields.String(required=True, allow_none=True)
    preferred_hours = fields.List(fields.Nested(PreferredHours), required=True)
    quiet_hours = fields.List(fields.Nested(QuietHours), required=True)
    time_zone = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "0 where nothing was said"})


class InternalPreferences(Preferences):
    """The same inside."""

    restricted = fields.Boolean(required=True, attribute="is_restricted")
