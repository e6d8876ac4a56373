"""Types of the house's own: registered inside, published inside, told to whom they are for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.db import new_id
from tests.conftest import Cast
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.events.test_polling import poll, types
from tests.webhooks.receiver import Receiver

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "car": {"type": "string", "minLength": 1},
        "plate": {"type": "string", "pattern": r"^\d{2} [A-Z]{1,3} \d{2,4}$"},
        "seats": {"$ref": "#/$defs/count"},
    },
    "required": ["car"],
    "additionalProperties": False,
    "$defs": {"count": {"type": "integer", "minimum": 1}},
}
RIDE = {"car": "Kırmızı sedan", "plate": "26 IŞ 35".replace("Ş", "S"), "seats": 5}
NAME = "showroom.test_drive.booked"
TYPE: dict[str, Any] = {
    "name": NAME, "description": "Deneme sürüşü için gün alındı.", "schema": SCHEMA, "example": RIDE,
    "channels": ["extranet"],
}  # fmt: skip


def register_type(cast: Cast, **differs: Any) -> dict[str, Any]:
    answer = cast.ayse.post("/event-types", {**TYPE, **differs})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def publish(cast: Cast, **said: Any) -> dict[str, Any]:
    answer = cast.ayse.post("/events", {"type": NAME, "data": RIDE, **said})
    assert answer.status_code == 202, answer.text
    return dict(answer.get_json())


def test_published_event_reaches_endpoints_that_ask_for_it(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    register_type(cast)
    register(cast.ayse, "showroom.*")
    event_id = publish(cast, occurred_at="2026-03-02T12:15:00+03:00")["id"]
    deliver()
    (message,) = receiver.messages
    assert (message.headers["webhook-id"], message.event_type, message.data) == (event_id, NAME, RIDE)


def test_only_partners_the_customer_is_shared_with_hear_of_it(cast: Cast) -> None:
    register_type(cast)
    publish(cast, customer_id=str(cast.cem_id))
    publish(cast)
    assert types(poll(cast.eskisehir, type="showroom.*")) == [NAME]
    assert poll(cast.ankara, type="showroom.*")["items"] == poll(cast.cem)["items"][1:] == []
    assert types(poll(cast.ayse, type="showroom.*")) == [NAME, NAME]


def test_type_of_the_inside_is_known_to_nobody_outside(cast: Cast) -> None:
    register_type(cast, channels=["intranet"])
    publish(cast, customer_id=str(cast.cem_id))
    assert NAME not in types(poll(cast.eskisehir))
    assert cast.eskisehir.get("/events", query_string={"type": NAME}).status_code == 400
    assert NAME not in cast.eskisehir.get("/event-types?limit=200").text


def test_repeat_under_one_key_publishes_once(cast: Cast) -> None:
    register_type(cast)
    key = {"Idempotency-Key": "deneme-1"}
    answers = [cast.ayse.post("/events", {"type": NAME, "data": RIDE}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(poll(cast.ayse, type=NAME)["items"]) == 1


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "/data"),
        ({**RIDE, "car": ""}, "/data/car"),
        ({**RIDE, "plate": "IS 26"}, "/data/plate"),
        ({**RIDE, "seats": 0}, "/data/seats"),
        ({**RIDE, "colour": "mavi"}, "/data"),
        ({"car": "x" * 70_000}, "/data"),
    ],
)
def test_data_the_schema_refuses_is_pointed_at(cast: Cast, data: dict[str, Any], pointer: str) -> None:
    register_type(cast)
    refused = cast.ayse.post("/events", {"type": NAME, "data": data})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)
    assert poll(cast.ayse, type=NAME)["items"] == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"type": "showroom.unknown"}, "/type"),
        ({"type": "customer.updated"}, "/type"),
        ({"customer_id": str(new_id())}, "/customer_id"),
        ({"occurred_at": "2126-01-01T00:00:00Z"}, "/occurred_at"),
    ],
)
def test_event_that_cannot_be_is_refused(cast: Cast, said: dict[str, Any], pointer: str) -> None:
    register_type(cast)
    refused = cast.ayse.post("/events", {"type": NAME, "data": RIDE, **said})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_nobody_outside_registers_or_publishes(cast: Cast) -> None:
    register_type(cast)
    for api in (cast.eskisehir, cast.cem):
        assert api.post("/events", {"type": NAME, "data": RIDE}).status_code in (404, 405)
        assert api.post("/event-types", {**TYPE, "name": "their.own"}).status_code in (404, 405)


def test_archived_type_is_published_no_more_and_what_was_stays(cast: Cast) -> None:
    version = register_type(cast)["version"]
    publish(cast)
    changed = cast.ayse.patch(f"/event-types/{NAME}", {"archived": True}, version)
    assert (changed.get_json()["deprecated"], changed.get_json()["version"]) == (True, version + 1)
    assert cast.ayse.post("/events", {"type": NAME, "data": RIDE}).status_code == 422
    assert NAME in types(poll(cast.ayse))


def test_change_needs_the_version_and_a_sound_example(cast: Cast) -> None:
    version = register_type(cast)["version"]
    address = f"/event-types/{NAME}"
    assert cast.ayse.patch(address, {"description": "Yeni"}).status_code == 428
    assert cast.ayse.patch(address, {"description": "Yeni"}, version + 7).status_code == 412
    refused = cast.ayse.patch(address, {"example": {"car": 5}}, version)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/example/car")
    assert cast.ayse.get(address).get_json()["example"] == RIDE


@pytest.mark.parametrize(
    "name", ["customer.vip", "webhook.mine", "sync.run.started", "single", "Büyük.harf", "a..b", ".a", "a.b\n", "a.*"]
)
def test_name_that_is_ours_or_none_is_refused(cast: Cast, name: str) -> None:
    refused = cast.ayse.post("/event-types", {**TYPE, "name": name})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/name")


def test_name_is_taken_once(cast: Cast) -> None:
    register_type(cast)
    again = cast.ayse.post("/event-types", TYPE)
    assert (again.status_code, again.get_json()["code"]) == (409, "event_type_taken")
