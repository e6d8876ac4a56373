"""Quiet hours on a clock that is put on and back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.consent.rules.hours import Span, first_open

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
NIGHT = Span.read({"from": "21:00", "until": "09:00"})
SUNDAY = Span.read({"from": "00:00", "until": "00:00", "days": ["sun"], "channels": ["phone"]})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-03-02T20:59:59+03:00", "2026-03-02T20:59:59+03:00"),
        ("2026-03-02T21:00:00+03:00", "2026-03-03T09:00:00+03:00"),
        ("2026-03-03T00:30:00+03:00", "2026-03-03T09:00:00+03:00"),
        ("2026-03-03T09:00:00+03:00", "2026-03-03T09:00:00+03:00"),
    ],
)
def test_night_ends_in_the_morning_of_the_customers_clock(moment: str, opens: str) -> None:
    assert first_open([NIGHT], "phone", at(moment), ISTANBUL) == at(opens)


def test_spans_that_follow_each_other_are_one() -> None:
    saturday_night = at("2026-03-07T22:00:00+03:00")
    assert first_open([NIGHT, SUNDAY], "phone", saturday_night, ISTANBUL) == at("2026-03-09T09:00:00+03:00")
    assert first_open([NIGHT, SUNDAY], "email", saturday_night, ISTANBUL) == at("2026-03-08T09:00:00+03:00")


def test_days_are_those_on_which_hours_begin() -> None:
    friday_night = Span.read({"from": "22:00", "until": "06:00", "days": ["fri"]})
    assert first_open([friday_night], "sms", at("2026-03-07T05:00:00+03:00"), ISTANBUL) == at("2026-03-07T06:00+03:00")
    assert first_open([friday_night], "sms", at("2026-03-08T05:00:00+03:00"), ISTANBUL) == at("2026-03-08T05:00+03:00")


def test_hour_that_comes_twice_is_quiet_twice() -> None:
    early = Span.read({"from": "01:00", "until": "02:30"})
    assert first_open([early], "phone", at("2026-10-25T02:15:00+02:00"), BERLIN) == at("2026-10-25T02:30:00+01:00")


def test_hour_that_never_comes_ends_nothing_too_early() -> None:
    early = Span.read({"from": "01:00", "until": "02:30"})
    opens = first_open([early], "phone", at("2026-03-29T01:30:00+01:00"), BERLIN)
    assert opens is not None
    assert at("2026-03-29T03:00:00+02:00") <= opens <= at("2026-03-29T03:30:00+02:00")


def test_who_is_never_to_be_contacted_has_no_moment() -> None:
    always = Span.read({"from": "00:00", "until": "00:00"})
    assert first_open([always], "phone", at("2026-03-02T12:00:00+03:00"), ISTANBUL) is None
