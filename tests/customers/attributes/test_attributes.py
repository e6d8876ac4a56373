"""Declared attributes: checked wherever somebody writes, at once, and shown in the documents."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.customers.attributes.values import Definition
from tests.conftest import Api, Cast
from tests.transfers.files import bring, customers, start

TITLES = {"title_en": "Body type", "title_tr": "Kasa tipi"}
BODY = {"name": "body", **TITLES, "type": "enum", "choices": ["sedan", "suv"]}
PERSON = {"kind": "person", "given_name": "Işıl"}


def declare(cast: Cast, **declared: Any) -> None:
    """Declare an attribute."""
    answer = cast.ayse.post("/attributes", {**TITLES, **declared})
    assert answer.status_code == 201, answer.text


def refusals(api: Api, attributes: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a customer that has these attributes."""
    answer = api.post("/customers", {**PERSON, "attributes": attributes})
    assert answer.status_code in (201, 422), answer.text
    return [(each["pointer"], each["code"]) for each in answer.get_json().get("errors", [])]


def test_declared_attribute_is_checked_for_everybody_who_writes(cast: Cast) -> None:
    assert refusals(cast.ankara, {"body": "truck"}) == []
    declare(cast, **BODY)
    for api in (cast.ankara, cast.ayse):
        assert refusals(api, {"body": "truck"}) == [("/attributes/body", "invalid")]
        assert refusals(api, {"body": "suv", "renk": ["whatever", 5]}) == []


def test_new_customer_must_have_what_is_required_and_cannot_lose_it(cast: Cast) -> None:
    declare(cast, **BODY, is_required=True)
    assert refusals(cast.ankara, {}) == [("/attributes/body", "required")]
    made = cast.ankara.post("/customers", {**PERSON, "attributes": {"body": "suv"}}).get_json()
    refused = cast.ankara.patch(f"/customers/{made['id']}", {"attributes": {"body": None}}, version=1)
    assert refused.get_json()["errors"][0]["code"] == "required"


def test_record_keeps_what_it_holds_until_that_is_written_anew(cast: Cast) -> None:
    declare(cast, name="body_type", type="integer")
    path = f"/customers/{cast.cem_id}"
    assert cast.ayse.patch(path, {"given_name": "Cemil"}, version=1).get_json()["attributes"] == {"body_type": "sedan"}
    assert cast.ayse.patch(path, {"attributes": {"body_type": "suv"}}, version=2).status_code == 422
    assert cast.ayse.patch(path, {"attributes": {"body_type": 4}}, version=2).status_code == 200


def test_import_reads_texts_as_what_they_are_declared_to_be(cast: Cast) -> None:
    declare(cast, name="puan", type="number", minimum=0)
    declare(cast, name="vip", type="boolean")
    content = "Ad;attribute.puan;attribute.vip;attribute.renk\nIşıl;1.250,5;Evet;5\nSu;-1;belki;x\n"
    received = bring(cast.ankara, content)
    done = start(cast.ankara, received["id"], on_match="create")
    assert done["result"] == {"created": 1, "failed": 1}
    assert customers(cast.ankara)[0]["attributes"] == {"puan": 1250.5, "vip": True, "renk": "5"}
    errors = cast.ankara.get(f"/imports/{received['id']}/errors").text
    assert ("attribute.puan" in errors, "attribute.vip,invalid,true or false is wanted." in errors) == (True, True)


@pytest.mark.parametrize(
    ("declared", "right", "wrong"),
    [
        ({"type": "string", "minimum": 2, "maximum": 3}, ["şu", "abc"], ["a", "abcd", 5, None]),
        ({"type": "integer", "minimum": 1}, [1, 2**40], [0, 1.5, True, "1"]),
        ({"type": "number", "maximum": 9.5}, [9.5, -3], [9.6, False, "3"]),
        ({"type": "boolean"}, [True, False], [0, "true"]),
        ({"type": "date"}, ["2026-05-17"], ["17.05.2026", "2026-02-30", 5, "20260517"]),
        ({"type": "enum", "choices": ["a", "b"]}, ["a"], ["c", ["a"]]),
        ({"type": "list", "choices": ["a", "b"], "maximum": 2}, [[], ["b", "a"]], [["c"], "a", [5], ["a", "b", "a"]]),
    ],
)
def test_values_are_of_their_type(declared: Any, right: list[Any], wrong: list[Any]) -> None:
    definition = Definition("x", **declared)
    assert [value for value in right if definition.fault(value) is not None] == []
    assert [value for value in wrong if definition.fault(value) is None] == []


def test_documents_show_a_declaration_at_once_and_until_it_is_taken_back(cast: Cast) -> None:
    def shown(channel: str) -> Any:
        document = cast.ayse.client.get(f"/{channel}/openapi.json").get_json()
        return document["components"]["schemas"]["Customer"]["properties"]["attributes"].get("properties")

    assert shown("extranet") is None
    declare(cast, **BODY)
    assert shown("extranet") == shown("intranet") == {"body": {"type": "string", "enum": ["sedan", "suv"]}}
    changed = cast.ayse.patch("/attributes/body", {"choices": ["sedan", "suv", "van"]}, version=1)
    assert (changed.status_code, shown("extranet")["body"]["enum"][-1]) == (200, "van")
    assert cast.ayse.delete("/attributes/body").status_code == 204
    assert shown("extranet") is None


@pytest.mark.parametrize(
    ("declared", "pointer"),
    [
        ({"name": "5x", "type": "string"}, "/name"),
        ({"name": "x", "type": "enum"}, "/choices"),
        ({"name": "x", "type": "number", "choices": ["a"]}, "/choices"),
        ({"name": "x", "type": "number", "minimum": 2, "maximum": 1}, "/maximum"),
        ({"name": "x", "type": "colour"}, "/type"),
    ],
)
def test_declaration_that_cannot_be_kept_is_refused(cast: Cast, declared: Any, pointer: str) -> None:
    answer = cast.ayse.post("/attributes", {**TITLES, **declared})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_name_is_declared_once(cast: Cast) -> None:
    declare(cast, **BODY)
    assert cast.ayse.post("/attributes", BODY).get_json()["code"] == "attribute_name_taken"
    assert [each["name"] for each in cast.ayse.get("/attributes").get_json()["items"]] == ["body"]
