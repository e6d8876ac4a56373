"""Referrals on the wire: a customer is offered to a partner."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Moment, Schema, Shown, Text
from schemas.page import PageQuery
from schemas.partner import role

STATUSES = ("offered", "accepted", "declined", "expired", "withdrawn", "handed_over", "returned")
_GROUNDS = ("agreement", "consent")


class ReferralInput(Schema):
    """Whom to offer to whom."""

    customer_id = fields.UUID(required=True)
    partner = Text(63, required=True, metadata={"description": "code of the partner"})
    scope = Text(100, load_default="all", metadata={"example": "sedan"})
    interest = Text(
        500, metadata={"description": "what the customer wants; name nobody in it, for it is shown beforehand"}
    )
    ground = fields.String(load_default="agreement", validate=validate.OneOf(_GROUNDS))
    role = role(metadata={"description": "of the share that accepting makes; left out: as agreed"})
    answer_by = Moment(metadata={"description": "left out: as agreed"})


class ReferralAnswer(Schema):
    """Why it is declined or returned."""

    reason = Text(500, required=True, metadata={"example": "Bu ay yerimiz yok"})


class ReferralQuery(PageQuery):
    """Filters of referrals."""

    status = fields.String(validate=validate.OneOf(STATUSES))


class OfferedQuery(ReferralQuery):
    """Filters of referrals inside."""

    partner = Text(63, metadata={"description": "code of a partner"})
    customer_id = fields.UUID()


class ReferralEvent(Shown):
    """What is told of a referral; nothing of the customer."""

    id = fields.UUID(required=True)
    scope = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    offered_at = fields.AwareDateTime(required=True)
    answer_by = fields.AwareDateTime(required=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ReferralPreview(Shown):
    """What the agreement lets a partner see of a customer that it is offered."""

    kind = fields.String()
    city = fields.String()
    interest = fields.String()
    locale = fields.String()


class Referral(ReferralEvent):
    """A referral as its partner sees it."""

    preview = fields.Nested(
        ReferralPreview, required=True, allow_none=True, metadata={"description": "null once it has ended"}
    )
    customer_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "from when it is accepted, as long as it is yours"}
    )
    ground = fields.String(required=True)
    role = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class OfferedReferral(Referral):
    """The same inside."""

    partner = fields.String(required=True)
    interest = fields.String(required=True, allow_none=True)
    offered_by = fields.String(required=True)
