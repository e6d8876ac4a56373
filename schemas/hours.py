"""Hours of the day on the wire, with the weekdays on which they begin, and the zone whose clock shows them."""

from __future__ import annotations

from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, validate

from schemas.base import Schema

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOUR = validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="An hour of the day, such as 01:30.")


def check_zone(name: str) -> None:
    """Refuse what is no time zone of the IANA database."""
    if name not in available_timezones():
        raise ValidationError("No time zone of the IANA database, such as Europe/Istanbul.")


class HoursOfDay(Schema):
    """Hours of one day; `until` at or before `from` is on the next."""

    from_ = fields.String(required=True, data_key="from", attribute="from", validate=_HOUR)
    until = fields.String(required=True, validate=_HOUR)


class Hours(HoursOfDay):
    """Hours of the day; `until` at or before `from` is on the next day."""

    days = fields.List(
        fields.String(validate=validate.OneOf(WEEKDAYS)),
        validate=validate.Length(min=1, max=len(WEEKDAYS)),
        metadata={"description": "weekdays on which the hours begin; every day unless given"},
    )
