"""When a link runs by itself, on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Flag, Schema
from schemas.hours import Hours, check_zone
from schemas.sync import INTERVAL

_MOST_BLACKOUTS = 20
_FIVE_FIELDS = validate.Regexp(
    r"^[0-9A-Za-z*/,#-]{1,50}( [0-9A-Za-z*/,#-]{1,50}){4}\Z",
    error="Five fields, one space between: minute, hour, day of month, month, day of week.",
)


class Blackout(Hours):
    """Hours in which nothing starts by itself; `until` at or before `from` is on the next day."""


class ScheduleInput(Schema):
    """A new schedule: `interval_seconds` or `cron`, never both."""

    interval_seconds = fields.Integer(strict=True, allow_none=True, validate=INTERVAL)
    cron = fields.String(allow_none=True, validate=_FIVE_FIELDS, metadata={"example": "30 3 * * mon-fri"})
    time_zone = fields.String(validate=check_zone, metadata={"example": "Europe/Istanbul"})
    blackout = fields.List(fields.Nested(Blackout), validate=validate.Length(max=_MOST_BLACKOUTS))
    catch_up = fields.String(
        validate=validate.OneOf(("once", "skip", "all")),
        metadata={"description": "missed slots: one run for all of them, none, or one each (the newest hundred)"},
    )
    mode = fields.String(validate=validate.OneOf(("normal", "full")))
    is_enabled = Flag()


class SchedulePatch(ScheduleInput):
    """What may be changed of a schedule: all of it; giving one of the two rules ends the other."""


class Schedule(Schema):
    """When a link runs by itself. The default one is what the link's own `interval_seconds` stands for."""

    id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    is_default = fields.Boolean(required=True)
    interval_seconds = fields.Integer(required=True, allow_none=True)
    cron = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True)
    blackout = fields.List(fields.Nested(Blackout), required=True)
    catch_up = fields.String(required=True)
    mode = fields.String(required=True)
    is_enabled = fields.Boolean(required=True)
    next_slots = fields.List(
        fields.AwareDateTime(), required=True, metadata={"description": "the next five; none while disabled"}
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class Slot(Schema):
    """One slot that was dealt with; `passed_over` counts the missed ones it stands for."""

    slot_at = fields.AwareDateTime(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("started", "joined", "passed")))
    run_id = fields.UUID(required=True, allow_none=True)
    passed_over = fields.Integer(required=True)
    taken_at = fields.AwareDateTime(required=True)
