"""Interactions through the three doors."""

from typing import Any
from uuid import uuid4

import pytest

from gateway.interactions.service import ALL, changed_fields
from tests.conftest import Cast


def call_of(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"customer_id": str(cast.cem_id), "channel": "phone", "kind": "inquiry", "direction": "in", **more}


def test_partner_records_an_interaction_and_reads_it_back(cast: Cast) -> None:
    money = {"value": "1250000.5", "currency": "TRY"}
    line = {"sku": "SDN-1", "name": "Sedan", "quantity": "1", "unit_price": "1250000.50"}
    answer = cast.eskisehir.post("/interactions", call_of(cast, subject="Fiyat sorusu", amount=money, products=[line]))
    assert answer.status_code == 201
    shown = cast.eskisehir.get(answer.headers["Location"]).get_json()
    assert shown == answer.get_json()
    assert (shown["partner"], shown["visibility"], shown["amount"]["value"]) == ("eskisehir", "partner", "1250000.50")
    assert "unit_cost" not in shown["products"][0]


def test_interaction_with_an_unseen_customer_is_a_404(cast: Cast) -> None:
    hidden = cast.ankara.post("/interactions", call_of(cast))
    absent = cast.ankara.post("/interactions", {**call_of(cast), "customer_id": str(uuid4())})
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert {**hidden.get_json(), "request_id": ""} == {**absent.get_json(), "request_id": ""}


@pytest.mark.parametrize(
    ("visibility", "seen_by"), [("internal", "ayse"), ("partner", "ayse"), ("shared", "ayse ankara eskisehir cem")]
)
def test_visibility_decides_who_sees_an_employees_interaction(cast: Cast, visibility: str, seen_by: str) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    made = cast.ayse.post("/interactions", call_of(cast, visibility=visibility)).get_json()["id"]
    expected = set(seen_by.split()) | ({"cem"} if visibility != "internal" else set())
    apis = {name: getattr(cast, name) for name in ("ayse", "ankara", "eskisehir", "cem")}
    assert {name for name, api in apis.items() if api.get(f"/interactions/{made}").status_code == 200} == expected
    assert {name for name, api in apis.items() if api.get("/interactions").get_json()["items"]} == expected


def test_partners_own_word_is_seen_by_it_and_inside_alone(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    made = cast.eskisehir.post("/interactions", call_of(cast)).get_json()["id"]
    assert cast.ankara.get(f"/interactions/{made}").status_code == 404
    assert cast.ayse.get(f"/interactions/{made}").status_code == 200


def test_partner_loses_its_interactions_with_the_customer(cast: Cast) -> None:
    made = cast.eskisehir.post("/interactions", call_of(cast)).get_json()["id"]
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    assert cast.eskisehir.get(f"/interactions/{made}").status_code == 404
    assert cast.eskisehir.get("/interactions").get_json()["items"] == []


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"visibility": "internal"}, "/visibility"),
        ({"cost": {"value": "1", "currency": "TRY"}}, "/cost"),
        ({"products": [{"name": "x", "unit_cost": "1"}]}, "/products/0/unit_cost"),
        ({"satisfaction": 6}, "/satisfaction"),
        ({"satisfaction": "5"}, "/satisfaction"),
        ({"amount": {"value": "1e99", "currency": "TRY"}}, "/amount/value"),
        ({"amount": {"value": "1.00001", "currency": "TRY"}}, "/amount/value"),
        ({"amount": {"value": "1"}}, "/amount/currency"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "/occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at"),
        ({"partner": "ankara"}, "/partner"),
        ({"channel": "fax"}, "/channel"),
    ],
)
def test_wrong_content_is_refused_and_named(cast: Cast, more: dict[str, Any], pointer: str) -> None:
    answer = cast.eskisehir.post("/interactions", call_of(cast, **more))
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]


def test_cost_is_for_the_inside_alone(cast: Cast) -> None:
    body = call_of(
        cast,
        visibility="shared",
        cost={"value": 900, "currency": "TRY"},
        products=[{"name": "Sedan", "unit_cost": "900"}],
    )
    made = cast.ayse.post("/interactions", body).get_json()
    assert (made["cost"]["value"], made["products"][0]["unit_cost"]) == ("900.00", "900")
    for api in (cast.eskisehir, cast.cem):
        shown = api.get(f"/interactions/{made['id']}").get_json()
        assert "cost" not in shown
        assert "unit_cost" not in shown["products"][0]


def test_partner_corrects_only_its_own_interactions(cast: Cast) -> None:
    own = cast.eskisehir.post("/interactions", call_of(cast)).get_json()["id"]
    other = cast.ayse.post("/interactions", call_of(cast, visibility="shared")).get_json()["id"]
    changed = cast.eskisehir.patch(f"/interactions/{own}", {"outcome": "çözüldü"}, version=1)
    assert (changed.status_code, changed.get_json()["outcome"], changed.get_json()["version"]) == (200, "çözüldü", 2)
    assert cast.eskisehir.patch(f"/interactions/{other}", {"outcome": "x"}, version=1).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("channel=phone", 2),
        ("kind=complaint", 1),
        ("direction=out", 0),
        ("occurred_from=2026-02-01T00:00:00Z", 1),
        ("occurred_to=2026-02-01T00:00:00Z", 1),
        ("q=sanziman", 1),
        ("q=ŞANZIMAN SES", 1),
        ("q=anziman", 0),
        ("updated_since=2100-01-01T00:00:00Z", 0),
    ],
)
def test_list_is_filtered(cast: Cast, query: str, count: int) -> None:
    cast.eskisehir.post("/interactions", call_of(cast, occurred_at="2026-01-05T09:00:00+03:00"))
    cast.eskisehir.post(
        "/interactions",
        call_of(cast, kind="complaint", body="Şanzıman ses yapıyor", occurred_at="2026-03-05T09:00:00+03:00"),
    )
    for api in (cast.eskisehir, cast.ayse, cast.cem):
        assert len(api.get(f"/interactions?{query}").get_json()["items"]) == count


def test_newest_interactions_can_be_included(cast: Cast) -> None:
    for day in range(1, 26):
        cast.eskisehir.post("/interactions", call_of(cast, occurred_at=f"2026-01-{day:02}T00:00:00Z"))
    included = cast.eskisehir.get(f"/customers/{cast.cem_id}?include=interactions").get_json()["interactions"]
    assert [each["occurred_at"][8:10] for each in included] == [f"{day:02}" for day in range(25, 5, -1)]


def test_customer_records_an_interaction_about_themselves(cast: Cast) -> None:
    answer = cast.cem.post("/interactions", {**call_of(cast), "channel": "web", "subject": "Randevu"})
    assert answer.status_code == 201
    assert answer.get_json()["partner"] is None
    assert cast.cem.get(answer.headers["Location"]).status_code == 200


def test_change_of_cost_alone_counts_as_what_only_the_inside_has() -> None:
    line = {"sku": "SDN-1", "name": "Sedan", "quantity": "1", "unit_price": "900", "unit_cost": "800"}
    cheaper = {**line, "unit_cost": "700"}
    old, new = ({"products": [each]} | dict.fromkeys(set(ALL) - {"products"}) for each in (line, cheaper))
    assert changed_fields(old, new) == ["products.unit_cost"]
