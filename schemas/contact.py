"""A call, a visit, a chat on the wire: logged in one request with all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Moment, Schema, Shown, Text
from schemas.consent import CHANNELS as CONSENT_CHANNELS
from schemas.consent import ConsentStatement
from schemas.interaction import Interaction
from schemas.matter import Matter, OpenedMatter
from schemas.queue import ITEM_KINDS, SERVICE_POINTS, ItemPlan, QueueItem
from schemas.record import CHANNELS, DIRECTIONS, INTERACTION_KINDS, VISIBILITIES


class FollowUp(ItemPlan):
    """What is to be done next."""

    kind = fields.String(load_default="callback", validate=validate.OneOf(ITEM_KINDS))
    queue_id = fields.UUID(required=True)


class ContactRefusal(Schema):
    """That the customer does not want to be contacted any more."""

    purpose = Text(63, allow_none=True, load_default=None, metadata={"description": "null: for no purpose at all"})
    channel = fields.String(
        validate=validate.OneOf((*CONSENT_CHANNELS, "all")), metadata={"description": "left out: this one"}
    )
    audience = fields.String(
        load_default="all",
        validate=validate.OneOf(("all", "house")),
        metadata={"description": "by nobody, or not by the house"},
    )


class ContactInput(Schema):
    """A contact that was made, or tried."""

    customer_id = fields.UUID()
    phone = Text(64, metadata={"description": "instead of `customer_id`, where one customer has this number"})
    channel = fields.String(load_default="phone", validate=validate.OneOf(CHANNELS))
    direction = fields.String(load_default="in", validate=validate.OneOf(DIRECTIONS))
    service_point = fields.String(load_default="call_centre", validate=validate.OneOf(SERVICE_POINTS))
    kind = fields.String(load_default="inquiry", validate=validate.OneOf(INTERACTION_KINDS))
    started_at = Moment(metadata={"description": "left out: now"})
    ended_at = Moment(allow_none=True, load_default=None)
    agent = Text(200, metadata={"description": "of a telephone system; a person who is signed in is the agent"})
    contact_point = fields.UUID(metadata={"description": "id of the one that was used"})
    disposition = Text(63, required=True, metadata={"example": "no_answer"})
    subject = Text(300, allow_none=True, load_default=None)
    notes = Text(20_000, allow_none=True, load_default=None)
    satisfaction = fields.Integer(strict=True, allow_none=True, load_default=None, validate=validate.Range(1, 5))
    visibility = fields.String(load_default="internal", validate=validate.OneOf(VISIBILITIES))
    matter_id = fields.UUID(metadata={"description": "what it was about"})
    matter = fields.Nested(OpenedMatter, metadata={"description": "what it was about, opened with it"})
    item_id = fields.UUID(metadata={"description": "the work in a queue that it did; it is completed"})
    follow_up = fields.Nested(FollowUp)
    do_not_contact = fields.Nested(ContactRefusal)

    @validates_schema(skip_on_field_errors=True)
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("customer_id" in data) == ("phone" in data):
            raise ValidationError("Give customer_id or phone, one of them.", "customer_id")
        if "matter_id" in data and "matter" in data:
            raise ValidationError("It is about one matter.", "matter")
        if data["ended_at"] is not None and "started_at" in data and data["ended_at"] < data["started_at"]:
            raise ValidationError("Not before it began.", "ended_at")


class LoggedInteraction(Interaction):
    """The interaction that a contact has become."""


class LoggedMatter(Matter):
    """What a contact was about."""


class LoggedItem(QueueItem):
    """Work that a contact did, or that follows from it."""


class LoggedStatement(ConsentStatement):
    """What the customer said about being contacted."""


class Contact(Shown):
    """A logged contact with all that followed from it."""

    customer_id = fields.UUID(required=True)
    interaction = fields.Nested(LoggedInteraction, required=True)
    matter = fields.Nested(LoggedMatter, required=True, allow_none=True)
    item = fields.Nested(LoggedItem, required=True, allow_none=True)
    follow_up = fields.Nested(LoggedItem, required=True, allow_none=True)
    statement = fields.Nested(LoggedStatement, required=True, allow_none=True)
    ended_contact_point = fields.UUID(
        required=True, allow_none=True, metadata={"description": "it was a wrong number, and counts no more"}
    )
