"""The desk on the wire: who is calling, and what there is to know at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Moment, Schema, Shown, Text
from schemas.consent import DECISIONS
from schemas.customer import Customer
from schemas.interaction import Interaction
from schemas.page import PageQuery

HAPPENINGS = (
    "interaction", "matter", "work", "change", "creation", "share", "delivery", "action", "claim", "referral", "case",
    "disclosure", "read",
)  # fmt: skip
KEYS = ("phone", "email", "identifier", "tax_id")


class LookupQuery(Schema):
    """What is known of who is calling; one of these."""

    phone = Text(64, metadata={"description": "in any form in which a number is written", "example": "0532 123 45 67"})
    email = Text(320, metadata={"example": "cem@example.com"})
    identifier = Text(300, metadata={"description": "system:value", "example": "erp:C-1042"})
    tax_id = Text(32)

    @validates_schema
    def _check_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError(f"Give one of {', '.join(KEYS)}.")


class NextStep(Shown):
    """What is best done while the customer is there."""

    code = fields.String(required=True, metadata={"example": "verify_contact_point"})
    sentence = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    item_id = fields.UUID(metadata={"description": "the work in a queue that it is"})
    matter_id = fields.UUID(metadata={"description": "the matter that it is about"})
    purpose = fields.String(metadata={"description": "what consent is to be asked for"})


class OpenMatter(Shown):
    """A matter that is not settled."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    subject = fields.String(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    priority = fields.String(required=True)
    owner = fields.String(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    first_response_due_at = fields.AwareDateTime(required=True)
    first_responded_at = fields.AwareDateTime(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True)


class WaitingWork(Shown):
    """Work about the customer that waits, or that somebody is doing."""

    id = fields.UUID(required=True)
    queue_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    subject = fields.String(required=True)
    priority = fields.String(required=True)
    ready_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    assigned_to = fields.String(required=True, allow_none=True)
    claimed_by = fields.String(required=True, allow_none=True)


class UnaskedPurpose(Shown):
    """What needs their consent, and of which they have said nothing yet."""

    purpose = fields.String(required=True)
    english = fields.String(required=True)
    turkish = fields.String(required=True)


class KnownCustomer(Customer):
    """A customer as a look-up tells it."""


class LatestInteraction(Interaction):
    """One of a customer's interactions as a look-up tells it."""


class StandingWord(Shown):
    """What the customer has said about being contacted, and still holds for the house."""

    purpose = fields.String(required=True, allow_none=True, metadata={"description": "null: every purpose"})
    channel = fields.String(required=True, metadata={"example": "phone"})
    contact_value = fields.String(
        required=True, allow_none=True, metadata={"description": "the one number or address; null: all of them"}
    )
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    said_at = fields.AwareDateTime(required=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True)


class LookedUp(Shown):
    """One of those it may be."""

    customer = fields.Nested(KnownCustomer, required=True)
    interactions = fields.List(
        fields.Nested(LatestInteraction), required=True, metadata={"description": "the latest, newest first"}
    )
    consents = fields.List(
        fields.Nested(StandingWord), required=True, metadata={"description": "with consents:read, the latest first"}
    )
    matters = fields.List(
        fields.Nested(OpenMatter), required=True, metadata={"description": "with matters:read, what is not settled"}
    )
    work = fields.List(
        fields.Nested(WaitingWork), required=True, metadata={"description": "with queues:read, callbacks and the like"}
    )
    unasked = fields.List(fields.Nested(UnaskedPurpose), required=True, metadata={"description": "with consents:write"})
    next_steps = fields.List(fields.Nested(NextStep), required=True, metadata={"description": "the first first"})


class Lookup(Shown):
    """Everybody it may be, the likeliest first: a household may share a phone."""

    items = fields.List(fields.Nested(LookedUp), required=True)
    more = fields.Boolean(required=True, metadata={"description": "whether there are others still"})


class TimelineQuery(PageQuery):
    """Filters of a timeline."""

    kinds = Text(200, metadata={"description": f"only these, separated by commas: {', '.join(HAPPENINGS)}"})
    occurred_from = Moment(metadata={"description": "at or after this moment"})
    occurred_to = Moment(metadata={"description": "before this moment"})
    partner = Text(63, metadata={"description": "code of the partner that it concerns"})


class Happening(Shown):
    """One thing that happened with a customer; `detail` depends on its kind."""

    at = fields.AwareDateTime(required=True)
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(HAPPENINGS))
    actor = fields.String(required=True, allow_none=True, metadata={"description": "who did it, where that is known"})
    partner = fields.String(required=True, allow_none=True, metadata={"description": "the partner it concerns"})
    detail = fields.Dict(required=True)
