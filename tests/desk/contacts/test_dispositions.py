"""How contacts may end is the house's own list."""

from __future__ import annotations

from tests.conftest import Api, Cast
from tests.desk.conftest import made

BOOKED = {"code": "test_drive_booked", "english": "Test drive booked", "turkish": "Deneme sürüşü alındı"}


def test_there_are_some_to_begin_with(cast: Cast) -> None:
    codes = [each["code"] for each in cast.ayse.get("/dispositions").get_json()["items"]]
    assert {"reached", "no_answer", "busy", "wrong_number", "refused", "callback_requested", "solved"} <= set(codes)


def test_house_adds_its_own(cast: Cast) -> None:
    made(cast.ayse.post("/dispositions", BOOKED))
    said = {"disposition": "test_drive_booked", "customer_id": str(cast.cem_id)}
    assert made(cast.ayse.post("/contacts", said))["interaction"]["outcome"] == "test_drive_booked"


def test_code_stands_once(cast: Cast) -> None:
    made(cast.ayse.post("/dispositions", BOOKED))
    for taken in (BOOKED, {**BOOKED, "code": "busy"}):
        assert cast.ayse.post("/dispositions", taken).get_json()["code"] == "disposition_code_taken"


def test_brought_one_can_be_ended(cast: Cast) -> None:
    made(cast.ayse.patch("/dispositions/busy", {"archived": True}, version=0), 200)
    refused = cast.ayse.post("/contacts", {"disposition": "busy", "customer_id": str(cast.cem_id)})
    assert refused.get_json()["errors"][0]["code"] == "archived"


def test_agent_changes_no_disposition(zeynep: Api) -> None:
    assert zeynep.get("/dispositions").status_code == 200
    assert zeynep.post("/dispositions", BOOKED).status_code == 403
