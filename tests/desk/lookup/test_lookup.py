"""Who is calling is told in one answer, whatever form the number comes in."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from gateway.accounts import service as accounts
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.db import transaction
from tests.conftest import Api, Cast, person_token

PATH = "/customers/lookup"


def look_up(api: Api, **known: str) -> list[dict[str, Any]]:
    answer = api.get(PATH, query_string=known)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def add(api: Api, given_name: str, phone: str = "0532 123 45 67", **more: Any) -> str:
    points = [{"kind": "phone", "value": phone}]
    answer = api.post("/customers", {"kind": "person", "given_name": given_name, "contact_points": points, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def call(api: Api, customer_id: object, subject: str, at: str) -> None:
    said = {"channel": "phone", "kind": "inquiry", "direction": "in", "subject": subject, "occurred_at": at}
    assert api.post("/interactions", {**said, "customer_id": str(customer_id)}).status_code == 201


@pytest.mark.parametrize(
    "phone",
    ["05321234567", "+90 532 123 45 67", "905321234567", "0090 532 1234567", "(532) 123-4567", " 905321234567"],
)
def test_phone_is_known_in_any_form(cast: Cast, phone: str) -> None:
    assert [each["customer"]["id"] for each in look_up(cast.ayse, phone=phone)] == [str(cast.cem_id)]


@pytest.mark.parametrize(
    "known", [{"email": "CEM@example.com"}, {"identifier": "erp:C-1042"}, {"tax_id": "1729 171 60 60"}]
)
def test_customer_is_known_by_more_than_a_phone(cast: Cast, known: dict[str, str]) -> None:
    assert [each["customer"]["id"] for each in look_up(cast.ayse, **known)] == [str(cast.cem_id)]


def test_whole_record_comes_with_the_latest_five_interactions(cast: Cast) -> None:
    for day in range(1, 8):
        call(cast.eskisehir, cast.cem_id, f"{day}. arama", f"2026-03-0{day}T10:00:00Z")
    (found,) = look_up(cast.ayse, phone="05321234567")
    assert found["customer"] == cast.ayse.get(f"/customers/{cast.cem_id}").get_json()
    assert [each["subject"] for each in found["interactions"]] == [f"{day}. arama" for day in (7, 6, 5, 4, 3)]


def test_household_is_listed_whoever_was_spoken_to_last_first(cast: Cast) -> None:
    ayse, veli = add(cast.ayse, "Ayşe"), add(cast.ayse, "Veli", status="inactive")
    call(cast.eskisehir, cast.cem_id, "Eski", "2026-01-01T10:00:00Z")
    call(cast.ayse, ayse, "Yeni", "2026-02-01T10:00:00Z")
    call(cast.ayse, veli, "En yeni", "2026-03-01T10:00:00Z")
    assert [each["customer"]["id"] for each in look_up(cast.ayse, phone="05321234567")] == [
        ayse,
        str(cast.cem_id),
        veli,
    ]


def test_number_that_many_share_shows_ten_and_says_so(cast: Cast) -> None:
    for number in range(11):
        add(cast.ayse, f"Kişi {number}", "0312 444 00 00")
    shown = cast.ayse.get(PATH, query_string={"phone": "03124440000"}).get_json()
    assert (len(shown["items"]), shown["more"]) == (10, True)


def test_nobody_is_an_empty_list(cast: Cast) -> None:
    assert cast.ayse.get(PATH, query_string={"phone": "05559999999"}).get_json() == {"items": [], "more": False}


@pytest.mark.parametrize(
    "known",
    [{}, {"phone": "anonymous"}, {"phone": "05321234567", "email": "cem@example.com"}, {"email": "cem"}, {"q": "cem"}],
)
def test_what_nobody_can_be_known_by_is_refused(cast: Cast, known: dict[str, str]) -> None:
    assert cast.ayse.get(PATH, query_string=known).status_code == 400


def test_only_the_inside_looks_up(cast: Cast) -> None:
    for api in (cast.eskisehir, cast.cem):
        assert api.get(PATH, query_string={"phone": "05321234567"}).status_code == 404


def test_number_that_nobody_verified_is_to_be_asked_for(cast: Cast) -> None:
    (found,) = look_up(cast.ayse, phone="05321234567")
    assert found["next_steps"][0]["code"] == "verify_contact_point"


def test_what_still_holds_of_consent_is_shown(cast: Cast) -> None:
    for decision, channel in (("granted", "phone"), ("withdrawn", "phone"), ("granted", "email")):
        said = {"decision": decision, "channel": channel}
        assert cast.ayse.post(f"/customers/{cast.cem_id}/consents", said).status_code == 201
    (found,) = look_up(cast.ayse, phone="05321234567")
    standing = [(each["channel"], each["decision"]) for each in found["consents"]]
    assert standing == [("email", "granted"), ("phone", "withdrawn")]


def test_who_looked_up_whom_is_written_down(cast: Cast, settings: Settings) -> None:
    with transaction(Caller.system("test")) as tx:
        accounts.add_user(tx, "zeynep", "sedan-sever-35", Channel.INTRANET, "agent", display_name="Zeynep")
        token = person_token(tx, "zeynep", Channel.INTRANET)
    agent = Api(cast.ayse.client, Channel.INTRANET, token)
    look_up(agent, phone="05321234567")
    asked = "SELECT actor, resource_id, detail ->> 'by' FROM audit_entries WHERE action = 'customer.looked_up'"
    plain = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(plain, options="-c kopru.channel=system") as connection:
        assert connection.execute(asked).fetchall() == [("user:zeynep", str(cast.cem_id), "phone")]
