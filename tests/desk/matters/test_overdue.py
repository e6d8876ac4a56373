"""Time passes for a matter, but not while it waits for its customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.desk.matters import deadlines, overdue, placing
from tests.conftest import Api, Cast
from tests.desk.conftest import add_queue, take
from tests.desk.matters.conftest import change, note, open_matter, whole

OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def escalated(after: timedelta) -> int:
    with transaction(Caller.system("test")) as tx:
        return overdue.escalate(tx, now() + after)


def closed(after: timedelta) -> int:
    with transaction(Caller.system("test")) as tx:
        return overdue.close_solved(tx, now() + after)


@pytest.mark.parametrize(("priority", "hours"), [(0, (1, 8)), (1, (4, 24)), (2, (8, 72)), (3, (24, 168))])
def test_urgency_decides_the_time_there_is(priority: int, hours: tuple[int, int]) -> None:
    assert deadlines.of(priority, OPENED) == tuple(OPENED + timedelta(hours=each) for each in hours)


def test_deadline_does_not_run_while_it_is_paused() -> None:
    assert deadlines.paused(OPENED, OPENED, OPENED + timedelta(hours=3)) == OPENED + timedelta(hours=3)


def test_late_matter_becomes_more_urgent_once(cast: Cast, queue: str, zeynep: Api) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=queue)
    assert [escalated(timedelta(hours=9)) for _ in range(2)] == [1, 0]
    assert whole(cast.ayse, matter)["priority"] == "high"
    assert (take(zeynep, queue) or {})["priority"] == "high"


def test_matter_in_time_is_left_alone(cast: Cast, matter: dict[str, Any]) -> None:
    assert escalated(timedelta(hours=7)) == 0
    note(cast.ayse, matter, "Yarın getiriyoruz", visibility="shared")
    assert escalated(timedelta(hours=9)) == 0
    assert escalated(timedelta(hours=73)) == 1


def test_matter_that_waits_for_its_customer_is_not_late(cast: Cast, matter: dict[str, Any]) -> None:
    change(cast.ayse, matter, status="pending")
    assert escalated(timedelta(days=30)) == 0


def test_late_ones_are_listed(cast: Cast, matter: dict[str, Any]) -> None:
    late = open_matter(cast.ayse, cast, due_at="2026-01-01T00:00:00Z")
    shown = cast.ayse.get("/matters?late=true").get_json()["items"]
    assert [each["id"] for each in shown] == [late["id"]]


def test_solved_matter_is_closed_after_a_week(cast: Cast, matter: dict[str, Any]) -> None:
    change(cast.ayse, matter, status="solved")
    assert [closed(timedelta(days=each)) for each in (6, 8)] == [0, 1]
    assert whole(cast.ayse, matter)["status"] == "closed"


def test_matter_opened_on_the_web_comes_to_the_queue_that_takes_it(cast: Cast, queue: str, zeynep: Api) -> None:
    web = add_queue(cast, "Web talepleri", service_points=["web", "app"])
    matter = open_matter(cast.cem, cast)
    open_matter(cast.eskisehir, cast)
    assert [place(), place()] == [1, 0]
    assert (take(zeynep, web) or {})["matter_id"] == matter["id"]


def place() -> int:
    with transaction(Caller.system("test")) as tx:
        return placing.place(tx, now())


def test_matter_that_its_customer_opens_again_is_worked_on_again(cast: Cast, queue: str, zeynep: Api) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=queue)
    change(cast.ayse, matter, status="solved")
    note(cast.cem, matter, "Hâlâ gelmedi")
    assert take(zeynep, queue) is None
    assert place() == 1
    assert (take(zeynep, queue) or {})["matter_id"] == matter["id"]


def test_matter_that_its_partner_settled_is_worked_on_no_more(cast: Cast, queue: str, zeynep: Api) -> None:
    matter = open_matter(cast.ayse, cast, queue_id=queue, partner="eskisehir")
    change(cast.eskisehir, matter, status="solved")
    assert place() == 0
    assert take(zeynep, queue) is None
