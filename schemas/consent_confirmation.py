"""Double opt-in on the wire: a customer is asked at a contact point whether they agree, and says yes there."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Shown, Text
from schemas.consent import AUDIENCES

CONFIRMED_AT = ("email", "sms")
STATUSES = ("pending", "confirmed", "expired")


class PartnerConfirmationInput(Schema):
    """Whom to ask, where, and for what."""

    customer_id = fields.UUID(required=True)
    contact_point = fields.UUID(required=True, metadata={"description": "an e-mail address, or a phone for `sms`"})
    channel = fields.String(required=True, validate=validate.OneOf(CONFIRMED_AT))
    purpose = Text(63, required=True, metadata={"example": "marketing"})
    wording = Text(100, metadata={"description": "version of the wording"})


class ConfirmationInput(PartnerConfirmationInput):
    """The same inside: the answer counts for everybody, or for the house alone."""

    audience = fields.String(load_default="all", validate=validate.OneOf(("all", "house")))


class Confirmation(Shown):
    """A customer that was asked."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    contact_point = fields.UUID(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    wording = fields.String(required=True, allow_none=True)
    audience = fields.String(required=True, validate=validate.OneOf(AUDIENCES))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    requested_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)


class ConfirmationLink(Shown):
    """The address that confirms; it is shown this once, and the one given before ends."""

    url = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class MessageText(Shown):
    """What to send, with `{link}` where the address belongs."""

    subject = fields.String(required=True)
    body = fields.String(required=True)


class ConfirmationTexts(Shown):
    """The same in both languages."""

    tr = fields.Nested(MessageText, required=True)
    en = fields.Nested(MessageText, required=True)


class ConfirmationRequest(Shown):
    """What a sender needs; it fetches the address itself, which stands in no event."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    contact_point = fields.UUID(required=True)
    contact_value = fields.String(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    partner = fields.String(required=True, allow_none=True)
    locale = fields.String(required=True, allow_none=True)
    texts = fields.Nested(ConfirmationTexts, required=True)
    expires_at = fields.AwareDateTime(required=True)
