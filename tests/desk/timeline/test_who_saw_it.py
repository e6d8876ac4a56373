"""Who was shown a customer, and what went to whom, stand in the stream for those who may know, where they ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, Transaction, new_id, transaction
from tests.conftest import Api, Cast
from tests.desk.conftest import employee
from tests.desk.timeline.test_timeline import happenings, kinds

SYSTEM = Caller.system("test")
READ_AT = "2026-03-01T10:05:00Z"
_READ = """
    INSERT INTO access_log SELECT :customer, date_trunc('hour', CAST(:at AS timestamptz), 'UTC'), :reader, 'intranet',
        NULL, NULL, 'user:selin', 'agent', 'desk', 'service', CAST(:at AS timestamptz), CAST(:at AS timestamptz), 1
"""
_LINK = """
    INSERT INTO sync_links (id, name, partner_id, connector, settings, sealed, status, version, created_at, updated_at)
    SELECT CAST(:id AS uuid), 'Eskişehir', p.id, 'rest', '{}', '', 'active', 1, now(), now() FROM partners p
    WHERE p.code = 'eskisehir'
"""
_SENT = """
    INSERT INTO sync_references (link_id, stream, external_id, record_id, is_ours, first_sent_at, last_sent_at)
    VALUES (:link, 'customers', 'E-1', :customer, true, now(), now())
"""


def put(sql: str, **params: Any) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text(sql)), **params)


def read_by(reader: UUID, customer_id: object, at: str = READ_AT) -> None:
    put(_READ, customer=UUID(str(customer_id)), reader=reader, at=at)


def walked(api: Api, customer_id: object, limit: int, **query: Any) -> list[str]:
    """The ids of all entries, page by page."""
    seen: list[str] = []
    asked = {**query, "limit": limit}
    while True:
        page = api.get(f"/customers/{customer_id}/timeline", query_string=asked).get_json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            return seen
        asked["cursor"] = page["next"]


def test_who_read_it_when_and_why_is_told_where_it_is_asked_for(cast: Cast) -> None:
    for _ in range(2):
        cast.eskisehir.get(f"/customers/{cast.cem_id}", headers={"Kopru-Purpose": "sales"})
    (seen,) = happenings(cast.ayse, cast.cem_id, kinds="read")
    told = {name: seen["detail"][name] for name in ("what", "purpose", "organisation", "times")}
    assert told == {"what": "customers", "purpose": "sales", "organisation": "Eskişehir Oto", "times": 2}
    assert (seen["partner"], seen["actor"][:7]) == ("eskisehir", "client:")
    assert seen["at"] < seen["detail"]["last_at"]


def test_reads_stand_among_all_else_in_their_order(cast: Cast) -> None:
    cast.ayse.get(f"/customers/{cast.cem_id}")
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"family_name": "Işıl"}, version=1)
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    assert kinds(cast.ayse, cast.cem_id, kinds="read,change,creation") == ["read", "change", "read", "creation"]


def test_stream_is_not_swamped_by_reads(cast: Cast) -> None:
    clerk = employee(cast, "zeynep", "steward")
    for _ in range(2):
        clerk.get(f"/customers/{cast.cem_id}")
        clerk.get(f"/customers/{cast.cem_id}/access-log")
        clerk.get(f"/customers/{cast.cem_id}/disclosures")
        assert kinds(clerk, cast.cem_id) == ["share", "creation"]


def test_looking_at_the_stream_is_a_read_as_well(cast: Cast) -> None:
    happenings(employee(cast, "zeynep"), cast.cem_id)
    (seen,) = happenings(cast.ayse, cast.cem_id, kinds="read")
    assert (seen["actor"], seen["detail"]["role"], seen["detail"]["what"]) == ("user:zeynep", "agent", "desk")


@pytest.mark.parametrize("kind", ["read", "disclosure"])
def test_without_the_scope_nobody_is_told_who_saw_it(cast: Cast, kind: str) -> None:
    path, asked = f"/customers/{cast.cem_id}/timeline", {"kinds": kind}
    assert employee(cast, "zeynep", "agent").get(path, query_string=asked).status_code == 400
    assert employee(cast, "selin", "steward").get(path, query_string=asked).status_code == 200
    less = employee(cast, "fatma", "steward", frozenset({"customers:read", "audit:read"}))
    assert less.get(path, query_string=asked).status_code == 400


def test_partner_sees_nobodys_reads_its_own_included(cast: Cast) -> None:
    cast.ayse.get(f"/customers/{cast.cem_id}")
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    assert kinds(cast.eskisehir, cast.cem_id) == ["share"]


def test_nobody_elses_reads_are_told(cast: Cast) -> None:
    other = cast.ayse.post("/customers", {"kind": "person", "given_name": "Şule"}).get_json()["id"]
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    assert kinds(cast.ayse, other, kinds="read") == []


def test_reads_are_filtered_by_partner_and_time(cast: Cast) -> None:
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    read_by(new_id(), cast.cem_id)
    assert kinds(cast.ayse, cast.cem_id, kinds="read", partner="ankara") == []
    assert kinds(cast.ayse, cast.cem_id, kinds="read", partner="eskisehir") == ["read"]
    assert kinds(cast.ayse, cast.cem_id, kinds="read", occurred_to="2026-03-01T10:05:01Z") == ["read"]
    assert kinds(cast.ayse, cast.cem_id, kinds="read", occurred_to=READ_AT) == []
    since = {"occurred_to": "2026-03-02T00:00:00Z", "kinds": "read"}
    assert kinds(cast.ayse, cast.cem_id, occurred_from=READ_AT, **since) == ["read"]
    assert kinds(cast.ayse, cast.cem_id, occurred_from="2026-03-01T10:05:01Z", **since) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_reads_of_one_moment_are_each_told_once(cast: Cast, limit: int) -> None:
    for at in (READ_AT, "2026-03-01T10:59:59Z", "2026-03-01T11:00:00Z"):
        for _ in range(3):
            read_by(new_id(), cast.cem_id, at)
    asked = {"kinds": "read", "occurred_to": "2026-03-02T00:00:00Z"}
    everything = [each["id"] for each in happenings(cast.ayse, cast.cem_id, **asked)]
    assert len(set(everything)) == 9
    assert walked(cast.ayse, cast.cem_id, limit, **asked) == everything


def test_reads_of_both_are_told_when_two_became_one_the_same_reader_of_one_moment_twice(cast: Cast) -> None:
    lost = cast.ayse.post("/customers", {"kind": "person", "given_name": "Cem", "family_name": "Işık"}).get_json()["id"]
    reader = new_id()
    for customer_id in (lost, cast.cem_id):
        read_by(reader, customer_id)
    merged = cast.ayse.post("/identity/merges", {"keep_id": str(cast.cem_id), "lose_id": lost})
    assert merged.status_code == 201, merged.text
    assert len(set(walked(cast.ayse, cast.cem_id, 1, kinds="read", occurred_to="2026-03-02T00:00:00Z"))) == 2
    answer = cast.ayse.get(f"/customers/{lost}/timeline", query_string={"kinds": "read"})
    assert answer.status_code == 308


def test_as_many_statements_are_run_for_many_reads_as_for_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    for name in ("rows", "first", "run"):
        monkeypatch.setattr(Transaction, name, _counting(getattr(Transaction, name), run))
    counts = []
    for more in (1, 30):
        for _ in range(more):
            read_by(new_id(), cast.cem_id)
        run.clear()
        assert len(happenings(cast.ayse, cast.cem_id, kinds="read,change,share,disclosure")) > more
        counts.append(len(run))
    assert counts[0] == counts[1]


def _counting(done: Any, run: list[str]) -> Any:
    def counted(tx: Transaction, query: Query, **params: Any) -> Any:
        run.append(str(query.sql))
        return done(tx, query, **params)

    return counted


def test_what_went_to_a_partners_system_is_told_with_what_is_gone(cast: Cast) -> None:
    link = new_id()
    put(_LINK, id=link)
    put(_SENT, link=link, customer=cast.cem_id)
    cast.eskisehir.get(f"/customers/{cast.cem_id}")
    happenings(cast.ayse, cast.cem_id, kinds="read")
    ways = {"sync": "customers", "read": "customers"}
    told = happenings(cast.ayse, cast.cem_id, kinds="disclosure")
    assert [(each["partner"], each["detail"]["way"]) for each in told] == [("eskisehir", "sync")]
    put("DELETE FROM sync_references")
    put("DELETE FROM access_log")
    told = happenings(cast.ayse, cast.cem_id, kinds="disclosure")
    assert {each["detail"]["way"]: each["detail"]["what"] for each in told} == ways
