"""Customers through the three doors."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from gateway.oauth import standing
from tests.conftest import Cast

PERSON = {"kind": "person", "given_name": "Şule", "family_name": "Ğ", "attributes": {"body_type": "suv"}}


def test_partner_creates_a_customer_of_its_own_and_reads_it_back(cast: Cast) -> None:
    answer = cast.ankara.post("/customers", PERSON)
    assert answer.status_code == 201
    assert answer.headers["ETag"].startswith('"1-')
    again = cast.ankara.get(answer.headers["Location"])
    assert again.get_json() == answer.get_json()
    assert again.get_json()["display_name"] == "Şule Ğ"


def test_partner_cannot_see_another_partners_customer(cast: Cast) -> None:
    assert cast.eskisehir.get(f"/customers/{cast.cem_id}").status_code == 200
    hidden, absent = cast.ankara.get(f"/customers/{cast.cem_id}"), cast.ankara.get(f"/customers/{uuid4()}")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert {**hidden.get_json(), "request_id": ""} == {**absent.get_json(), "request_id": ""}


def test_agreement_decides_which_fields_a_partner_sees(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    granted = cast.eskisehir.get(f"/customers/{cast.cem_id}").get_json()
    plain = cast.ankara.get(f"/customers/{cast.cem_id}").get_json()
    assert granted["birth_date"] == "1980-05-17"
    assert set(granted) - set(plain) == {"birth_date"}
    assert {"owner", "internal_note", "tax_id"}.isdisjoint(granted)


def test_new_agreement_shows_the_same_version_to_who_has_read_it(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}"
    known = {"If-None-Match": cast.eskisehir.get(path).headers["ETag"]}
    assert cast.eskisehir.get(path, headers=known).status_code == 304
    assert cast.ayse.patch("/partners/eskisehir", {"granted_fields": ["tax_id"]}, version=1).status_code == 200
    standing.expire()
    again = cast.eskisehir.get(path, headers=known)
    assert (again.status_code, again.get_json()["version"], "birth_date" in again.get_json()) == (200, 1, False)


def test_employee_sees_every_field(cast: Cast) -> None:
    shown = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()
    assert (shown["owner"], shown["internal_note"], shown["tax_id"]) == ("ayse", "Sadık müşteri", "17291716060")


def test_customer_sees_only_their_own_record(cast: Cast) -> None:
    cast.ankara.post("/customers", PERSON)
    listed = cast.cem.get("/customers").get_json()["items"]
    assert [each["id"] for each in listed] == [str(cast.cem_id)]
    assert {"owner", "internal_note"}.isdisjoint(listed[0])


def test_contact_points_are_normalised(cast: Cast) -> None:
    points = [{"kind": "phone", "value": "0222 230 12 34"}, {"kind": "email", "value": "Sule@Example.COM"}]
    shown = cast.ankara.post("/customers", {**PERSON, "contact_points": points}).get_json()["contact_points"]
    assert [point["value"] for point in shown] == ["+902222301234", "sule@example.com"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "person"}, "/given_name"),
        ({"kind": "robot", "given_name": "R2"}, "/kind"),
        ({"given_name": "Cem"}, "/kind"),
        ({**PERSON, "nickname": "x"}, "/nickname"),
        ({**PERSON, "id": str(uuid4())}, "/id"),
        ({**PERSON, "owner": "me"}, "/owner"),
        ({**PERSON, "tax_id": "1"}, "/tax_id"),
        ({**PERSON, "contact_points": [{"kind": "phone", "value": "12"}]}, "/contact_points/0/value"),
        ({**PERSON, "contact_points": [{"kind": "email", "value": "cem@@example"}]}, "/contact_points/0/value"),
        ({**PERSON, "contact_points": [{"kind": "fax", "value": "1"}]}, "/contact_points/0/kind"),
        ({**PERSON, "family_name": "a\x00b"}, "/family_name"),
        ({**PERSON, "given_name": "x" * 101}, "/given_name"),
        ({**PERSON, "given_name": 7}, "/given_name"),
    ],
)
def test_wrong_content_is_refused_and_named(cast: Cast, body: dict[str, Any], pointer: str) -> None:
    answer = cast.ankara.post("/customers", body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]


def test_wrong_check_digit_of_a_tax_id_is_refused_inside(cast: Cast) -> None:
    assert cast.ayse.post("/customers", {**PERSON, "tax_id": "17291716050"}).status_code == 422
    assert cast.ayse.post("/customers", {**PERSON, "tax_id": "4540536920"}).status_code == 201


def test_change_needs_the_version_that_was_read(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}"
    assert cast.eskisehir.patch(path, {"given_name": "Can"}).status_code == 428
    assert cast.eskisehir.patch(path, {"given_name": "Can"}, version=9).status_code == 412
    changed = cast.eskisehir.patch(path, {"given_name": "Can"}, version=1)
    assert (changed.status_code, changed.headers["ETag"][:3], changed.get_json()["version"]) == (200, '"2-', 2)
    assert changed.get_json()["display_name"] == "Can Işık"


def test_change_that_changes_nothing_keeps_the_version(cast: Cast) -> None:
    same = cast.eskisehir.patch(f"/customers/{cast.cem_id}", {"given_name": "Cem"}, version=1)
    assert (same.status_code, same.get_json()["version"]) == (200, 1)


def test_merge_patch_joins_attributes_and_null_removes_one(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}"
    cast.ayse.patch(path, {"attributes": {"colour": "mavi"}}, version=1)
    shown = cast.ayse.patch(path, {"attributes": {"body_type": None}}, version=2).get_json()
    assert shown["attributes"] == {"colour": "mavi"}


def test_contact_point_keeps_its_identity_when_sent_back(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}"
    points = cast.ayse.get(path).get_json()["contact_points"]
    points[0]["value"] = "cem.isik@example.com"
    shown = cast.ayse.patch(path, {"contact_points": points}, version=1).get_json()["contact_points"]
    assert shown == points


@pytest.mark.parametrize(
    "asked", ["IŞIK", "isik", "Işık", "ışık", "cem isi", "ISIK cem", "cem@example.com", "05321234567"]
)
def test_text_is_found_in_either_spelling(cast: Cast, asked: str) -> None:
    cast.ayse.post("/customers", PERSON)
    for api in (cast.ayse, cast.eskisehir):
        found = api.get("/customers", query_string={"q": asked}).get_json()["items"]
        assert [each["id"] for each in found] == [str(cast.cem_id)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"city": "eskisehir"}, 1),
        ({"city": "ESKİŞEHİR"}, 1),
        ({"city": "Ankara"}, 0),
        ({"status": "active"}, 1),
        ({"status": "prospect"}, 0),
        ({"identifier": "erp:C-1042"}, 1),
        ({"identifier": "erp:C-1"}, 0),
        ({"updated_since": "2020-01-01T00:00:00Z"}, 1),
        ({"updated_since": "2100-01-01T00:00:00Z"}, 0),
        ({"q": "%"}, 0),
    ],
)
def test_list_is_filtered(cast: Cast, query: dict[str, str], count: int) -> None:
    for api in (cast.eskisehir, cast.ayse, cast.cem):
        assert len(api.get("/customers", query_string=query).get_json()["items"]) == count


def test_customer_newly_shared_has_changed_for_its_partner(cast: Cast) -> None:
    query = {"updated_since": datetime.now(UTC).isoformat()}
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    seen = {
        api.channel: api.get("/customers", query_string=query).get_json()["items"] for api in (cast.ankara, cast.ayse)
    }
    assert [len(items) for items in seen.values()] == [1, 0]


def test_employee_filters_by_partner(cast: Cast) -> None:
    own = cast.ankara.post("/customers", PERSON).get_json()["id"]
    found = cast.ayse.get("/customers?partner=ankara").get_json()["items"]
    assert [each["id"] for each in found] == [own]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "nope=1", "sort=tax_id", "fields=internal_note", "fields=", "cursor=abc",
     "limit=5&limit=6",
     "status=odd", "updated_since=yesterday", "q=%00", "q=%ff", "include=everything", "partner=ankara"],
)  # fmt: skip
def test_bad_query_is_a_400_that_names_the_parameter(cast: Cast, query: str) -> None:
    answer = cast.eskisehir.get(f"/customers?{query}")
    assert answer.status_code == 400
    assert query.startswith("q=") or answer.get_json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_hidden_and_unknown_fields_are_refused_alike(cast: Cast) -> None:
    hidden = cast.ankara.get("/customers?fields=birth_date").get_json()
    unknown = cast.ankara.get("/customers?fields=birth_data").get_json()
    assert hidden["errors"][0]["message"].replace("date", "data") == unknown["errors"][0]["message"]


@pytest.mark.parametrize(
    "sort", ["created_at", "-updated_at", "display_name", "-display_name", "updated_at,-created_at"]
)
def test_walk_shows_every_customer_exactly_once(cast: Cast, sort: str) -> None:
    names = ["Cem", "Çiğdem", "Iğdır", "Irmak", "İpek", "Ozan", "Özge", "Şule", "Umut", "Ümit", "Ümit"]
    made = {cast.ankara.post("/customers", {"kind": "person", "given_name": name}).get_json()["id"] for name in names}
    walked, path = [], f"/customers?limit=3&sort={sort}"
    while path:
        page = cast.ankara.get(path)
        walked += page.get_json()["items"]
        following = page.get_json()["next"]
        path = f"/customers?limit=3&sort={sort}&cursor={following}" if following else ""
    assert sorted(each["id"] for each in walked) == sorted(made)
    if sort == "display_name":
        assert [each["display_name"] for each in walked] == names


def test_cursor_belongs_to_its_caller_and_query(cast: Cast) -> None:
    for given_name in ("Ali", "Veli"):
        cast.ankara.post("/customers", {"kind": "person", "given_name": given_name})
    page = cast.ankara.get("/customers?limit=1")
    cursor = page.get_json()["next"]
    assert f"cursor={cursor}" in page.headers["Link"]
    assert cast.ankara.get(f"/customers?limit=1&cursor={cursor}").status_code == 200
    assert cast.eskisehir.get(f"/customers?limit=1&cursor={cursor}").status_code == 400
    assert cast.ankara.get(f"/customers?limit=1&cursor={cursor}&status=active").status_code == 400


def test_sparse_fields_are_all_that_is_sent(cast: Cast) -> None:
    assert cast.ayse.get(f"/customers/{cast.cem_id}?fields=display_name,tax_id").get_json() == {
        "display_name": "Cem Işık",
        "tax_id": "17291716060",
    }
    assert list(cast.ayse.get("/customers?fields=display_name").get_json()["items"][0]) == ["display_name"]


def test_partners_can_be_included_inside_alone(cast: Cast) -> None:
    included = cast.ayse.get(f"/customers/{cast.cem_id}?include=partners").get_json()["partners"]
    assert [(each["partner"], each["ground"]) for each in included] == [("eskisehir", "sale")]
    assert cast.eskisehir.get(f"/customers/{cast.cem_id}?include=partners").status_code == 400


def test_unshared_customer_is_gone_for_the_partner(cast: Cast) -> None:
    assert cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir").status_code == 204
    assert cast.eskisehir.get(f"/customers/{cast.cem_id}").status_code == 404
    assert cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir").status_code == 404


def test_customer_changes_own_contact_points_and_nothing_else(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}"
    assert cast.cem.patch(path, {"status": "inactive"}, version=1).status_code == 422
    assert cast.cem.patch(path, {"given_name": "Cemil"}, version=1).status_code == 200
    assert cast.cem.post("/customers", PERSON).status_code == 405
