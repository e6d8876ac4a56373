"""Whoever has an item puts it off, hands it over, or ends it; all of it can be read afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, Cast
from tests.desk.conftest import MIDNIGHT, NOON, act, add_queue, made, put, take


@pytest.fixture
def item(cast: Cast, queue: str, zeynep: Api) -> dict[str, Any]:
    """An item that Zeynep has claimed."""
    return act(zeynep, put(cast, queue), "claim")


def test_snoozed_item_waits_for_its_hour(item: dict[str, Any], queue: str, zeynep: Api) -> None:
    snoozed = act(zeynep, item, "snooze", until=NOON.isoformat())
    assert (snoozed["status"], snoozed["claimed_by"]) == ("waiting", None)
    assert snoozed["ready_at"] == NOON.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert take(zeynep, queue) is None


def test_item_is_not_snoozed_into_the_past(item: dict[str, Any], zeynep: Api) -> None:
    refused = zeynep.post(f"/queue-items/{item['id']}/snooze", {"until": "2020-01-01T00:00:00Z"})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/until")


def test_released_item_is_given_to_the_next(item: dict[str, Any], queue: str, zeynep: Api, selin: Api) -> None:
    act(zeynep, item, "release")
    assert (take(selin, queue) or {})["id"] == item["id"]


def test_item_handed_to_a_person_is_theirs_alone(item: dict[str, Any], queue: str, zeynep: Api, selin: Api) -> None:
    act(zeynep, item, "hand-over", assigned_to="selin", note="Filoyu o biliyor")
    assert take(zeynep, queue) is None
    assert (take(selin, queue) or {})["id"] == item["id"]


def test_item_handed_to_another_queue_waits_there_anew(cast: Cast, item: dict[str, Any], zeynep: Api) -> None:
    other = add_queue(cast, "Hasar", target_seconds=60)
    handed = act(zeynep, item, "hand-over", queue_id=other, note="Hasar işi")
    assert (handed["queue_id"], handed["status"]) == (other, "waiting")
    assert (take(zeynep, other) or {})["id"] == item["id"]


def test_item_is_handed_to_somebody_who_is_there(item: dict[str, Any], zeynep: Api) -> None:
    for said in ({"assigned_to": "kimse"}, {"assigned_to": "cem"}, {"queue_id": item["id"]}, {}):
        assert zeynep.post(f"/queue-items/{item['id']}/hand-over", said).status_code == 422, said


@pytest.mark.parametrize("action", ["snooze", "release", "hand-over", "complete"])
def test_item_of_another_is_left_alone(item: dict[str, Any], selin: Api, action: str) -> None:
    said = {"snooze": {"until": NOON.isoformat()}, "complete": {"outcome": "x"}, "hand-over": {"assigned_to": "selin"}}
    refused = selin.post(f"/queue-items/{item['id']}/{action}", said.get(action))
    assert (refused.status_code, refused.get_json()["code"]) == (409, "item_not_free")


def test_completed_item_is_done_for_good(item: dict[str, Any], queue: str, zeynep: Api, selin: Api) -> None:
    done = act(zeynep, item, "complete", outcome="ulaşıldı", note="Teklifi kabul etti")
    assert (done["status"], done["outcome"]) == ("done", "ulaşıldı")
    assert take(selin, queue) is None
    assert selin.post(f"/queue-items/{item['id']}/claim").status_code == 409


def test_all_that_was_done_can_be_read(item: dict[str, Any], zeynep: Api, selin: Api) -> None:
    act(zeynep, item, "hand-over", assigned_to="selin", note="Filoyu o biliyor")
    act(selin, item, "claim")
    act(selin, item, "complete", outcome="ulaşıldı")
    steps = zeynep.get(f"/queue-items/{item['id']}").get_json()["steps"]
    assert [(each["actor"][:11], each["action"]) for each in steps[1:]] == [
        ("user:zeynep", "claimed"),
        ("user:zeynep", "handed_over"),
        ("user:selin", "claimed"),
        ("user:selin", "completed"),
    ]


def callback(cast: Cast, queue: str, **more: Any) -> Any:
    """The answer to a callback to Cem."""
    asked = {"kind": "callback", "customer_id": str(cast.cem_id), "subject": "Sizi arayacağız", **more}
    return cast.ayse.post(f"/queues/{queue}/items", asked)


def test_callback_at_noon_knows_the_number_to_call(cast: Cast, queue: str) -> None:
    planned = made(callback(cast, queue, at=NOON.isoformat()))
    points = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["contact_points"]
    assert planned["contact_point"] == next(each["id"] for each in points if each["kind"] == "phone")


def test_callback_in_quiet_hours_is_refused_with_the_first_moment_it_may_be(cast: Cast, queue: str) -> None:
    (error,) = callback(cast, queue, at=MIDNIGHT.isoformat()).get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/at", "quiet_hours")
    assert "T06:00:00Z" in error["message"]


def test_callback_at_night_that_the_customer_wished_is_flagged(cast: Cast, queue: str) -> None:
    planned = made(callback(cast, queue, at=MIDNIGHT.isoformat(), wished=True))
    assert [each["code"] for each in planned["against"]] == ["quiet_hours"]


@pytest.mark.parametrize("wished", [False, True])
def test_customer_who_must_not_be_called_is_never_called_back(cast: Cast, queue: str, wished: bool) -> None:
    said = {"decision": "withdrawn", "channel": "phone"}
    assert cast.ayse.post(f"/customers/{cast.cem_id}/consents", said).status_code == 201
    refused = callback(cast, queue, at=NOON.isoformat(), wished=wished)
    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, "withdrawn")


def test_callback_is_not_put_off_into_the_night(cast: Cast, queue: str, zeynep: Api) -> None:
    item = act(zeynep, made(callback(cast, queue, wished=True)), "claim")
    refused = zeynep.post(f"/queue-items/{item['id']}/snooze", {"until": MIDNIGHT.isoformat()})
    assert refused.get_json()["errors"][0]["code"] == "quiet_hours"


def test_taken_callback_says_what_stands_against_it_by_then(cast: Cast, queue: str, zeynep: Api) -> None:
    item = made(callback(cast, queue, wished=True))
    cast.ayse.post(f"/customers/{cast.cem_id}/consents", {"decision": "withdrawn", "channel": "phone"})
    assert "withdrawn" in [each["code"] for each in act(zeynep, item, "claim")["against"]]


@pytest.mark.parametrize("path", ["/queue-items", "/queue-items/{id}"])
def test_customer_sees_that_work_about_them_was_looked_at(cast: Cast, queue: str, zeynep: Api, path: str) -> None:
    item = put(cast, queue)
    assert zeynep.get(path.format(**item)).status_code == 200
    seen = cast.cem.get("/access-log").get_json()["items"]
    assert [(each["role"], each["what"]) for each in seen] == [("agent", "desk")]
