"""When somebody is there, on the wire: the hours of a week, and the days that are otherwise."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Schema
from schemas.hours import Hours, HoursOfDay, check_zone

_MOST_SPANS, _MOST_SPECIAL_DAYS = 30, 200
_LEAST, _DAY = timedelta(minutes=30), timedelta(days=1)


def _check_day(text: str) -> None:
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise ValidationError("A day, such as 2026-10-29.")


def _check_days(days: list[dict[str, Any]]) -> None:
    if len({each["date"] for each in days}) < len(days):
        raise ValidationError("Each day once.")


class WeeklyHours(Hours):
    """Hours in which somebody is there."""

    @validates_schema
    def check_length(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse what is too short: whatever is promised in open time must come to an end."""
        since, until = (datetime.strptime(data[name], "%H:%M") for name in ("from", "until"))
        if (until - since) % _DAY < _LEAST and until != since:
            raise ValidationError("Half an hour at least.")


class SpecialDay(Schema):
    """A day with hours of its own; with none it is closed."""

    date = fields.String(required=True, validate=_check_day, metadata={"example": "2026-10-29"})
    hours = fields.List(fields.Nested(HoursOfDay), required=True, validate=validate.Length(max=_MOST_SPANS))


class OpeningHours(Schema):
    """Hours of the week by the clock of a time zone; they belong to the day on which they begin."""

    time_zone = fields.String(required=True, validate=check_zone, metadata={"example": "Europe/Istanbul"})
    hours = fields.List(fields.Nested(WeeklyHours), required=True, validate=validate.Length(1, _MOST_SPANS))
    special_days = fields.List(
        fields.Nested(SpecialDay),
        load_default=list,
        validate=[validate.Length(max=_MOST_SPECIAL_DAYS), _check_days],
        metadata={"description": "holidays and half days"},
    )
