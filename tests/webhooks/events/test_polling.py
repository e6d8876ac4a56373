"""Polling gives everybody the events that are theirs, in the order of commits, each once, and nothing of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway import outbox
from gateway.channels import Caller
from gateway.commit_order import Place
from gateway.db import now, transaction
from gateway.oauth import standing
from gateway.webhooks.events import stream
from tests.conftest import Api, Cast
from tests.test_outbox import settle
from tests.webhooks.test_delivery import rename

KAYA = {"kind": "person", "given_name": "Ümit", "family_name": "Kaya"}


def poll(api: Api, **query: Any) -> dict[str, Any]:
    settle()
    answer = api.get("/events", query_string=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def types(page: dict[str, Any]) -> list[str]:
    return [each["type"] for each in page["items"]]


def test_caller_reads_on_where_it_stopped(cast: Cast) -> None:
    first = poll(cast.ayse)
    rename(cast)
    second = poll(cast.ayse, after=first["next"])
    third = poll(cast.ayse, after=second["next"])
    assert types(first) == ["customer.created", "customer.shared"]
    assert (types(second), types(third), third["more"]) == (["customer.updated"], [], False)


def test_pages_follow_without_gap_or_repeat(cast: Cast) -> None:
    for number in range(5):
        rename(cast, given_name=f"Cem {number}")
    names: list[str] = []
    after: dict[str, str] = {}
    more = True
    while more:
        page = poll(cast.ayse, limit=2, type="customer.updated", **after)
        names += [each["data"]["given_name"] for each in page["items"]]
        after, more = {"after": page["next"]}, page["more"]
    assert names == [f"Cem {number}" for number in range(5)]


def test_stretches_that_hold_nothing_of_the_callers_are_passed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STRETCH", 2)
    monkeypatch.setattr(stream, "MOST_STRETCHES", 2)
    for number in range(9):
        rename(cast, internal_note=f"Not {number}")
    rename(cast, given_name="İğşı")
    pages = [poll(cast.eskisehir, type="customer.updated")]
    while pages[-1]["more"]:
        pages.append(poll(cast.eskisehir, type="customer.updated", after=pages[-1]["next"]))
    assert [types(page) for page in pages if page["items"]] == [["customer.updated"]]
    assert len(pages) == 4


def test_partner_never_polls_anothers_customers(cast: Cast) -> None:
    cast.eskisehir.post("/customers", KAYA)
    rename(cast)
    assert {**poll(cast.ankara), "next": ""} == {"items": [], "next": "", "more": False}
    assert len(poll(cast.eskisehir)["items"]) == 3


def test_partner_sees_the_columns_its_agreement_grants(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    rename(cast, birth_date="1981-01-02")
    (told,) = poll(cast.eskisehir, type="customer.updated")["items"]
    assert told["data"]["birth_date"] == "1981-01-02"
    assert {"owner", "internal_note", "tax_id"}.isdisjoint(told["data"])
    assert poll(cast.ankara, type="customer.updated")["items"] == []


@pytest.mark.parametrize("granted", [["birth_date", "tax_id"], ["tax_id"], []])
def test_columns_are_those_the_agreement_grants_now(cast: Cast, granted: list[str]) -> None:
    rename(cast)
    partner = cast.ayse.get("/partners/eskisehir").get_json()
    assert cast.ayse.patch("/partners/eskisehir", {"granted_fields": granted}, partner["version"]).status_code == 200
    standing.forget()
    (told,) = poll(cast.eskisehir, type="customer.updated")["items"]
    assert {"birth_date", "tax_id"}.intersection(told["data"]) == set(granted)


def test_of_a_customer_no_longer_shared_only_its_end_is_told(cast: Cast) -> None:
    rename(cast)
    assert types(poll(cast.eskisehir)) == ["customer.shared", "customer.updated"]
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/eskisehir")
    (told,) = poll(cast.eskisehir)["items"]
    assert (told["type"], set(told["data"])) == ("customer.unshared", {"id", "version"})


def test_customer_polls_their_own_record_and_nobody_elses(cast: Cast) -> None:
    cast.ayse.post("/customers", KAYA)
    rename(cast, internal_note="Gizli")
    rename(cast, given_name="İğşı")
    assert types(poll(cast.cem)) == ["customer.created", "customer.updated"]
    assert {each["data"]["id"] for each in poll(cast.cem)["items"]} == {str(cast.cem_id)}


@pytest.mark.parametrize("pattern", ["sync.*", "sync.run.failed", "nonsense", "custom*", "*.updated"])
def test_type_that_never_comes_is_refused_in_the_same_words(cast: Cast, pattern: str) -> None:
    answer = cast.eskisehir.get("/events", query_string={"type": pattern})
    assert (answer.status_code, answer.get_json()["errors"][0]["parameter"]) == (400, "type")
    assert "sync" not in answer.get_json()["errors"][0]["message"]


def test_place_of_another_is_refused(cast: Cast) -> None:
    after = poll(cast.eskisehir)["next"]
    for stranger in (cast.ankara, cast.ayse, cast.cem):
        assert stranger.get("/events", query_string={"after": after}).status_code == 400
    assert cast.eskisehir.get("/events", query_string={"after": after[:-4] + "AAAA"}).status_code == 400


def test_since_begins_at_a_moment(cast: Cast) -> None:
    poll(cast.ayse)
    moment = now()
    rename(cast)
    assert types(poll(cast.ayse, since=moment.isoformat())) == ["customer.updated"]
    assert types(poll(cast.ayse, since=(moment + timedelta(minutes=1)).isoformat())) == []


def test_place_of_a_moment_lies_before_whatever_came_since(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_OUT_OF_ORDER", timedelta())
    moment = now()
    for number in range(3):
        rename(cast, given_name=f"Cem {number}")
    settle()
    with transaction(Caller.system("test")) as tx:
        begin = stream.start(tx, moment)
        assert [event.type for event in outbox.read(tx, begin)] == ["customer.updated"] * 3


def test_place_whose_events_were_removed_is_gone(cast: Cast) -> None:
    after = poll(cast.eskisehir, limit=1)["next"]
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("DELETE FROM events")
        (horizon,) = tx.raw.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone() or ("0",)
        outbox.mark_forgotten(tx, Place(str(horizon), 0))
    gone = cast.eskisehir.get("/events", query_string={"after": after})
    assert (gone.status_code, gone.get_json()["code"]) == (410, "events_forgotten")
    assert poll(cast.eskisehir)["items"] == []


@pytest.mark.parametrize("statement", ["UPDATE events SET type = 'x'", "DELETE FROM events", "DELETE FROM event_types"])
def test_whoever_polls_changes_nothing(cast: Cast, statement: str) -> None:
    caller = Caller(cast.eskisehir.channel, partner_id=cast.eskisehir.partner_id)
    with transaction(caller) as tx:
        assert tx.raw.execute("SELECT count(*) FROM events").fetchone() == (1,)
        assert tx.raw.execute(statement.encode()).rowcount == 0


def test_looking_for_places_leaves_the_caller_who_it_is(cast: Cast) -> None:
    caller = Caller(cast.ankara.channel, partner_id=cast.ankara.partner_id)
    with transaction(caller) as tx:
        stream.start(tx, now())
        stream.poll(tx, Place("0", 0), stream.Wanted(), 10)
        assert tx.raw.execute("SELECT caller_channel(), count(*) FROM events").fetchone() == ("extranet", 0)


def test_what_a_person_polls_is_in_the_audit_trail(cast: Cast) -> None:
    poll(cast.cem)
    poll(cast.eskisehir)
    with transaction(Caller.system("test")) as tx:
        polled = tx.raw.execute("SELECT actor, detail FROM audit_entries WHERE action = 'events.polled'").fetchall()
    assert polled == [(f"customer:{cast.cem_id}", {"shown": 1})]
