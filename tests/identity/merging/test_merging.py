"""A merge: what survives, what moves, where the lost id leads, and who may not see any of it."""

from __future__ import annotations

from gateway.oauth import standing
from tests.identity.merging.conftest import CALL, Two, made


def test_newest_word_survives_and_lists_are_united(two: Two) -> None:
    two.merge()
    survivor = two.shown(two.keep_id)
    assert (survivor["display_name"], survivor["birth_date"]) == ("Işıl Şahin", "1987-04-23")
    assert {point["value"] for point in survivor["contact_points"]} == {"isil@example.com", "+905321112233"}
    assert {each["value"] for each in survivor["identifiers"]} == {"E-1", "A-1"}
    assert survivor["attributes"] == {"renk": "kırmızı", "gövde": "sedan"}


def test_steward_chooses_field_by_field(two: Two) -> None:
    two.merge(fields={"family_name": "keep", "contact_points": "lose", "attributes/gövde": "keep"})
    survivor = two.shown(two.keep_id)
    assert survivor["display_name"] == "Işıl Öğütçü"
    assert [point["value"] for point in survivor["contact_points"]] == ["+905321112233"]
    assert survivor["attributes"] == {"renk": "kırmızı"}


def test_everything_moves_with_the_lost_one(two: Two) -> None:
    call = made(two.cast.ankara, "/interactions", {**CALL, "customer_id": two.lose_id})
    assert two.merge()["moves"]["interactions"] == 1
    listed = two.cast.ayse.get(f"/interactions?customer_id={two.keep_id}").get_json()["items"]
    assert [each["id"] for each in listed] == [call]
    shares = two.cast.ayse.get(f"/customers/{two.keep_id}/shares").get_json()["items"]
    assert [each["partner"] for each in shares] == ["ankara", "eskisehir"]


def test_lost_id_leads_readers_to_the_survivor(two: Two) -> None:
    two.merge()
    answer = two.cast.ankara.get(f"/customers/{two.lose_id}?fields=id")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/extranet/v1/customers/{two.keep_id}?fields=id")
    answer = two.cast.ayse.get(f"/interactions?customer_id={two.lose_id}")
    assert (answer.status_code, answer.headers["Location"][-36:]) == (308, two.keep_id)


def test_write_to_the_lost_one_names_the_survivor(two: Two) -> None:
    two.merge()
    answer = two.cast.ankara.patch(f"/customers/{two.lose_id}", {"status": "inactive"}, version=1)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "customer_merged")
    assert two.keep_id in answer.get_json()["detail"]
    answer = two.cast.ankara.post("/interactions", {**CALL, "customer_id": two.lose_id})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "customer_merged")


def test_partner_that_never_saw_the_lost_one_does_not_learn_of_it(two: Two) -> None:
    two.merge()
    assert two.cast.eskisehir.get(f"/customers/{two.lose_id}").status_code == 404
    assert two.cast.eskisehir.get(f"/interactions?customer_id={two.lose_id}").get_json()["items"] == []
    answer = two.cast.eskisehir.patch(f"/customers/{two.lose_id}", {"status": "inactive"}, version=1)
    assert answer.status_code == 404


def test_partner_whose_share_has_ended_is_led_nowhere(two: Two) -> None:
    two.merge()
    assert two.cast.ayse.delete(f"/customers/{two.keep_id}/shares/ankara").status_code == 204
    assert two.cast.ankara.get(f"/customers/{two.lose_id}").status_code == 404


def test_lists_show_the_survivor_alone(two: Two) -> None:
    two.merge()
    for words in ("isil", "+905321112233"):
        found = two.cast.ayse.get("/customers", query_string={"q": words}).get_json()["items"]
        assert [each["id"] for each in found] == [two.keep_id]


def test_chain_of_merges_leads_to_the_last(two: Two) -> None:
    third = made(two.cast.ayse, "/customers", {"kind": "person", "given_name": "Işıl"})
    two.merge()
    Two(two.cast, third, two.keep_id).merge()
    for lost in (two.lose_id, two.keep_id):
        assert two.cast.ankara.get(f"/customers/{lost}").headers["Location"].endswith(third)


def test_customer_with_a_sign_in_sees_the_survivor(two: Two) -> None:
    Two(two.cast, two.keep_id, str(two.cast.cem_id)).merge()
    standing.forget()
    with_sign_in = two.cast.cem.get("/customers").get_json()["items"]
    assert [each["id"] for each in with_sign_in] == [two.keep_id]


def test_person_and_organisation_cannot_become_one(two: Two) -> None:
    company = made(two.cast.ayse, "/customers", {"kind": "organisation", "organisation_name": "Öğütçü A.Ş."})
    answer = two.cast.ayse.post("/identity/merges", {"keep_id": two.keep_id, "lose_id": company})
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "other_kind")


def test_nobody_outside_merges(two: Two) -> None:
    for api in (two.cast.eskisehir, two.cast.ankara, two.cast.cem):
        assert api.post("/identity/merges", two.both).status_code == 404
