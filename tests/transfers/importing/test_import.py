"""Importing: what a file makes of customers, and what it never does."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.transfers import owners, retention
from gateway.transfers.importing import arrival
from tests.conftest import Cast
from tests.transfers.files import BY_NUMBER, MAPPING, PEOPLE, bring, customers, finish, start


def test_rows_become_customers_of_the_partner(cast: Cast) -> None:
    received = bring(cast.ankara, PEOPLE)
    done = start(cast.ankara, received["id"], **BY_NUMBER)
    assert (done["status"], done["done"], done["result"]) == ("succeeded", 2, {"created": 2, "failed": 0})
    first, second = customers(cast.ankara)
    assert (first["display_name"], second["display_name"]) == ("Işıl Çağlar", "Şule Öztürk")
    assert first["identifiers"] == [{"system": "bayi", "value": "B-1"}]
    points = {point["kind"]: point for point in first["contact_points"]}
    assert points["phone"]["value"] == "+905321112233"
    assert (points["address"]["address"]["city"], points["address"]["address"]["district"]) == ("İzmir", "Karşıyaka")


def test_second_import_changes_what_differs_and_adds_what_is_new(cast: Cast) -> None:
    start(cast.ankara, bring(cast.ankara, PEOPLE)["id"], **BY_NUMBER)
    again = PEOPLE.replace("Çağlar", "Çağlayan").replace("0532 111 22 33", "0533 999 88 77")
    done = start(cast.ankara, bring(cast.ankara, again)["id"], **BY_NUMBER)
    assert done["result"] == {"updated": 1, "unchanged": 1, "failed": 0}
    changed = customers(cast.ankara)[0]
    assert (changed["display_name"], changed["version"]) == ("Işıl Çağlayan", 2)
    assert [each["value"] for each in changed["contact_points"] if each["kind"] == "phone"] == [
        "+905321112233",
        "+905339998877",
    ]


def test_same_file_twice_changes_nothing(cast: Cast) -> None:
    for outcome in ("created", "unchanged"):
        done = start(cast.ankara, bring(cast.ankara, PEOPLE)["id"], **BY_NUMBER)
        assert done["result"] == {outcome: 2, "failed": 0}
    assert {each["version"] for each in customers(cast.ankara)} == {1}


def test_known_customers_are_skipped_where_that_is_asked(cast: Cast) -> None:
    start(cast.ankara, bring(cast.ankara, PEOPLE)["id"], **BY_NUMBER)
    again = bring(cast.ankara, PEOPLE.replace("Işıl", "Işılay"))
    assert start(cast.ankara, again["id"], **BY_NUMBER, on_match="skip")["result"] == {"skipped": 2, "failed": 0}
    assert customers(cast.ankara)[0]["given_name"] == "Işıl"


def test_customer_named_twice_in_a_file_is_made_once(cast: Cast) -> None:
    twice = PEOPLE + "B-1;Işıl;Çağlar Kaya;baska@example.com;;;;\n"
    done = start(cast.ankara, bring(cast.ankara, twice)["id"], **BY_NUMBER)
    assert done["result"] == {"created": 2, "updated": 1, "failed": 0}
    first = customers(cast.ankara)[0]
    assert (first["display_name"], first["version"]) == ("Işıl Çağlar Kaya", 1)
    emails = [each for each in first["contact_points"] if each["kind"] == "email"]
    assert [(each["value"], each["primary"]) for each in emails] == [
        ("isil@example.com", True),
        ("baska@example.com", False),
    ]


def test_partner_never_meets_a_customer_it_may_not_see(cast: Cast) -> None:
    """Cem is shared with Eskişehir alone; Ankara's import makes a record of its own, as its POST would."""
    content = "Ad;E-posta\nCem Korkmaz;cem@example.com\n"
    terms = {"match_on": "email", "mapping": {"Ad": "full_name", "E-posta": "email"}}
    assert start(cast.ankara, bring(cast.ankara, content)["id"], **terms)["result"]["created"] == 1
    assert cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["version"] == 1
    assert start(cast.eskisehir, bring(cast.eskisehir, content)["id"], **terms)["result"]["updated"] == 1
    assert cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["family_name"] == "Korkmaz"


@pytest.mark.parametrize("target", ["birth_date", "tax_id", "owner", "internal_note", "version", "favourite"])
def test_column_that_may_not_be_written_is_refused_like_one_that_does_not_exist(cast: Cast, target: str) -> None:
    received = bring(cast.ankara, PEOPLE)
    terms = {"mapping": {"Ad": target}, "match_on": "email"}
    answer = cast.ankara.post(f"/imports/{received['id']}/start", terms)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0] == {
        "pointer": "/mapping/Ad",
        "code": "unknown_field",
        "message": f"There is no field {target}.",
    }


def test_field_that_may_not_be_seen_recognises_nobody(cast: Cast) -> None:
    received = bring(cast.ankara, PEOPLE)
    answer = cast.ankara.post(f"/imports/{received['id']}/start", {"match_on": "tax_id"})
    assert [each["pointer"] for each in answer.get_json()["errors"]] == ["/match_on"]


def test_agreement_that_ends_meanwhile_ends_the_import(cast: Cast) -> None:
    received = bring(cast.eskisehir, PEOPLE)
    terms = {"mapping": {**MAPPING, "Doğum Tarihi": "birth_date"}, "match_on": "identifier.bayi"}
    begun = cast.eskisehir.post(f"/imports/{received['id']}/start", terms).get_json()
    partner = cast.ayse.get("/partners/eskisehir")
    cast.ayse.patch("/partners/eskisehir", {"granted_fields": []}, version=partner.get_json()["version"])
    assert finish(cast.eskisehir, begun["id"])["status"] == "failed"
    assert [each["display_name"] for each in customers(cast.eskisehir)] == ["Cem Işık"]


def test_house_imports_for_nobody_in_particular(cast: Cast) -> None:
    done = start(cast.ayse, bring(cast.ayse, PEOPLE)["id"], **BY_NUMBER)
    assert done["result"]["created"] == 2
    made = next(each for each in customers(cast.ayse) if each["given_name"] == "Işıl")
    assert cast.ayse.get(f"/customers/{made['id']}/shares").get_json()["items"] == []


def test_dry_run_counts_and_writes_nothing(cast: Cast) -> None:
    received = bring(cast.ankara, PEOPLE)
    assert start(cast.ankara, received["id"], **BY_NUMBER, dry_run=True)["result"] == {"created": 2, "failed": 0}
    assert customers(cast.ankara) == []
    assert start(cast.ankara, received["id"], **BY_NUMBER)["result"] == {"created": 2, "failed": 0}


def test_two_customers_of_one_key_are_left_alone(cast: Cast) -> None:
    for name in ("Işık", "Kaya"):
        person = {"kind": "person", "given_name": name, "contact_points": [{"kind": "phone", "value": "05321112233"}]}
        cast.ankara.post("/customers", person)
    content = "Ad;Telefon\nEv Halkı;05321112233\n"
    received = bring(cast.ankara, content)
    assert start(cast.ankara, received["id"], match_on="phone")["result"] == {"failed": 1}
    assert b"ambiguous" in cast.ankara.get(f"/imports/{received['id']}/errors").data


def test_killed_import_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page and its counts commit together, so whoever goes on neither repeats nor leaves out."""
    monkeypatch.setattr(arrival, "ROWS_AT_ONCE", 10)
    rows = "".join(f"K-{number};Kişi {number}\n" for number in range(35))
    received = bring(cast.ankara, f"No;Ad\n{rows}")
    terms = {"mapping": {"No": "identifier.k", "Ad": "given_name"}, "on_match": "create"}
    begun = cast.ankara.post(f"/imports/{received['id']}/start", terms).get_json()
    die_after(monkeypatch, pages=2)
    with pytest.raises(Killed):
        finish(cast.ankara, begun["id"])
    monkeypatch.undo()
    free(begun["id"])
    done = finish(cast.ankara, begun["id"])
    assert (done["done"], done["total"], done["result"]) == (35, 35, {"created": 35, "failed": 0})
    assert len(customers(cast.ankara)) == 35


class Killed(BaseException):
    """The worker is gone: nothing it had not committed is left."""


def die_after(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """Have the worker vanish in the midst of a page, once so many are written."""
    from gateway.customers import bulk

    left = [pages]
    change = bulk.change

    def vanish(*args: Any) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        change(*args)

    monkeypatch.setattr(bulk, "change", vanish)


def free(operation_id: str) -> None:
    """Let the lease of a worker that is gone run out."""
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE operations SET leased_until = now() - interval '1 s' WHERE id = %s", [operation_id])


def test_import_is_cancelled_and_started_but_once_at_a_time(cast: Cast) -> None:
    received = bring(cast.ankara, PEOPLE)
    path = f"/imports/{received['id']}"
    begun = cast.ankara.post(f"{path}/start", BY_NUMBER).get_json()
    refused = cast.ankara.post(f"{path}/start", BY_NUMBER)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "import_under_way")
    assert cast.ankara.delete(path).status_code == 409
    assert cast.ankara.post(f"/operations/{begun['id']}/cancel").get_json()["status"] == "cancelled"
    assert cast.ankara.delete(path).status_code == 204
    assert cast.ankara.get(path).status_code == 404


def test_owner_keeps_so_many_files_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "MOST_KEPT", 1)
    received = bring(cast.ankara, PEOPLE)
    for path, wish in (("/imports", {"data": PEOPLE.encode(), "headers": {"Content-Type": "text/csv"}}),
                       ("/exports", {"json": {"format": "csv"}})):  # fmt: skip
        refused = cast.ankara.post(path, **wish)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_files")
    bring(cast.eskisehir, PEOPLE)
    cast.ankara.delete(f"/imports/{received['id']}")
    bring(cast.ankara, PEOPLE)


def test_file_is_forgotten_when_its_time_is_over(cast: Cast, settings: Any) -> None:
    received = bring(cast.ankara, PEOPLE)
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE transfers SET created_at = now() - interval '4 days'")
        assert retention.forget(tx, settings) == 1
        assert tx.raw.execute("SELECT count(*) FROM transfer_pieces").fetchone() == (0,)
    assert cast.ankara.get(f"/imports/{received['id']}").status_code == 404


def test_changes_are_told_in_the_name_of_whoever_asked(cast: Cast) -> None:
    start(cast.ankara, bring(cast.ankara, PEOPLE)["id"], **BY_NUMBER)
    with transaction(Caller.system("test")) as tx:
        told = tx.raw.execute(
            "SELECT actor, origin, partners FROM events "
            "WHERE type = 'customer.created' AND record->>'given_name' = 'Işıl'"
        ).fetchall()
    assert [(actor.startswith("client:"), origin, partners) for actor, origin, partners in told] == [
        (True, "", [cast.ankara.partner_id])
    ]
