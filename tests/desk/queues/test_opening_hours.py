"""Open time: what is promised in it ends when so much of it has passed, on any calendar and any clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from gateway.desk.queues.opening_hours import ALWAYS, OpeningHours
from gateway.validation import load
from schemas.hours import WEEKDAYS
from schemas.opening_hours import OpeningHours as Written

OFFICE = {"from": "09:00", "until": "18:00", "days": ["mon", "tue", "wed", "thu", "fri"]}
NIGHT = {"from": "22:00", "until": "06:00"}
HALF_DAY, HOLIDAY = {"date": "2026-10-28", "hours": [{"from": "09:00", "until": "13:00"}]}, {"date": "2026-10-29"}
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)


def hours(*weekly: dict[str, Any], zone: str = "Europe/Istanbul", special: tuple[Any, ...] = ()) -> OpeningHours:
    days = [{"hours": [], **day} for day in special]
    return OpeningHours.read(load(Written, {"time_zone": zone, "hours": [*weekly], "special_days": days}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("since", "minutes", "until"),
    [
        ("2026-03-02T09:00+03:00", 60, "2026-03-02T10:00+03:00"),
        ("2026-03-02T17:30+03:00", 60, "2026-03-03T09:30+03:00"),
        ("2026-03-06T17:30+03:00", 60, "2026-03-09T09:30+03:00"),
        ("2026-03-07T12:00+03:00", 540, "2026-03-09T18:00+03:00"),
        ("2026-10-28T12:30+03:00", 60, "2026-10-30T09:30+03:00"),
        ("2026-03-07T12:00+03:00", 0, "2026-03-07T12:00+03:00"),
    ],
)
def test_promise_is_kept_within_office_hours(since: str, minutes: int, until: str) -> None:
    office = hours(OFFICE, special=(HALF_DAY, HOLIDAY))
    assert office.after(at(since), timedelta(minutes=minutes)) == at(until)


def test_night_shift_is_an_hour_longer_when_the_clock_is_put_back() -> None:
    shift = hours(NIGHT, zone="Europe/Berlin")
    nights = [(at(f"2026-10-{day}T12:00+02:00"), at(f"2026-10-{day + 1}T12:00+01:00")) for day in (23, 24)]
    assert [shift.between(*night) for night in nights] == [timedelta(hours=8), timedelta(hours=9)]


def test_hours_that_the_clock_skips_end_the_walk_for_nobody() -> None:
    skipped = hours({"from": "02:30", "until": "03:15", "days": ["sun"]}, zone="Europe/Berlin")
    assert skipped.opens(at("2026-03-29T00:00+01:00")) == at("2026-04-05T02:30+02:00")


def test_who_came_after_closing_has_waited_no_longer_than_who_came_at_opening() -> None:
    assert hours(OFFICE).before(at("2026-03-09T10:00+03:00"), timedelta(hours=1)) == at("2026-03-06T18:00+03:00")


def test_hours_that_overlap_count_once() -> None:
    double = hours(OFFICE, {"from": "08:00", "until": "12:00"}, {"from": "11:00", "until": "20:00"})
    assert double.between(at("2026-03-02T00:00+03:00"), at("2026-03-03T00:00+03:00")) == timedelta(hours=12)


@pytest.mark.parametrize("shortest", [{"from": "09:00", "until": "09:29"}, {"from": "23:50", "until": "00:10"}])
def test_hours_too_short_to_keep_a_promise_in_are_refused(shortest: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="Half an hour"):
        Written().load({"time_zone": "Europe/Istanbul", "hours": [shortest]})


CLOCK = st.integers(5 * 4, 24 * 4 - 1).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True)
WEEKLY: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({"from": CLOCK, "until": CLOCK, "days": DAYS})
# Around the days on which each clock is put on or back, where it is.
CHANGES = {
    "Europe/Istanbul": date(2026, 3, 29),
    "Europe/Berlin": date(2026, 3, 29),
    "America/New_York": date(2026, 11, 1),
}


def is_long(weekly: dict[str, Any]) -> bool:
    """Whether hours are long enough to be taken."""
    begins, ends = (int(weekly[name][:2]) for name in ("from", "until"))
    return (ends - begins) % 24 > 1


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """Opening hours in wire form, and a quarter of an hour in the week in which the clock changes."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    days = draw(st.lists(st.integers(-6, 9), max_size=4, unique=True))
    of_day = st.lists(st.fixed_dictionaries({"from": CLOCK, "until": CLOCK}), max_size=2)
    special = [{"date": str(CHANGES[zone] + day * DAY), "hours": draw(of_day)} for day in days]
    written = {
        "time_zone": zone,
        "hours": draw(st.lists(WEEKLY.filter(is_long), min_size=1, max_size=4)),
        "special_days": special,
    }
    midnight = datetime(*CHANGES[zone].timetuple()[:3], tzinfo=UTC) - 3 * DAY
    return written, midnight + draw(st.integers(0, 7 * 24 * 4)) * QUARTER


def is_open(written: dict[str, Any], moment: datetime) -> bool:
    """What the clock on the wall says, told another way."""
    local = moment.astimezone(OpeningHours.read(written).zone).replace(tzinfo=None)
    special = {each["date"]: each["hours"] for each in written["special_days"]}
    for day in (local.date() - DAY, local.date()):
        weekly = [each for each in written["hours"] if WEEKDAYS[day.weekday()] in each["days"]]
        for each in special.get(str(day), weekly):
            begins, ends = (datetime.fromisoformat(f"{day} {each[name]}") for name in ("from", "until"))
            if begins <= local < (ends if ends > begins else ends + DAY):
                return True
    return False


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(1, 96))
def test_open_time_is_what_the_clock_on_the_wall_says(calendar: tuple[dict[str, Any], datetime], quarters: int) -> None:
    written, since = calendar
    counted = sum(is_open(written, since + each * QUARTER) for each in range(quarters)) * QUARTER
    assert OpeningHours.read(written).between(since, since + quarters * QUARTER) == counted


@settings(max_examples=100, deadline=None)
@given(calendars(), st.integers(1, 100 * 3600))
def test_promise_ends_when_so_much_open_time_has_passed(
    calendar: tuple[dict[str, Any], datetime], seconds: int
) -> None:
    opening, since, promised = OpeningHours.read(calendar[0]), calendar[1], timedelta(seconds=seconds)
    until = opening.after(since, promised)
    assert opening.between(since, until) == promised
    assert opening.between(since, until - timedelta(seconds=1)) == promised - timedelta(seconds=1)


@settings(max_examples=100, deadline=None)
@given(calendars(), st.integers(1, 100 * 3600))
def test_who_came_before_has_waited_longer_and_nobody_else(
    calendar: tuple[dict[str, Any], datetime], target: int
) -> None:
    opening, until, promised = OpeningHours.read(calendar[0]), calendar[1], timedelta(seconds=target)
    late = opening.before(until, promised)
    assert opening.between(late, until) == promised
    assert opening.between(late - timedelta(seconds=1), until) > promised


@settings(max_examples=50, deadline=None)
@given(calendars())
def test_it_opens_at_the_first_open_moment(calendar: tuple[dict[str, Any], datetime]) -> None:
    written, moment = calendar
    opens = OpeningHours.read(written).opens(moment)
    assert is_open(written, opens)
    assert OpeningHours.read(written).between(moment, opens) == timedelta()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(0, 30 * 86_400))
def test_who_says_nothing_is_open_day_and_night(since: datetime, seconds: int) -> None:
    moment, promised = since.replace(tzinfo=UTC), timedelta(seconds=seconds)
    assert ALWAYS.after(moment, promised) == moment + promised
    assert (ALWAYS.opens(moment), ALWAYS.between(moment, moment + promised)) == (moment, promised)
