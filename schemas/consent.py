"""What customers have said about being contacted, on the wire: statements, and what follows from all of them."""

from __future__ import annotations

from ipaddress import ip_address

from marshmallow import ValidationError, fields, validate

from schemas.base import Moment, Schema, Shown, Text
from schemas.page import PageQuery

CHANNELS = ("phone", "sms", "email", "post", "app", "chat", "visit")
EVERY_CHANNEL = "all"
DECISIONS = ("granted", "withdrawn")
AUDIENCES = ("all", "house", "partner")
SOURCES = ("call", "form", "letter", "visit", "web", "system")
BY_ITSELF = ("own_account", "double_opt_in")
_PURPOSE = {"description": "code of a purpose; null: every purpose", "example": "marketing"}
_UNTIL = {"description": "the statement counts until then; null: until another one"}


def _check_address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        raise ValidationError("Not an IP address.") from None


class StatementEvidence(Schema):
    """What proves a statement."""

    text = Text(2000, metadata={"description": "the words that were agreed to, or what was said"})
    reference = Text(500, metadata={"description": "a document, a recording"})
    wording = Text(100, metadata={"description": "version of the wording"})
    ip = fields.String(validate=_check_address, metadata={"example": "192.0.2.7"})


class _Said(Schema):
    """What any statement says."""

    purpose = Text(63, allow_none=True, load_default=None, metadata=_PURPOSE)
    channel = fields.String(load_default=EVERY_CHANNEL, validate=validate.OneOf((*CHANNELS, EVERY_CHANNEL)))
    contact_point = fields.UUID(
        allow_none=True, load_default=None, metadata={"description": "id of one contact point; null: all of them"}
    )
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    valid_until = Moment(allow_none=True, load_default=None, metadata=_UNTIL)


class _ToWhom(Schema):
    """Whom it is said to."""

    audience = fields.String(
        load_default="all",
        validate=validate.OneOf(AUDIENCES),
        metadata={"description": "whom it is said to: everybody, the house alone, or one partner"},
    )
    partner = Text(63, metadata={"description": "code of the partner it is said to"})


class _Recorded(_Said):
    """What is written down by others than the customer."""

    said_at = Moment(metadata={"description": "when the customer said it; left out: now"})
    source = fields.String(load_default="system", validate=validate.OneOf(SOURCES))
    evidence = fields.Nested(StatementEvidence, load_default=dict)


class OwnStatementInput(_Said, _ToWhom):
    """What a customer says in their own account."""

    wording = Text(100, metadata={"description": "version of the wording that was shown"})


class StatementInput(_Recorded, _ToWhom):
    """What the house was told."""


class PartnerStatementInput(_Recorded):
    """What a partner was told: to itself, or that nobody at all is to contact the customer."""

    audience = fields.String(
        load_default="partner",
        validate=validate.OneOf(("all", "partner")),
        metadata={"description": "`all` for a withdrawal alone"},
    )


class PartnerStatement(Shown):
    """A statement as a partner sees it; source and evidence are shown of what it recorded itself."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    purpose = fields.String(required=True, allow_none=True, metadata=_PURPOSE)
    channel = fields.String(required=True, validate=validate.OneOf((*CHANNELS, EVERY_CHANNEL)))
    contact_point = fields.UUID(required=True, allow_none=True)
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    audience = fields.String(required=True, validate=validate.OneOf(AUDIENCES))
    said_at = fields.AwareDateTime(required=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True, metadata=_UNTIL)
    source = fields.String(required=True, allow_none=True, validate=validate.OneOf((*SOURCES, *BY_ITSELF)))
    evidence = fields.Dict(required=True, allow_none=True)


class OwnStatement(PartnerStatement):
    """The same to the customer and inside: with whom it was said to, and who recorded it."""

    partner = fields.String(required=True, allow_none=True)
    recorder = fields.String(
        required=True, allow_none=True, metadata={"description": "the partner that recorded it; null: the house"}
    )
    recorded_at = fields.AwareDateTime(required=True)


class ConsentStatement(OwnStatement):
    """The same inside."""

    recorded_by = fields.String(required=True, metadata={"description": "user:… or client:…"})
    said_of = fields.UUID(required=True, metadata={"description": "the record it was said of, before any merge"})


class ConsentChange(Shown):
    """A statement as an event tells it: what was said, not who wrote it down."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    purpose = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    contact_point = fields.UUID(required=True, allow_none=True)
    decision = fields.String(required=True)
    audience = fields.String(required=True)
    said_at = fields.AwareDateTime(required=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True)


class StatementQuery(PageQuery):
    """Filters of the history."""

    purpose = Text(63, metadata={"description": "code of a purpose"})


class Position(Shown):
    """Whether a customer may be contacted for a purpose through a channel, as far as their word goes."""

    purpose = fields.String(required=True)
    english = fields.String(required=True)
    turkish = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    allowed = fields.Boolean(required=True)
    because = fields.String(
        required=True, validate=validate.OneOf(("granted", "default", "legal", "withdrawn", "no_consent"))
    )


class Positions(Shown):
    """What all statements together come to, now, for whoever asks."""

    items = fields.List(fields.Nested(Position), required=True)
