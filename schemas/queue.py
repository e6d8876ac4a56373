"""Queues of the desk and the work that waits in them, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.base import Flag, Moment, Schema, Shown, Text
from schemas.consent_decision import Reason
from schemas.opening_hours import OpeningHours
from schemas.page import PageQuery

PRIORITIES = ("urgent", "high", "normal", "low")
ITEM_KINDS = ("callback", "follow_up", "matter", "referral")
ITEM_STATUSES = ("waiting", "claimed", "done")
SERVICE_POINTS = ("call_centre", "branch", "dealer", "field", "web", "app")
CALL_CHANNELS = ("phone", "sms", "email", "chat", "visit")
STEPS = ("added", "claimed", "renewed", "snoozed", "released", "handed_over", "completed", "lapsed", "raised")
_SKILL = validate.Regexp(r"^\w[\w-]{0,39}\Z", error="A word of letters, digits, _ and -, 40 at most.")
_WHO = {"description": "the username of an employee; nobody else is given it", "example": "zeynep"}


def skills() -> fields.List[Any]:
    """A list of skills: what an item needs, or what somebody has."""
    return fields.List(
        fields.String(validate=_SKILL),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"example": ["ingilizce", "hasar"]},
    )


class QueuePatch(Schema):
    """What may be changed of a queue."""

    name = Text(100, required=True, metadata={"example": "Geri aramalar"})
    team = Text(100, allow_none=True, load_default=None, metadata={"description": "who works on it"})
    target_seconds = fields.Integer(
        strict=True,
        load_default=3600,
        validate=validate.Range(1, 2_592_000),
        metadata={"description": "within which an item is to be taken"},
    )
    target_percent = fields.Integer(
        strict=True,
        load_default=80,
        validate=validate.Range(1, 100),
        metadata={"description": "of the items, for the service level to be met"},
    )
    lease_minutes = fields.Integer(
        strict=True,
        load_default=30,
        validate=validate.Range(1, 1440),
        metadata={"description": "after which an item goes back that nobody said anything about"},
    )
    service_points = fields.List(
        fields.String(validate=validate.OneOf(SERVICE_POINTS)),
        load_default=list,
        metadata={"description": "matters that are opened there come here by themselves"},
    )
    opening_hours = fields.Nested(
        OpeningHours,
        allow_none=True,
        load_default=None,
        metadata={"description": "in which promised time runs and callbacks are made; null: day and night"},
    )
    archived = Flag(attribute="is_archived", load_default=False, metadata={"description": "it takes no new items"})


class QueueInput(QueuePatch):
    """A new queue."""


class ServiceLevel(Shown):
    """How a queue has kept its promise in a window of time, and what stands in it now."""

    window_hours = fields.Integer(required=True)
    answered = fields.Integer(required=True, metadata={"description": "items taken for the first time"})
    in_time = fields.Integer(required=True, metadata={"description": "of these, within the target"})
    missed = fields.Integer(required=True, metadata={"description": "items still waiting whose target has passed"})
    percent = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "`in_time` of `answered` and `missed`; null where there was nothing"},
    )
    met = fields.Boolean(required=True, allow_none=True)
    waiting = fields.Integer(required=True, metadata={"description": "items that can be taken now"})
    snoozed = fields.Integer(required=True, metadata={"description": "items whose time is still to come"})
    claimed = fields.Integer(required=True)
    longest_wait_seconds = fields.Integer(
        required=True, metadata={"description": "of those that can be taken now; while the queue was open"}
    )
    closed_until = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "null while open"})


class Queue(Shown):
    """A queue."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    team = fields.String(required=True, allow_none=True)
    target_seconds = fields.Integer(required=True)
    target_percent = fields.Integer(required=True)
    lease_minutes = fields.Integer(required=True)
    service_points = fields.List(fields.String(), required=True)
    opening_hours = fields.Nested(OpeningHours, required=True, allow_none=True)
    archived = fields.Boolean(required=True, attribute="is_archived")
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class MeasuredQueue(Queue):
    """A queue with its service level."""

    level = fields.Nested(ServiceLevel, required=True)


class QueueQuery(Schema):
    """The window that is measured."""

    window_hours = fields.Integer(load_default=24, validate=validate.Range(1, 744))


class QueueListQuery(PageQuery):
    """Nothing to filter by: there are few."""


class ItemPlan(Schema):
    """When and by whom work is to be done."""

    subject = Text(300, required=True, metadata={"example": "Teklif için geri arayın"})
    note = Text(4000, allow_none=True, load_default=None)
    priority = fields.String(load_default="normal", validate=validate.OneOf(PRIORITIES))
    skills = skills()
    at = Moment(
        metadata={"description": "not before; of a callback: when to call. Left out: now, or when the queue opens"}
    )
    due_at = Moment(metadata={"description": "left out: as the queue's target says"})
    assigned_to = Text(100, allow_none=True, load_default=None, metadata=_WHO)
    channel = fields.String(
        load_default="phone",
        validate=validate.OneOf(CALL_CHANNELS),
        metadata={"description": "of a callback: through what the customer is reached"},
    )
    contact_point = fields.UUID(metadata={"description": "of a callback: the one to use; left out: the best"})
    purpose = Text(63, load_default="service", metadata={"description": "of a callback: code of a purpose"})
    wished = Flag(
        load_default=False,
        metadata={"description": "the customer asked for this hour: quiet hours and caps are noted, not obeyed"},
    )


class ItemInput(ItemPlan):
    """New work."""

    kind = fields.String(required=True, validate=validate.OneOf(ITEM_KINDS))
    customer_id = fields.UUID(required=True)
    matter_id = fields.UUID(metadata={"description": "the matter it is for"})


class NextInput(Schema):
    """What whoever asks for work can do."""

    skills = skills()


class WordInput(Schema):
    """A word to go with it."""

    note = Text(4000, allow_none=True, load_default=None)


class SnoozeInput(WordInput):
    """Until when an item is put off."""

    until = Moment(required=True)
    wished = Flag(load_default=False, metadata={"description": "of a callback: the customer asked for this hour"})


class HandOverInput(WordInput):
    """To whom an item goes: a queue, a person, or a person in a queue."""

    queue_id = fields.UUID(metadata={"description": "left out: it stays in its queue"})
    assigned_to = Text(100, allow_none=True, load_default=None, metadata=_WHO)


class CompleteInput(WordInput):
    """How it ended."""

    outcome = Text(200, required=True, metadata={"example": "reached"})


class ItemStep(Shown):
    """One thing that was done with an item."""

    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(STEPS))
    queue_id = fields.UUID(required=True)
    note = fields.String(required=True, allow_none=True)


class FlaggedReason(Reason):
    """What stood against a callback when it was last looked at, though it was taken down."""


class QueueItem(Shown):
    """Work that waits for somebody, is being done, or was done."""

    id = fields.UUID(required=True)
    queue_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(ITEM_KINDS))
    status = fields.String(required=True, validate=validate.OneOf(ITEM_STATUSES))
    customer_id = fields.UUID(required=True)
    matter_id = fields.UUID(required=True, allow_none=True)
    subject = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    skills = fields.List(fields.String(), required=True)
    ready_at = fields.AwareDateTime(required=True, metadata={"description": "from when on it can be taken"})
    due_at = fields.AwareDateTime(required=True, metadata={"description": "by when it is to be taken"})
    assigned_to = fields.String(required=True, allow_none=True, metadata={"description": "user:…"})
    claimed_by = fields.String(required=True, allow_none=True)
    leased_until = fields.AwareDateTime(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    contact_point = fields.UUID(required=True, allow_none=True)
    purpose = fields.String(required=True, allow_none=True)
    against = fields.List(
        fields.Nested(FlaggedReason), required=True, metadata={"description": "what stands against a callback"}
    )
    outcome = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)


class ItemWithSteps(QueueItem):
    """The same with all that was done."""

    steps = fields.List(fields.Nested(ItemStep), required=True)


class ItemQuery(PageQuery):
    """Filters of work, what is due first first."""

    status = fields.String(validate=validate.OneOf(ITEM_STATUSES))
    kind = fields.String(validate=validate.OneOf(ITEM_KINDS))
    queue_id = fields.UUID()
    customer_id = fields.UUID()
    matter_id = fields.UUID()
    claimed_by = Text(200, metadata={"description": "user:… or client:…"})
