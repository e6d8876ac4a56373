"""The audit trail, as an employee reads it."""

from tests.conftest import Cast


def test_employee_reads_who_changed_a_customer(cast: Cast) -> None:
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"given_name": "Cemil"}, version=1)
    entries = cast.ayse.get(f"/audit/entries?resource=customer&resource_id={cast.cem_id}").get_json()["items"]
    assert entries[0]["action"] == "customer.updated"
    assert entries[0]["detail"] == {"fields": ["display_name", "given_name"]}


def test_reading_by_a_person_leaves_an_entry(cast: Cast) -> None:
    cast.cem.get(f"/customers/{cast.cem_id}", headers={"X-Request-Id": "cem-reads"})
    entry = cast.ayse.get(f"/audit/entries?actor=customer:{cast.cem_id}").get_json()["items"][0]
    assert (entry["action"], entry["resource_id"], entry["request_id"]) == (
        "customer.read",
        str(cast.cem_id),
        "cem-reads",
    )


def test_trail_is_walked_newest_first_without_gap(cast: Cast) -> None:
    whole = [each["id"] for each in cast.ayse.get("/audit/entries?limit=200").get_json()["items"]]
    first = cast.ayse.get("/audit/entries?limit=3").get_json()
    second = cast.ayse.get(f"/audit/entries?limit=3&cursor={first['next']}").get_json()
    assert [each["id"] for each in first["items"] + second["items"]] == whole[:6]


def test_trail_is_not_served_outside(cast: Cast) -> None:
    assert cast.eskisehir.get("/audit/entries").status_code == 404
