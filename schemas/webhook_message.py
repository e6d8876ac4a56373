"""What was sent to endpoints, on the wire: messages, the attempts at them, and what can be asked for again."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Moment, Schema, Shown, Text
from schemas.page import PageQuery

STATUSES = ("pending", "held", "delivered", "exhausted", "cancelled", "expired")
OUTCOMES = ("delivered", "failed", "refused")
TRIGGERS = ("schedule", "resend", "recover", "replay", "test")
ATTEMPT_TRIGGERS = (*TRIGGERS, "probe")
_SINCE = {"description": "at or after this moment"}
_UNTIL = {"description": "before this moment"}


class _Span(PageQuery):
    since = Moment(metadata=_SINCE)
    until = Moment(metadata=_UNTIL)
    endpoint_id = fields.UUID()
    event_id = fields.UUID(metadata={"description": "the `webhook-id`"})
    customer_id = fields.UUID()


class MessageQuery(_Span):
    """Filters of messages; their time is that of the event."""

    status = fields.String(validate=validate.OneOf(STATUSES))
    type = Text(100, metadata={"example": "customer.updated"})
    failed = fields.Boolean(
        truthy={"true"}, falsy={"false"}, metadata={"description": "only what was tried in vain or given up"}
    )


class AttemptQuery(_Span):
    """Filters of attempts; their time is that of the try."""

    status = fields.String(validate=validate.OneOf(OUTCOMES))


class Message(Shown):
    """One event owed to one endpoint, and what became of it."""

    id = fields.UUID(required=True)
    endpoint_id = fields.UUID(required=True)
    event_id = fields.UUID(required=True, metadata={"description": "the `webhook-id`, the same at every try"})
    type = fields.String(required=True)
    customer_id = fields.UUID(required=True, allow_none=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "`held` while the endpoint is disabled, `expired` when that took too long"},
    )
    attempt_count = fields.Integer(
        required=True, metadata={"description": "tries since it was first sent or last sent again"}
    )
    trigger = fields.String(required=True, validate=validate.OneOf(TRIGGERS))
    next_attempt_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class Attempt(Shown):
    """One try to hand an event over."""

    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True, metadata={"description": "the `webhook-id` of the message"})
    endpoint_id = fields.UUID(required=True)
    attempted_at = fields.AwareDateTime(required=True)
    number = fields.Integer(required=True, metadata={"description": "of the schedule, from 1"})
    trigger = fields.String(
        required=True,
        validate=validate.OneOf(ATTEMPT_TRIGGERS),
        metadata={"description": "a `probe` finds out whether the endpoint answers again, due or not"},
    )
    url = fields.String(required=True)
    address = fields.String(required=True, allow_none=True, metadata={"description": "the address that was reached"})
    status = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    http_status = fields.Integer(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True, metadata={"example": "timeout"})
    duration_ms = fields.Integer(required=True)


class WholeAttempt(Attempt):
    """One try with what the receiver answered."""

    response_headers = fields.Dict(required=True, allow_none=True)
    response_body = fields.String(
        required=True, allow_none=True, metadata={"description": "its first 16 KiB; base64 where it is no UTF-8"}
    )
    is_base64 = fields.Boolean(required=True)


class MessageAttempt(WholeAttempt):
    """The same within its message."""


class WholeMessage(Message):
    """One message with its body and its newest attempts."""

    payload = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "the body, as you may see it now; null once it was removed, or must not be shown"},
    )
    attempts = fields.List(fields.Nested(MessageAttempt), required=True, metadata={"description": "the newest 50"})


class _Since(Schema):
    since = Moment(required=True, metadata=_SINCE)
    until = Moment(metadata=_UNTIL)

    @validates_schema
    def check_order(self, data: dict[str, object], **_: object) -> None:
        """A span that ends before it begins is a typing error."""
        if "until" in data and data["until"] <= data["since"]:  # type: ignore[operator]  # both are moments
            raise ValidationError("Later than `since`.", "until")


class RecoverInput(_Since):
    """From when on to send again what failed."""


class ReplayInput(_Since):
    """From when on to send what never arrived."""

    event_types = fields.List(
        Text(100),
        validate=validate.Length(1, 50),
        metadata={"description": "only these of what the endpoint asks for", "example": ["customer.*"]},
    )


class SampleInput(Schema):
    """Which event to send a sample of; by default the first that the endpoint asks for."""

    type = Text(100, metadata={"example": "customer.updated"})


class ExpungeInput(Schema):
    """Whose bodies and answers to remove: older than a moment, of a customer, of an endpoint, or all that holds."""

    before = Moment(metadata=_UNTIL)
    customer_id = fields.UUID()
    endpoint_id = fields.UUID()

    @validates_schema
    def check_any(self, data: dict[str, object], **_: object) -> None:
        """Without a condition everything would go."""
        if not data:
            raise ValidationError("Give `before`, `customer_id` or `endpoint_id`.")


class Resent(Shown):
    """One message that will be sent again."""

    event_id = fields.UUID(required=True)
