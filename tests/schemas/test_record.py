"""The shape of partners' records: what is accepted, what is refused, and where the fault is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from schemas.record import CustomerRecord, InteractionRecord

PERSON = {"external_id": "ESK-1", "kind": "person", "given_name": "Işıl"}
CALL = {
    "external_id": "I-1",
    "customer_external_id": "ESK-1",
    "channel": "phone",
    "kind": "inquiry",
    "direction": "in",
}


def test_times_arrive_as_utc() -> None:
    times = ["2026-01-01T03:00:00+03:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"]
    loaded = {CustomerRecord().load({**PERSON, "updated_at": each})["updated_at"] for each in times}
    assert loaded == {dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}


def test_what_a_partner_sends_beyond_the_shape_is_ignored() -> None:
    assert CustomerRecord().load({**PERSON, "şube": 4}) == PERSON


def test_null_list_is_an_empty_one() -> None:
    loaded = CustomerRecord().load({**PERSON, "contact_points": None, "attributes": None})
    assert (loaded["contact_points"], loaded["attributes"]) == ([], {})


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": None}, "external_id"),
        ({"kind": "robot"}, "kind"),
        ({"given_name": "  "}, "given_name"),
        ({"given_name": "a\x00b"}, "given_name"),
        ({"given_name": "\ud800"}, "given_name"),
        ({"given_name": "x" * 101}, "given_name"),
        ({"kind": "organisation"}, "organisation_name"),
        ({"birth_date": "2026-02-30"}, "birth_date"),
        ({"updated_at": "0001-01-01T00:00:00+03:00"}, "updated_at"),
        ({"updated_at": 5}, "updated_at"),
        ({"contact_points": [{"kind": "email"}]}, "contact_points"),
        ({"contact_points": [{"kind": "address", "value": "x"}]}, "contact_points"),
        ({"identifiers": [{"system": "sap"}]}, "identifiers"),
        ({"attributes": {"a": float("nan")}}, "attributes"),
        ({"attributes": {"a": {"b": ["\x00"]}}}, "attributes"),
        ({"attributes": {"\ud800": 1}}, "attributes"),
    ],
)
def test_bad_customer_is_refused_where_it_is_bad(fields: dict[str, Any], where: str) -> None:
    assert list(CustomerRecord().validate({**PERSON, **fields})) == [where]


def test_attributes_may_not_be_a_bottomless_pit() -> None:
    pit: Any = "x"
    for _ in range(5000):
        pit = [pit]
    assert CustomerRecord().validate({**PERSON, "attributes": {"a": pit}})


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"customer_external_id": None}, "customer_external_id"),
        ({"channel": "fax"}, "channel"),
        ({"satisfaction": 6}, "satisfaction"),
        ({"satisfaction": 4.5}, "satisfaction"),
        ({"amount": {"value": "NaN", "currency": "TRY"}}, "amount"),
        ({"amount": {"value": "1e15", "currency": "TRY"}}, "amount"),
        ({"amount": {"value": "1", "currency": "try"}}, "amount"),
        ({"products": [{"quantity": "çok"}]}, "products"),
    ],
)
def test_bad_interaction_is_refused_where_it_is_bad(fields: dict[str, Any], where: str) -> None:
    assert list(InteractionRecord().validate({**CALL, **fields})) == [where]


def test_amounts_stay_exact() -> None:
    loaded = InteractionRecord().load({**CALL, "amount": {"value": "1234567.89", "currency": "TRY"}})
    assert InteractionRecord().dump(loaded)["amount"] == {"value": "1234567.89", "currency": "TRY"}
