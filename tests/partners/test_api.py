"""Partners, as employees manage them."""

import pytest

from tests.conftest import Cast


def test_employee_adds_and_finds_a_partner(cast: Cast) -> None:
    made = cast.ayse.post("/partners", {"code": "izmir", "name": "İzmir Oto", "granted_fields": ["tax_id"]})
    assert made.status_code == 201
    assert cast.ayse.get(made.headers["Location"]).get_json() == made.get_json()
    assert [each["code"] for each in cast.ayse.get("/partners").get_json()["items"]] == ["ankara", "eskisehir", "izmir"]


def test_second_partner_with_a_code_is_a_conflict(cast: Cast) -> None:
    assert cast.ayse.post("/partners", {"code": "ankara", "name": "Başka"}).status_code == 409


def test_list_goes_on_after_its_cursor(cast: Cast) -> None:
    first = cast.ayse.get("/partners?limit=1").get_json()
    second = cast.ayse.get(f"/partners?limit=1&cursor={first['next']}").get_json()
    assert [each["code"] for each in first["items"] + second["items"]] == ["ankara", "eskisehir"]
    assert second["next"] is None


def test_change_needs_the_version_that_was_read(cast: Cast) -> None:
    assert cast.ayse.patch("/partners/ankara", {"name": "Başkent Oto"}).status_code == 428
    assert cast.ayse.patch("/partners/ankara", {"name": "Başkent Oto"}, version=1).get_json()["version"] == 2
    assert cast.ayse.patch("/partners/ankara", {"name": "Başka"}, version=1).status_code == 412


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"code": "İzmir", "name": "x"}, "/code"),
        ({"code": "past", "name": "Geçmiş Oto"}, "/code"),
        ({"code": "izmir"}, "/name"),
        ({"code": "izmir", "name": "x", "granted_fields": ["internal_note"]}, "/granted_fields/0"),
    ],
)
def test_wrong_content_is_refused_and_named(cast: Cast, body: dict[str, object], pointer: str) -> None:
    answer = cast.ayse.post("/partners", body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]


def test_partners_are_not_served_outside(cast: Cast) -> None:
    assert cast.eskisehir.get("/partners").status_code == 404
