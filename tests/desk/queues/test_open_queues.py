"""A queue keeps its promise while it is open, and nobody is called back by a queue that is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.desk.queues import level, service
from gateway.desk.queues.models import Item
from tests.conftest import Api, Cast
from tests.desk.conftest import NOON, act, add_queue, made, put

TOMORROW = NOON.astimezone(ZoneInfo("Europe/Istanbul"))
MORNING = {"from": "10:00", "until": "12:30"}
HOUR = timedelta(hours=1)


def open_on(*days: datetime, **more: Any) -> dict[str, Any]:
    """Opening hours on the mornings of these days; else only in a far week."""
    special = [{"date": str((TOMORROW + timedelta(days=each)).date()), "hours": []} for each in range(-30, 60)]
    chosen = {str(each.date()) for each in days}
    closed = [each | {"hours": [MORNING]} if each["date"] in chosen else each for each in special]
    return {"time_zone": "Europe/Istanbul", "hours": [MORNING], "special_days": closed, **more}


@pytest.fixture
def morning(cast: Cast) -> str:
    """A queue that is open tomorrow and the day after, from 10:00 to 12:30 in Istanbul."""
    return add_queue(cast, "Sabah aramaları", opening_hours=open_on(TOMORROW, TOMORROW + timedelta(days=1)))


def callback(cast: Cast, queue: str, **more: Any) -> Any:
    asked = {"kind": "callback", "customer_id": str(cast.cem_id), "subject": "Sizi arayacağız", **more}
    return cast.ayse.post(f"/queues/{queue}/items", asked)


def as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


OPENS = TOMORROW.replace(hour=10)


def test_queue_shows_the_hours_it_was_given(cast: Cast, morning: str) -> None:
    shown = cast.ayse.get(f"/queues/{morning}").get_json()
    assert shown["opening_hours"] == open_on(TOMORROW, TOMORROW + timedelta(days=1))
    assert shown["level"]["closed_until"] == as_text(OPENS)


def test_same_hours_again_change_nothing(cast: Cast, morning: str) -> None:
    hours = cast.ayse.get(f"/queues/{morning}").get_json()["opening_hours"]
    again = cast.ayse.patch(f"/queues/{morning}", {"opening_hours": hours}, version=1)
    assert (again.status_code, again.get_json()["version"]) == (200, 1)


def test_queue_is_open_day_and_night_unless_it_is_said(cast: Cast, queue: str, morning: str) -> None:
    assert cast.ayse.get(f"/queues/{queue}").get_json()["level"]["closed_until"] is None
    opened = cast.ayse.patch(f"/queues/{morning}", {"opening_hours": None}, version=1).get_json()
    assert (opened["opening_hours"], opened["version"]) == (None, 2)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"time_zone": "Eskişehir"}, "/opening_hours/time_zone"),
        ({"hours": []}, "/opening_hours/hours"),
        ({"hours": [{"from": "09:00", "until": "25:00"}]}, "/opening_hours/hours/0/until"),
        ({"special_days": [{"date": "2026-02-30", "hours": []}]}, "/opening_hours/special_days/0/date"),
        ({"special_days": [{"date": "2026-10-29", "hours": []}] * 2}, "/opening_hours/special_days"),
        ({"special_days": [{"date": "2026-10-29"}]}, "/opening_hours/special_days/0/hours"),
    ],
)
def test_hours_that_make_no_sense_are_refused(cast: Cast, wrong: dict[str, Any], pointer: str) -> None:
    refused = cast.ayse.post("/queues", {"name": "Hatalı", "opening_hours": open_on(**wrong)})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_promise_runs_only_while_the_queue_is_open(cast: Cast, morning: str) -> None:
    due = [put(cast, morning, at=as_text(OPENS + offset))["due_at"] for offset in (-5 * HOUR, HOUR, 2 * HOUR)]
    assert due == [as_text(OPENS + HOUR), as_text(OPENS + 2 * HOUR), as_text(OPENS + timedelta(hours=24, minutes=30))]


def test_time_while_the_queue_was_closed_is_no_waiting(cast: Cast, morning: str, zeynep: Api) -> None:
    items = [put(cast, morning) for _ in range(2)]
    with transaction(Caller.system("test")) as tx:
        for item in items:
            kept = tx.session.get_one(Item, UUID(item["id"]))
            kept.waiting_since = kept.ready_at = now() - timedelta(days=20)
    act(zeynep, items[0], "claim")
    measured = cast.ayse.get(f"/queues/{morning}").get_json()["level"]
    assert (measured["in_time"], measured["missed"], measured["longest_wait_seconds"]) == (1, 0, 0)


@pytest.mark.parametrize(("after", "missed"), [(60, 0), (61, 1)])
def test_item_is_missed_once_the_queue_was_open_for_longer_than_its_target(
    cast: Cast, morning: str, after: int, missed: int
) -> None:
    put(cast, morning)
    with transaction(Caller.system("test")) as tx:
        kept = service.get(tx, UUID(morning))
        assert level.measure(tx, kept, 24, OPENS + timedelta(minutes=after))["missed"] == missed


def test_callback_outside_the_hours_is_refused_with_the_first_moment_within(cast: Cast, morning: str) -> None:
    refused = callback(cast, morning, at=as_text(OPENS + 4 * HOUR))
    (error,) = refused.get_json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "/at", "closed")
    assert as_text(OPENS + timedelta(days=1)) in error["message"]


def test_customers_wish_opens_no_queue(cast: Cast, morning: str) -> None:
    refused = callback(cast, morning, at=as_text(OPENS + 4 * HOUR), wished=True)
    assert refused.get_json()["errors"][0]["code"] == "closed"


def test_callback_without_an_hour_comes_once_the_queue_opens(cast: Cast, morning: str) -> None:
    planned = made(callback(cast, morning))
    assert (planned["ready_at"], planned["due_at"]) == (as_text(OPENS), as_text(OPENS + HOUR))


def test_refusal_names_a_moment_at_which_both_the_queue_and_the_customer_are_there(cast: Cast) -> None:
    night = {"time_zone": "Europe/Istanbul", "hours": [{"from": "20:00", "until": "10:00"}]}
    queue = add_queue(cast, "Gece vardiyası", opening_hours=night)
    midnight = TOMORROW.replace(hour=0)
    (error,) = callback(cast, queue, at=as_text(midnight)).get_json()["errors"]
    assert error["code"] == "quiet_hours"
    assert as_text(midnight.replace(hour=9)) in error["message"]


def test_callback_is_not_put_off_to_when_the_queue_is_closed(cast: Cast, morning: str, zeynep: Api) -> None:
    item = act(zeynep, made(callback(cast, morning)), "claim")
    refused = zeynep.post(f"/queue-items/{item['id']}/snooze", {"until": as_text(OPENS + 4 * HOUR)})
    assert (refused.get_json()["errors"][0]["pointer"], refused.get_json()["errors"][0]["code"]) == ("/until", "closed")


def test_callback_handed_to_a_closed_queue_waits_until_it_opens(
    cast: Cast, queue: str, morning: str, zeynep: Api
) -> None:
    item = act(zeynep, made(callback(cast, queue, wished=True)), "claim")
    handed = act(zeynep, item, "hand-over", queue_id=morning)
    assert (handed["ready_at"], handed["due_at"]) == (as_text(OPENS), as_text(OPENS + HOUR))
