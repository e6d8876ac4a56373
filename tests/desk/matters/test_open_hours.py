"""A matter's time runs while its queue is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.desk.matters import deadlines, placing
from gateway.desk.matters.models import Matter
from gateway.desk.queues.opening_hours import OpeningHours
from tests.conftest import Cast
from tests.desk.conftest import add_queue
from tests.desk.matters.conftest import change, note, open_matter, whole

NORMAL = 2
SHORT = {"time_zone": "Europe/Istanbul", "hours": [{"from": "10:00", "until": "11:00"}], "special_days": []}
"""An hour a day, so that what is promised in hours takes days."""


@pytest.fixture
def short(cast: Cast) -> str:
    """A queue that is open for an hour a day, and takes what is opened on the web."""
    return add_queue(cast, "Web talepleri", service_points=["web", "app"], opening_hours=SHORT)


def moments(matter: dict[str, Any], *names: str) -> list[datetime]:
    return [datetime.fromisoformat(matter[name]) for name in names]


def open_time(since: datetime, until: datetime) -> timedelta:
    """In whole seconds, as moments are shown."""
    return timedelta(seconds=round(OpeningHours.read(SHORT).between(since, until).total_seconds()))


def test_deadlines_of_a_matter_in_a_queue_count_its_hours(cast: Cast, short: str) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=short)
    opened, first, last = moments(matter, "opened_at", "first_response_due_at", "due_at")
    assert [open_time(opened, each) for each in (first, last)] == [timedelta(hours=8), timedelta(hours=72)]


def test_matter_of_no_queue_runs_day_and_night(cast: Cast, short: str) -> None:
    opened, last = moments(open_matter(cast.ayse, cast), "opened_at", "due_at")
    assert last - opened == timedelta(hours=72)


def test_matter_that_comes_to_a_queue_by_itself_counts_its_hours(cast: Cast, short: str) -> None:
    matter = open_matter(cast.cem, cast)
    with transaction(Caller.system("test")) as tx:
        assert placing.place(tx, now()) == 1
    opened, last = moments(whole(cast.ayse, matter), "opened_at", "due_at")
    assert (open_time(opened, last), whole(cast.ayse, matter)["version"]) == (timedelta(hours=72), 2)


def test_matter_that_moves_counts_the_hours_of_where_it_goes(cast: Cast, queue: str, short: str) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=queue)
    opened, last = moments(change(cast.ayse, matter, queue_id=short), "opened_at", "due_at")
    assert open_time(opened, last) == timedelta(hours=72)


def test_time_that_was_set_by_hand_stands_wherever_the_matter_goes(cast: Cast, queue: str, short: str) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=queue, due_at="2031-01-01T10:00:00Z")
    assert change(cast.ayse, matter, queue_id=short)["due_at"] == "2031-01-01T10:00:00Z"


def test_no_deadline_is_missed_by_moving(cast: Cast, queue: str, short: str) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=short)
    opened = now() - timedelta(days=7)
    with transaction(Caller.system("test")) as tx:
        kept, by = (
            tx.session.get_one(Matter, UUID(matter["id"])),
            deadlines.of(NORMAL, opened, OpeningHours.read(SHORT)),
        )
        kept.opened_at, kept.first_response_due_at, kept.due_at = opened, *by
    before = now()
    (last,) = moments(change(cast.ayse, matter, queue_id=queue), "due_at")
    assert last >= before - timedelta(seconds=1)


def test_customers_own_word_starts_the_clock_in_the_hours_of_the_queue(cast: Cast, short: str) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=short)
    change(cast.ayse, matter, status="solved")
    note(cast.cem, matter, "Hâlâ gelmedi")
    again, last = moments(whole(cast.ayse, matter), "updated_at", "due_at")
    assert open_time(again, last) == timedelta(hours=72)


def test_waiting_for_the_customer_puts_a_deadline_off_by_the_open_time_that_passed() -> None:
    opening, since = OpeningHours.read(SHORT), datetime.fromisoformat("2026-03-02T12:00:00+03:00")
    due = since + timedelta(days=5)
    paused = deadlines.paused(due, since, since + timedelta(days=3), opening)
    assert opening.between(due, paused) == timedelta(hours=3)
