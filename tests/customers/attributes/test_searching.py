"""Customers are listed by attributes that are searchable: what they hold now, what they held before, as far as seen."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gateway.customers.attributes import jobs
from tests.conftest import Api, Cast
from tests.customers.attributes.test_attributes import PERSON, declare
from tests.customers.attributes.test_visibility import grant
from tests.sync.conftest import rows
from tests.transfers.files import bring, start

WAITING = "SELECT name FROM attribute_definitions WHERE is_searchable AND keyed_at IS NULL"
KEYS = "SELECT name, value FROM attribute_keys ORDER BY 1, 2"


def search_by(cast: Cast, name: str, **declared: Any) -> None:
    """Declare an attribute as searchable, and let the background catch up."""
    declare(cast, **{"name": name, "type": "string", "is_searchable": True, **declared})
    catch_up()


def catch_up() -> None:
    """Have upkeep catch up, which may have to wait for whatever else goes on in the server."""
    until = time.monotonic() + 30
    while rows(WAITING) and time.monotonic() < until:
        jobs.key_attributes()


def found(api: Api, **asked: str) -> list[str]:
    """The given names of those who are listed."""
    answer = api.get("/customers", query_string={f"attributes.{name}": value for name, value in asked.items()})
    assert answer.status_code == 200, answer.text
    return sorted(each["given_name"] for each in answer.get_json()["items"])


def add(api: Api, given_name: str, **attributes: Any) -> None:
    answer = api.post("/customers", {**PERSON, "given_name": given_name, "attributes": attributes})
    assert answer.status_code == 201, answer.text


def test_what_was_held_before_and_what_is_written_since_is_found(cast: Cast) -> None:
    add(cast.ayse, "Su", renk="açık mavi")
    search_by(cast, "renk")
    add(cast.ayse, "Işıl", renk="açık mavi")
    add(cast.ayse, "Can", renk="Açık mavi")
    assert found(cast.ayse, renk="açık mavi") == ["Işıl", "Su"]
    assert found(cast.ayse, renk="yok") == []


@pytest.mark.parametrize(
    ("kind", "held", "asked"),
    [
        ({"type": "integer"}, 42, "42"),
        ({"type": "number"}, 42, "42.0"),
        ({"type": "number"}, 12.5, "12.50"),
        ({"type": "number"}, -0.0, "0"),
        ({"type": "number"}, 1e-7, "0.0000001"),
        ({"type": "number"}, 1.5e300, "1.5e300"),
        ({"type": "number"}, 9007199254740993, "9007199254740993"),
        ({"type": "boolean"}, True, "true"),
        ({"type": "date"}, "2026-05-17", "2026-05-17"),
        ({"type": "list"}, ["a", "b"], "b"),
        ({"type": "enum", "choices": ["sedan", "suv"]}, "suv", "suv"),
    ],
)
def test_each_type_is_found_as_it_is_written(cast: Cast, kind: dict[str, Any], held: Any, asked: str) -> None:
    search_by(cast, "x", **kind)
    add(cast.ayse, "Su", x=held)
    add(cast.ayse, "Can")
    assert found(cast.ayse, x=asked) == ["Su"]


def test_a_changed_value_is_found_and_the_old_one_is_not(cast: Cast) -> None:
    search_by(cast, "body_type")
    assert found(cast.ayse, body_type="sedan") == ["Cem"]
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"attributes": {"body_type": "suv"}}, version=1)
    assert (found(cast.ayse, body_type="sedan"), found(cast.ayse, body_type="suv")) == ([], ["Cem"])
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"attributes": {"body_type": None}}, version=2)
    assert rows(KEYS) == []


def test_several_attributes_hold_together_and_beside_text(cast: Cast) -> None:
    search_by(cast, "renk")
    search_by(cast, "beden")
    add(cast.ayse, "Su", renk="mavi", beden="S")
    add(cast.ayse, "Can", renk="mavi", beden="M")
    assert found(cast.ayse, renk="mavi", beden="M") == ["Can"]
    for sort in ({}, {"sort": "display_name"}):
        query = {"q": "su", "attributes.renk": "mavi", **sort}
        items = cast.ayse.get("/customers", query_string=query).get_json()["items"]
        assert [each["given_name"] for each in items] == ["Su"]


@pytest.mark.parametrize("name", ["gizli", "derece", "plan", "yok", "", "a.b"])
def test_nobody_lists_by_what_they_do_not_see_or_what_is_not_searchable(cast: Cast, name: str) -> None:
    search_by(cast, "gizli", visible_on=[], writable_on=[])
    search_by(cast, "derece", is_by_agreement=True)
    declare(cast, name="plan", type="string")
    answer = cast.eskisehir.get(f"/customers?attributes.{name}=x")
    refused = {"parameter": f"attributes.{name}", "code": "unknown_field", "message": "Unknown field."}
    assert (answer.status_code, answer.get_json()["errors"]) == (400, [refused])


def test_partner_lists_by_what_is_granted_and_finds_only_its_own(cast: Cast) -> None:
    search_by(cast, "derece", is_by_agreement=True)
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"attributes": {"derece": "altın"}}, version=1)
    add(cast.ayse, "Su", derece="altın")
    grant(cast, "attributes.derece")
    assert found(cast.eskisehir, derece="altın") == ["Cem"]
    assert cast.ankara.get("/customers?attributes.derece=x").status_code == 400


def test_no_list_is_asked_by_all_attributes_at_once(cast: Cast) -> None:
    answer = cast.ayse.get("/customers?attributes=renk")
    assert answer.get_json()["errors"][0] == {
        "parameter": "attributes", "code": "unknown_field", "message": "Unknown field.",
    }  # fmt: skip


def test_import_writes_what_is_searched_for(cast: Cast) -> None:
    search_by(cast, "renk")
    received = bring(cast.ankara, "Ad;attribute.renk\nSu;mor\n")
    start(cast.ankara, received["id"], on_match="create")
    assert found(cast.ayse, renk="mor") == found(cast.ankara, renk="mor") == ["Su"]


def test_what_is_no_longer_searchable_leaves_no_rows_and_can_be_again(cast: Cast) -> None:
    search_by(cast, "body_type")
    cast.ayse.patch("/attributes/body_type", {"is_searchable": False}, version=1)
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"attributes": {"body_type": "suv"}}, version=1)
    jobs.key_attributes()
    assert rows(KEYS) == []
    cast.ayse.patch("/attributes/body_type", {"is_searchable": True}, version=2)
    assert cast.ayse.get("/customers?attributes.body_type=suv").status_code == 400, "not before all are caught up on"
    catch_up()
    assert found(cast.ayse, body_type="suv") == ["Cem"]


def test_documents_show_what_customers_are_listed_by(cast: Cast) -> None:
    def parameters(channel: str) -> list[str]:
        document = cast.ayse.client.get(f"/{channel}/openapi.json").get_json()
        named = [each["name"] for each in document["paths"]["/customers"]["get"]["parameters"]]
        return [name for name in named if name.startswith("attributes")]

    assert parameters("intranet") == []
    search_by(cast, "renk", visible_on=["extranet"])
    assert [parameters(channel) for channel in ("intranet", "extranet", "internet")] == [["attributes.renk"]] * 2 + [[]]


def test_value_too_long_for_an_index_is_kept(cast: Cast) -> None:
    search_by(cast, "renk")
    add(cast.ayse, "Su", renk="ş" * 5000)
    assert found(cast.ayse, renk="ş" * 200) == ["Su"]
