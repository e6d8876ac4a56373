"""Statements: who may make and see which, and that none is ever overwritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from gateway.channels import Caller, Channel
from gateway.db import transaction
from tests.conftest import Api, Cast
from tests.consent.conftest import PROOF, consents, say


def refusal(api: Api, cast: Cast, **said: Any) -> tuple[int, str, str]:
    answer = api.post(consents(cast), {"purpose": "marketing", "decision": "granted", **said})
    [error] = answer.get_json()["errors"]
    return answer.status_code, error["pointer"], error["code"]


def test_history_keeps_every_word_the_latest_first(cast: Cast) -> None:
    spoken = [say(cast.ayse, cast, decision)["id"] for decision in ("granted", "withdrawn", "granted")]
    listed = cast.ayse.get(consents(cast)).get_json()["items"]
    assert [each["id"] for each in listed] == spoken[::-1]
    page = cast.ayse.get(f"{consents(cast)}?limit=2").get_json()
    rest = cast.ayse.get(f"{consents(cast)}?limit=2&cursor={page['next']}").get_json()
    assert page["items"] + rest["items"] == listed


def test_statement_tells_who_said_it_when_and_what_proves_it(cast: Cast) -> None:
    said_at = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
    evidence = {**PROOF, "reference": "Form 17", "wording": "2026-1", "ip": "192.0.2.7"}
    said = say(cast.ayse, cast, said_at=said_at.isoformat(), source="form", channel="email", evidence=evidence)
    assert (said["source"], said["evidence"], said["recorder"]) == ("form", evidence, None)
    assert datetime.fromisoformat(said["said_at"]) == said_at
    assert said["recorded_by"].startswith("client:")


def test_database_lets_nobody_rewrite_what_was_said(cast: Cast) -> None:
    say(cast.ayse, cast)
    with pytest.raises(psycopg.errors.RaiseException), transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE consent_statements SET decision = 'withdrawn'")


def test_partner_sees_what_concerns_itself_and_not_who_wrote_it_down(cast: Cast) -> None:
    own = say(cast.eskisehir, cast)
    to_all = say(cast.ayse, cast, "withdrawn", channel="sms", source="call", evidence=PROOF)
    to_house = say(cast.ayse, cast, "withdrawn", audience="house")
    to_other = say(cast.ayse, cast, "withdrawn", audience="partner", partner="ankara")
    seen = {each["id"]: each for each in cast.eskisehir.get(consents(cast)).get_json()["items"]}
    assert set(seen) == {own["id"], to_all["id"]}
    assert {to_house["id"], to_other["id"]}.isdisjoint(seen)
    assert (seen[own["id"]]["evidence"], seen[to_all["id"]]["evidence"], seen[to_all["id"]]["source"]) == (
        PROOF,
        None,
        None,
    )
    assert {"recorder", "recorded_by", "recorded_at", "partner"}.isdisjoint(seen[to_all["id"]])


def test_customer_sees_everything_and_who_wrote_it_down(cast: Cast) -> None:
    say(cast.eskisehir, cast)
    say(cast.ayse, cast, "withdrawn", audience="partner", partner="ankara")
    first, second = cast.cem.get(consents(cast)).get_json()["items"]
    assert (first["partner"], first["recorder"]) == ("ankara", None)
    assert (second["partner"], second["recorder"], second["evidence"]) == ("eskisehir", "eskisehir", PROOF)


def test_partner_without_the_customer_neither_reads_nor_writes(cast: Cast) -> None:
    answers = [
        cast.ankara.get(consents(cast)),
        cast.ankara.get(f"{consents(cast)}/positions"),
        cast.ankara.post(consents(cast), {"decision": "withdrawn"}),
    ]
    assert [each.status_code for each in answers] == [404, 404, 404]


def test_partner_speaks_for_itself_and_passes_on_that_nobody_may(cast: Cast) -> None:
    assert say(cast.eskisehir, cast)["audience"] == "partner"
    assert say(cast.eskisehir, cast, "withdrawn", audience="all")["audience"] == "all"
    assert refusal(cast.eskisehir, cast, audience="all", evidence=PROOF) == (422, "/audience", "not_yours")
    assert refusal(cast.eskisehir, cast, audience="house") == (422, "/audience", "invalid")
    assert refusal(cast.eskisehir, cast, partner="ankara") == (422, "/partner", "unknown_field")


@pytest.mark.parametrize("said", [{}, {"audience": "all", "decision": "withdrawn"}, {"evidence": {"ip": "192.0.2.7"}}])
def test_partner_proves_what_it_claims(cast: Cast, said: dict[str, Any]) -> None:
    assert refusal(cast.eskisehir, cast, **said) == (422, "/evidence", "required")


def test_database_keeps_a_partner_from_speaking_for_others(cast: Cast) -> None:
    said = say(cast.eskisehir, cast)
    copied = "SELECT (jsonb_populate_record(s, %s)).* FROM consent_statements s WHERE id = %s"
    caller = Caller(Channel.EXTRANET, "eskisehir", partner_id=cast.eskisehir.partner_id, partner="eskisehir")
    for wish in ({"audience": "all", "partner_id": None}, {"recorder_id": str(cast.ankara.partner_id)}):
        change = psycopg.types.json.Jsonb({"id": str(cast.cem_id), **wish})
        with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(caller) as tx:
            tx.raw.execute(f"INSERT INTO consent_statements {copied}", [change, said["id"]])
    with transaction(caller) as tx:
        assert tx.raw.execute("UPDATE consent_statements SET moves = '[]'").rowcount == 0
        assert tx.raw.execute("DELETE FROM consent_statements").rowcount == 0


def test_customer_says_it_themselves_with_where_they_said_it(cast: Cast) -> None:
    said = say(cast.cem, cast, "withdrawn", wording="2026-2")
    assert (said["source"], said["evidence"]["wording"], said["audience"]) == ("own_account", "2026-2", "all")
    assert said["evidence"]["ip"] == "127.0.0.1"
    assert refusal(cast.cem, cast, said_at="2026-01-01T00:00:00Z") == (422, "/said_at", "unknown_field")


def test_customer_speaks_to_partners_they_are_shared_with_and_learns_of_no_other(cast: Cast) -> None:
    say(cast.cem, cast, "withdrawn", audience="partner", partner="eskisehir")
    unknown = refusal(cast.cem, cast, audience="partner", partner="ankara")
    assert unknown == refusal(cast.cem, cast, audience="partner", partner="yok") == (422, "/partner", "unknown")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"purpose": "uçuş"}, ("/purpose", "unknown")),
        ({"purpose": "legal", "decision": "withdrawn"}, ("/purpose", "legal")),
        ({"contact_point": "01936f2a-7c1e-7b52-9d0e-3f6b8a1c2d4e"}, ("/contact_point", "unknown")),
        ({"said_at": (datetime.now(UTC) + timedelta(hours=2)).isoformat()}, ("/said_at", "in_future")),
        ({"valid_until": "2020-01-01T00:00:00Z"}, ("/valid_until", "too_early")),
        ({"partner": "eskisehir"}, ("/partner", "not_wanted")),
        ({"channel": "brieftaube"}, ("/channel", "invalid")),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    cast: Cast, said: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal(cast.ayse, cast, **said) == (422, *expected)


def test_contact_point_is_named_with_a_channel_it_is_for(cast: Cast, points: dict[str, str]) -> None:
    wrong = refusal(cast.ayse, cast, channel="email", contact_point=points["phone"])
    assert wrong == (422, "/channel", "unfit")
    assert say(cast.ayse, cast, channel="sms", contact_point=points["phone"])["contact_point"] == points["phone"]


def test_positions_say_what_it_all_comes_to(cast: Cast) -> None:
    say(cast.eskisehir, cast, channel="email")
    say(cast.cem, cast, "withdrawn", purpose="service", channel="phone")
    seen = cast.eskisehir.get(f"{consents(cast)}/positions").get_json()["items"]
    because = {(each["purpose"], each["channel"]): each["because"] for each in seen}
    assert because["marketing", "email"] == "granted"
    assert because["marketing", "sms"] == "no_consent"
    assert (because["service", "phone"], because["service", "email"]) == ("withdrawn", "default")
    inside = cast.ayse.get(f"{consents(cast)}/positions").get_json()["items"]
    assert not next(each for each in inside if each["purpose"] == "marketing" and each["channel"] == "email")["allowed"]


def test_change_is_told_to_those_who_may_see_it(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    own = say(cast.eskisehir, cast)
    to_all = say(cast.cem, cast, "withdrawn")
    doors = {"eskisehir": cast.eskisehir, "ankara": cast.ankara, "ayse": cast.ayse, "cem": cast.cem}
    told = {name: [each["data"] for each in api.events("type=consent.changed")] for name, api in doors.items()}
    assert {name: [each["id"] for each in events] for name, events in told.items()} == {
        "eskisehir": [own["id"], to_all["id"]],
        "ankara": [to_all["id"]],
        "ayse": [own["id"], to_all["id"]],
        "cem": [own["id"], to_all["id"]],
    }
    assert {"recorder", "evidence", "source"}.isdisjoint(told["ankara"][0])
