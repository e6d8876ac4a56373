"""Where each field came from: kept with every write, items of lists and attributes each by themselves."""

from __future__ import annotations

from typing import Any

from tests.conftest import Api, Cast


def sources(cast: Cast, customer_id: str) -> dict[str, Any]:
    """The sources by field, as Ayşe sees them."""
    shown = cast.ayse.get(f"/customers/{customer_id}?include=sources").get_json()["sources"]
    return {each["field"]: each["source"] for each in shown}


def made(api: Api, **fields: Any) -> dict[str, Any]:
    """A new customer."""
    return dict(api.post("/customers", {"kind": "person", "given_name": "Şule", **fields}).get_json())


def test_a_new_record_has_one_source_for_all_its_fields(cast: Cast) -> None:
    assert sources(cast, made(cast.ayse)["id"]) == {"*": "hub:intranet"}
    assert sources(cast, made(cast.eskisehir)["id"]) == {"*": "partner:eskisehir"}


def test_a_change_is_noted_for_what_it_changed_alone(cast: Cast) -> None:
    customer = made(
        cast.eskisehir, attributes={"renk": "mavi"}, contact_points=[{"kind": "phone", "value": "05321112233"}]
    )
    point = customer["contact_points"][0]
    added = {"kind": "email", "value": "sule@isik.example"}
    patch = {"family_name": "Işık", "attributes": {"kapı": 5}, "contact_points": [point, added]}
    assert cast.ayse.patch(f"/customers/{customer['id']}", patch, 1).status_code == 200
    found = sources(cast, customer["id"])
    assert {name for name, source in found.items() if source == "hub:intranet"} - {
        "family_name",
        "attributes/kapı",
    } == {name for name in found if name.startswith("contact_points/") and not name.endswith(point["id"])}
    assert found["*"] == "partner:eskisehir"


def test_what_is_gone_leaves_no_source_behind(cast: Cast) -> None:
    customer = made(cast.ayse)["id"]
    for version, value in ((1, "mavi"), (2, None)):
        cast.ayse.patch(f"/customers/{customer}", {"attributes": {"renk": value}}, version)
    assert sources(cast, customer) == {"*": "hub:intranet"}


def test_sources_are_shown_inside_alone(cast: Cast) -> None:
    customer = made(cast.eskisehir)["id"]
    refused = cast.eskisehir.get(f"/customers/{customer}?include=sources")
    assert refused.status_code == 400 and "sources" not in cast.eskisehir.get(f"/customers/{customer}").get_json()
