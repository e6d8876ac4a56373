"""What a customer wants put right is decided field by field, stored as their word, and passed on."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Cast

MADE_UP = {"kind": "email", "value": "yeni@example.com", "verified_at": "2026-01-01T00:00:00Z"}
PROPOSED = {"family_name": "Işıklı", "birth_date": "1980-05-18"}


def asked(cast: Cast, fields: dict[str, Any] | None = None) -> str:
    wish = {"kind": "rectification", "note": "Soyadım yanlış", "wish": {"fields": fields or PROPOSED}}
    answer = cast.cem.post("/rights-requests", wish)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def decided(cast: Cast, case_id: str, accept: list[str], refuse: dict[str, str] | None = None) -> TestResponse:
    cast.ayse.post(f"/rights-requests/{case_id}/start")
    return cast.ayse.post(f"/rights-requests/{case_id}/decision", {"accept": accept, "refuse": refuse or {}})


def test_accepted_fields_are_applied_as_the_customers_word_and_refused_ones_are_not(cast: Cast) -> None:
    case_id = asked(cast)
    assert decided(cast, case_id, ["family_name"], {"birth_date": "Kimlikle uyuşmuyor"}).status_code == 200
    record = cast.ayse.get(f"/customers/{cast.cem_id}?include=sources").get_json()
    assert (record["family_name"], record["birth_date"]) == ("Işıklı", "1980-05-17")
    assert {each["field"]: each["source"] for each in record["sources"]}["family_name"] == "hub:internet"


def test_the_answer_tells_what_was_refused_and_to_whom_it_was_passed_on(cast: Cast) -> None:
    case_id = asked(cast)
    decided(cast, case_id, ["family_name"], {"birth_date": "Kimlikle uyuşmuyor"})
    case = cast.cem.get(f"/rights-requests/{case_id}").get_json()
    assert case["status"] == "completed"
    assert case["result"] == {
        "applied": ["family_name"],
        "refused": {"birth_date": "Kimlikle uyuşmuyor"},
        "passed_on_to": ["eskisehir"],
    }


def test_partners_that_may_not_see_the_field_are_not_named(cast: Cast) -> None:
    case_id = asked(cast, {"tax_id": "10000000146"})
    assert decided(cast, case_id, ["tax_id"]).get_json()["result"]["passed_on_to"] == []


def test_partners_are_not_named_while_the_customer_is_restricted(cast: Cast) -> None:
    case_id = asked(cast)
    restriction = cast.cem.post("/rights-requests", {"kind": "restriction"}).get_json()["id"]
    assert cast.ayse.post(f"/rights-requests/{restriction}/start").status_code == 200
    assert decided(cast, case_id, list(PROPOSED)).get_json()["result"]["passed_on_to"] == []


def test_every_field_is_decided_exactly_once(cast: Cast) -> None:
    answer = decided(cast, asked(cast), ["family_name"])
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "incomplete")
    assert cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["family_name"] == "Işık"


def test_nothing_is_decided_before_it_was_started_or_twice(cast: Cast) -> None:
    path = f"/rights-requests/{asked(cast)}/decision"
    everything = {"accept": list(PROPOSED)}
    assert cast.ayse.post(path, everything).get_json()["code"] == "case_state"
    cast.ayse.post(path.replace("decision", "start"))
    assert [cast.ayse.post(path, everything).status_code for _ in range(2)] == [200, 409]


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({}, "/wish"),
        ({"fields": {}}, "/wish"),
        ({"fields": {"internal_note": "x"}}, "/wish/fields/internal_note"),
        ({"fields": {"birth_date": "dün"}}, "/wish/fields/birth_date"),
        ({"fields": {"tax_id": "12345678901"}}, "/wish/fields/tax_id"),
        ({"fields": {"contact_points": [MADE_UP]}}, "/wish/fields/contact_points/0/verified_at"),
    ],
)
def test_what_cannot_be_stored_or_is_not_theirs_is_refused_at_once(
    cast: Cast, wish: dict[str, Any], pointer: str
) -> None:
    answer = cast.cem.post("/rights-requests", {"kind": "rectification", "wish": wish})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_new_contact_point_is_not_verified_by_it(cast: Cast) -> None:
    points = [{"kind": "email", "value": "yeni@example.com"}]
    assert decided(cast, asked(cast, {"contact_points": points}), ["contact_points"]).status_code == 200
    (point,) = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["contact_points"]
    assert (point["value"], point["verified_at"]) == ("yeni@example.com", None)


def test_another_kind_of_case_has_nothing_to_decide(cast: Cast) -> None:
    case_id = cast.cem.post("/rights-requests", {"kind": "restriction"}).get_json()["id"]
    assert cast.ayse.post(f"/rights-requests/{case_id}/decision", {"accept": []}).status_code == 404
