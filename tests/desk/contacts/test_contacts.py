"""A contact is logged in one request with all that follows from it, whichever desk it was at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, Cast
from tests.desk.conftest import NOON, act, employee, made, put, take

PHONE = "0532 123 45 67"


def log(api: Api, cast: Cast, disposition: str = "reached", **more: Any) -> Any:
    """The answer to a logged contact with Cem."""
    whose = {} if "phone" in more else {"customer_id": str(cast.cem_id)}
    return api.post("/contacts", {"disposition": disposition, **whose, **more})


def interactions(cast: Cast) -> list[dict[str, Any]]:
    return list(cast.ayse.get("/interactions").get_json()["items"])


def points(cast: Cast) -> dict[str, dict[str, Any]]:
    shown = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["contact_points"]
    return {each["kind"]: each for each in shown}


def test_call_becomes_an_interaction_of_whoever_took_it(cast: Cast, zeynep: Api) -> None:
    times = {"started_at": "2026-03-02T10:00:00Z", "ended_at": "2026-03-02T10:04:30Z"}
    made(log(zeynep, cast, notes="Işıklar çalışmıyor", phone=PHONE, **times))
    (call,) = interactions(cast)
    assert (call["agent"], call["outcome"], call["body"]) == ("zeynep", "reached", "Işıklar çalışmıyor")
    about = {"service_point": "call_centre", "disposition": "reached", "duration_seconds": 270}
    assert (call["channel"], call["attributes"]) == ("phone", about)


@pytest.mark.parametrize(
    ("channel", "point"), [("store", "branch"), ("chat", "web"), ("email", "call_centre"), ("visit", "field")]
)
def test_other_desks_log_the_same_way(cast: Cast, zeynep: Api, channel: str, point: str) -> None:
    logged = made(log(zeynep, cast, channel=channel, service_point=point))["interaction"]
    assert (logged["channel"], logged["attributes"]["service_point"]) == (channel, point)


def test_contact_is_logged_once_under_its_key(cast: Cast, zeynep: Api) -> None:
    said = {"disposition": "reached", "customer_id": str(cast.cem_id)}
    answers = [zeynep.post("/contacts", said, headers={"Idempotency-Key": "cagri-1"}) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(interactions(cast)) == 1


def test_matter_is_opened_with_the_call(cast: Cast, zeynep: Api) -> None:
    logged = made(log(zeynep, cast, matter={"subject": "Teslimat gecikti", "kind": "complaint"}))
    whole = cast.ayse.get(f"/matters/{logged['matter']['id']}").get_json()
    assert (whole["subject"], [each["id"] for each in whole["interactions"]]) == (
        "Teslimat gecikti",
        [logged["interaction"]["id"]],
    )


def test_second_call_belongs_to_the_same_matter(cast: Cast, zeynep: Api) -> None:
    matter = made(log(zeynep, cast, matter={"subject": "Teslimat gecikti"}))["matter"]
    made(log(zeynep, cast, matter_id=matter["id"]))
    assert len(cast.ayse.get(f"/matters/{matter['id']}").get_json()["interactions"]) == 2


def test_follow_up_waits_in_its_queue(cast: Cast, queue: str, zeynep: Api) -> None:
    plan = {"queue_id": queue, "subject": "Teklifi sorun", "at": NOON.isoformat(), "priority": "high"}
    logged = made(log(zeynep, cast, "callback_requested", follow_up=plan, matter={"subject": "Teklif"}))
    item = logged["follow_up"]
    assert (item["kind"], item["status"], item["matter_id"]) == ("callback", "waiting", logged["matter"]["id"])


def test_callback_that_was_asked_for_has_to_be_planned(cast: Cast, zeynep: Api) -> None:
    refused = log(zeynep, cast, "callback_requested")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/follow_up")


def test_call_completes_the_work_it_did(cast: Cast, queue: str, zeynep: Api) -> None:
    item = act(zeynep, put(cast, queue), "claim")
    done = made(log(zeynep, cast, "no_answer", item_id=item["id"]))["item"]
    assert (done["status"], done["outcome"]) == ("done", "no_answer")
    assert take(zeynep, queue) is None


def test_wrong_number_counts_no_more(cast: Cast, zeynep: Api) -> None:
    phone = points(cast)["phone"]["id"]
    logged = made(log(zeynep, cast, "wrong_number", phone=PHONE))
    assert logged["ended_contact_point"] == phone
    assert points(cast)["phone"]["valid_until"] is not None
    assert points(cast)["email"]["valid_until"] is None


def test_nobody_is_called_back_at_a_wrong_number(cast: Cast, queue: str, zeynep: Api) -> None:
    plan = {"queue_id": queue, "subject": "Arayın", "at": NOON.isoformat()}
    refused = log(zeynep, cast, "wrong_number", phone=PHONE, follow_up=plan)
    assert refused.get_json()["errors"][0] == {
        "pointer": "/follow_up/at",
        "code": "no_contact_point",
        "message": "The customer has no contact point for this channel.",
    }
    assert (points(cast)["phone"]["valid_until"], interactions(cast)) == (None, [])


@pytest.mark.parametrize(("disposition", "more"), [("do_not_call", {}), ("reached", {"do_not_contact": {}})])
def test_wish_for_no_more_calls_is_a_word_about_consent(
    cast: Cast, zeynep: Api, disposition: str, more: dict[str, Any]
) -> None:
    logged = made(log(zeynep, cast, disposition, notes="Beni bir daha aramayın", **more))
    (said,) = cast.ayse.get(f"/customers/{cast.cem_id}/consents").get_json()["items"]
    assert said["id"] == logged["statement"]["id"]
    assert (said["decision"], said["channel"], said["purpose"], said["source"]) == ("withdrawn", "phone", None, "call")
    assert said["evidence"] == {
        "text": "Beni bir daha aramayın",
        "reference": f"interaction:{logged['interaction']['id']}",
    }


def test_no_callback_is_planned_against_the_word_just_given(cast: Cast, queue: str, zeynep: Api) -> None:
    plan = {"queue_id": queue, "subject": "Arayın", "at": NOON.isoformat(), "wished": True}
    refused = log(zeynep, cast, "do_not_call", follow_up=plan)
    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, "withdrawn")


def test_nothing_stays_of_a_contact_that_is_refused(cast: Cast, queue: str, zeynep: Api) -> None:
    plan = {"queue_id": queue, "kind": "follow_up", "subject": "Arayın", "assigned_to": "kimse"}
    refused = log(zeynep, cast, "do_not_call", matter={"subject": "Teklif"}, follow_up=plan)
    assert refused.get_json()["errors"][0]["pointer"] == "/follow_up/assigned_to"
    assert (interactions(cast), cast.ayse.get("/matters").get_json()["items"]) == ([], [])


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"phone": "05559999999"}, "/phone"),
        ({"phone": "anonim"}, "/phone"),
        ({"disposition": "uçtu"}, "/disposition"),
        ({"matter_id": "01890000-0000-7000-8000-000000000000", "matter": {"subject": "x"}}, "/matter"),
        ({"started_at": "2026-03-02T10:00:00Z", "ended_at": "2026-03-02T09:00:00Z"}, "/ended_at"),
        ({"disposition": "wrong_number", "contact_point": "01890000-0000-7000-8000-000000000000"}, "/contact_point"),
    ],
)
def test_contact_that_cannot_be_is_refused(cast: Cast, zeynep: Api, said: dict[str, Any], pointer: str) -> None:
    refused = log(zeynep, cast, **said)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_number_that_two_have_asks_for_the_customer(cast: Cast, zeynep: Api) -> None:
    twin = {"kind": "person", "given_name": "Can", "contact_points": [{"kind": "phone", "value": PHONE}]}
    assert cast.ayse.post("/customers", twin).status_code == 201
    assert log(zeynep, cast, phone=PHONE).get_json()["errors"][0]["code"] == "several"


def test_phone_leads_nobody_to_a_customer_who_may_read_none(cast: Cast) -> None:
    blind = employee(cast, "gül", granted=frozenset({"interactions:write"}))
    assert [log(blind, cast, phone=number).status_code for number in (PHONE, "+905559998877")] == [403, 403]


def test_contact_leads_to_nothing_its_scopes_do_not_reach(cast: Cast, queue: str) -> None:
    weak = employee(cast, "ece", granted=frozenset({"interactions:write", "customers:read"}))
    made(log(weak, cast))
    plan = {"queue_id": queue, "kind": "follow_up", "subject": "Arayın"}
    parts: list[dict[str, Any]] = [{"follow_up": plan}, {"matter": {"subject": "x"}}, {"do_not_contact": {}}]
    for said in parts:
        assert log(weak, cast, **said).status_code == 403, said
    for disposition in ("do_not_call", "wrong_number"):
        assert log(weak, cast, disposition).status_code == 403
