"""A person is given all that is kept of them, to read and for a machine, and nobody else is."""

from __future__ import annotations

import re
from typing import Any

import orjson
from sqlalchemy import text

from gateway.customers import erasing
from gateway.customers.telling import registered
from gateway.db import Query, transaction
from gateway.rights.access import jobs, service
from gateway.rights.access.untold import UNTOLD
from tests.conftest import Cast
from tests.rights.access.conftest import Ask, archive_of
from tests.sync.conftest import SYSTEM

CALL = {"channel": "phone", "kind": "service", "direction": "in", "occurred_at": "2026-03-01T10:00:00Z"}


def sections_of(cast: Cast, case_id: str) -> dict[str, list[dict[str, Any]]]:
    data = orjson.loads(archive_of(cast, case_id).read("data.json"))
    assert (data["format"], data["version"]) == ("kopru.subject-access", 1)
    return dict(data["sections"])


def talk(cast: Cast, subject: str, visibility: str = "shared") -> None:
    said = {**CALL, "customer_id": str(cast.cem_id), "subject": subject, "visibility": visibility}
    assert cast.ayse.post("/interactions", said).status_code == 201


def test_a_person_is_told_of_record_talks_consents_and_who_saw_them(cast: Cast, answered: Ask) -> None:
    talk(cast, "Şanzıman değişti")
    cast.cem.post(f"/customers/{cast.cem_id}/consents", {"purpose": "marketing", "decision": "withdrawn"})
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    told = sections_of(cast, answered())
    assert told["profile"][0]["family_name"] == "Işık"
    assert [each["subject"] for each in told["interactions"]] == ["Şanzıman değişti"]
    assert told["consents"][0]["decision"] == "withdrawn"
    assert {each["organisation"] for each in told["access_log"]} == {"Eskişehir Oto"}
    assert {each["way"] for each in told["disclosures"]} == {"share", "read"}


def test_every_table_that_holds_a_person_is_told_of_or_left_out_for_a_reason(cast: Cast) -> None:
    kept = {table for each in erasing.registered() for table in each.tables}
    told = {table for section in registered() for table in section.tables}
    assert kept - told - UNTOLD.keys() == set()
    assert told & UNTOLD.keys() == set()


def test_what_is_internal_is_counted_and_not_told(cast: Cast, answered: Ask) -> None:
    talk(cast, "Kendi aramızda", "internal")
    case_id = answered()
    told = sections_of(cast, case_id)
    assert (told["interactions"], told["withheld"]) == ([], [{"of": "interactions", "number": 1}])
    everything = b"".join(archive_of(cast, case_id).read(name) for name in archive_of(cast, case_id).namelist())
    assert "Kendi aramızda".encode() not in everything
    assert "Sadık müşteri".encode() not in everything


def test_the_page_escapes_what_it_shows_and_fetches_nothing(cast: Cast, answered: Ask) -> None:
    talk(cast, "<script>alert('ğ')</script>")
    page = archive_of(cast, answered()).read("report.html").decode()
    assert "&lt;script&gt;alert(&#39;ğ&#39;)" in page
    assert re.findall(r"<(?:script|img|link|iframe|form)|\s(?:src|href|on\w+)=", page) == []
    assert "Görüşmeler ve işlemler" in page and "Interactions" in page


def test_the_answer_ends_the_case_and_says_what_is_in_it(cast: Cast, answered: Ask) -> None:
    talk(cast, "Bakım")
    case = cast.cem.get(f"/rights-requests/{answered()}").get_json()
    assert (case["status"], case["result"]["sections"]["interactions"]) == ("completed", 1)


def test_every_section_has_a_file_of_its_own(cast: Cast, answered: Ask) -> None:
    names = set(archive_of(cast, answered()).namelist())
    assert names == {"data.json", "report.html", *(f"sections/{each.name}.json" for each in registered())}


def test_the_answer_is_gone_when_it_has_expired(cast: Cast, answered: Ask) -> None:
    case_id = answered()
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE access_archives SET expires_at = now() - interval '1 second'")))
    assert cast.cem.get(f"/rights-requests/{case_id}/archive").status_code == 404
    with transaction(SYSTEM) as tx:
        assert service.forget(tx) == 1


def test_nobody_fetches_the_answer_of_somebody_else(cast: Cast, answered: Ask) -> None:
    case_id = answered()
    assert cast.eskisehir.get(f"/rights-requests/{case_id}/archive").status_code == 404
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE access_archives SET customer_id = gen_random_uuid()")))
    assert cast.cem.get(f"/rights-requests/{case_id}/archive").status_code == 404


def test_staff_who_fetch_it_are_noted(cast: Cast, answered: Ask) -> None:
    assert cast.ayse.get(f"/rights-requests/{answered()}/archive").status_code == 200
    assert [each["what"] for each in cast.cem.get("/access-log").get_json()["items"]] == ["rights"]


def test_work_that_ended_in_vain_is_begun_again(cast: Cast, in_environment: object) -> None:
    case_id = cast.cem.post("/rights-requests", {"kind": "access"}).get_json()["id"]
    first = cast.ayse.post(f"/rights-requests/{case_id}/start").get_json()["operation_id"]
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE operations SET status = 'failed', finished_at = now()")))
    jobs.go_on_with_answers()
    again = cast.ayse.get(f"/rights-requests/{case_id}").get_json()["operation_id"]
    assert again != first
