"""May this customer be contacted now, and why not: the question and its answer on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Flag, Moment, Schema, Shown, Text
from schemas.consent import CHANNELS

REASONS = (
    "restricted",
    "not_shared",
    "not_agreed",
    "no_such_contact_point",
    "no_contact_point",
    "withdrawn",
    "no_consent",
    "quiet_hours",
    "cap_reached",
)
RESERVATION_STATUSES = ("reserved", "confirmed", "released", "expired")


class DecisionInput(Schema):
    """Who is to be contacted, through what, for what, and when."""

    customer_id = fields.UUID(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    purpose = Text(63, required=True, metadata={"example": "marketing"})
    at = Moment(metadata={"description": "when; left out: now"})
    contact_point = fields.UUID(
        metadata={"description": "id of the one to be used; left out: the best that is allowed"}
    )
    reserve = Flag(
        load_default=False,
        metadata={"description": "where it is allowed, take the place; needs the scope consents:write"},
    )


class InternalDecisionInput(DecisionInput):
    """The same inside, also for a partner."""

    partner = Text(63, metadata={"description": "code of the partner that is to make the contact; left out: the house"})


class Reason(Shown):
    """One thing that stands against a contact."""

    code = fields.String(required=True, validate=validate.OneOf(REASONS))
    sentence = fields.String(required=True)
    turkish = fields.String(required=True)
    until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "when it ends by itself; null: it does not"}
    )


class ContactReservation(Shown):
    """A place that was taken among the contacts a customer gets."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    contact_point = fields.UUID(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
    status = fields.String(required=True, validate=validate.OneOf(RESERVATION_STATUSES))
    expires_at = fields.AwareDateTime(required=True)


class PlaceTaken(ContactReservation):
    """The place that was taken with the answer, or before."""


class ContactDecision(Shown):
    """May it be, and every reason why not."""

    allowed = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(Reason), required=True)
    at = fields.AwareDateTime(required=True)
    earliest_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "the first moment from `at` on at which it may be; null: not without the customer"},
    )
    contact_point = fields.UUID(required=True, allow_none=True, metadata={"description": "the one to use"})
    preferred_channel = fields.String(required=True, allow_none=True)
    reservation = fields.Nested(PlaceTaken, required=True, allow_none=True)
