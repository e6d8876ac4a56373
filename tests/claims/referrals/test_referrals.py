"""Işıl of Eskişehir is offered to Ankara, which sees where she lives and what she wants, and accepts or does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller, Channel
from gateway.claims.referrals import answering, service
from gateway.claims.referrals.states import ReferralNotOpen
from gateway.db import transaction
from tests.claims.conftest import ISIL, RACERS, approve, claim
from tests.commits import settle
from tests.conftest import Api, Cast
from tests.sync.conftest import rows

HOME = {"kind": "address", "address": {"line1": "Atatürk Cad. 5", "city": "Eskişehir", "country": "TR"}}
TRACES = ("Işıl", "Öğütçü", "5321112233", "Atatürk")


@pytest.fixture
def isil(cast: Cast) -> str:
    """Işıl, with a phone and an address, known to the house alone."""
    person = {**ISIL, "contact_points": [*ISIL["contact_points"], HOME]}
    return str(cast.ayse.post("/customers", person).get_json()["id"])


def offer(cast: Cast, isil: str, **said: Any) -> dict[str, Any]:
    """Offer her to Ankara."""
    wish = {"customer_id": isil, "partner": "ankara", "scope": "Sedan", "interest": "Sedan, iki ay içinde", **said}
    answer = cast.ayse.post("/referrals", wish)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def answer(api: Api, made: dict[str, Any], what: str, **said: Any) -> dict[str, Any]:
    got = api.post(f"/referrals/{made['id']}/{what}", said)
    assert got.status_code == 200, got.text
    return dict(got.get_json())


def seen(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    return dict(api.get(f"/referrals/{made['id']}").get_json())


def everything(api: Api, isil: str) -> str:
    """All that a partner can find out, where it could find the customer."""
    settle()
    paths = ("/referrals", "/customers", "/events?limit=200", "/interactions", f"/customers/{isil}")
    return str([api.get(path).get_json() for path in paths])


def told(api: Api) -> list[str]:
    items = api.events()
    return [each["type"] for each in items if not each["type"].startswith("customer.c")]


def expire(moment: datetime) -> int:
    with transaction(Caller.system("test")) as tx:
        return service.expire_due(tx, moment)


def test_partner_sees_the_preview_that_is_agreed_and_no_more(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    shown = seen(cast.ankara, made)
    assert shown["preview"] == {"city": "Eskişehir", "interest": "Sedan, iki ay içinde"}
    assert shown["customer_id"] is None
    text = everything(cast.ankara, isil)
    assert not any(trace in text for trace in (*TRACES, isil))


@pytest.mark.parametrize(
    ("agreed", "names"),
    [
        ({"kind": "own"}, {"kind", "city", "interest"}),
        ({"preview_fields": ["interest"]}, {"interest"}),
    ],
)
def test_agreement_says_what_is_shown_beforehand(
    cast: Cast, isil: str, agreed: dict[str, Any], names: set[str]
) -> None:
    cast.ayse.patch("/partners/ankara", agreed, version=1)
    assert set(seen(cast.ankara, offer(cast, isil))["preview"]) == names


def test_accepting_shares_the_customer(cast: Cast, isil: str) -> None:
    made = offer(cast, isil, ground="consent", role="seller")
    shown = answer(cast.ankara, made, "accept")
    assert (shown["status"], shown["customer_id"]) == ("accepted", isil)
    [share] = cast.ankara.get(f"/customers/{isil}/shares").get_json()["items"]
    assert (share["ground"], share["role"], share["reference"]) == ("consent", "seller", f"referral {made['id']}")
    assert told(cast.ankara) == ["referral.offered", "customer.shared", "referral.accepted"]


@pytest.mark.parametrize("end", ["decline", "withdraw", "expire"])
def test_who_did_not_accept_is_left_no_trace(cast: Cast, isil: str, end: str) -> None:
    made = offer(cast, isil)
    if end == "decline":
        answer(cast.ankara, made, "decline", reason="Yerimiz yok")
    elif end == "withdraw":
        answer(cast.ayse, made, "withdraw")
    else:
        assert expire(datetime.fromisoformat(made["answer_by"])) == 1
    assert seen(cast.ankara, made)["preview"] is None
    text = everything(cast.ankara, isil)
    assert not any(trace in text for trace in (*TRACES, isil, "Eskişehir", "iki ay"))
    assert cast.ankara.post(f"/referrals/{made['id']}/accept").get_json()["code"] == "referral_not_open"


def test_returned_customer_is_seen_no_more(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    for what in ("accept", "hand-over"):
        answer(cast.ankara, made, what)
    shown = answer(cast.ankara, made, "return", reason="Taşındı")
    assert (shown["status"], shown["customer_id"], shown["preview"]) == ("returned", None, None)
    assert cast.ankara.get(f"/customers/{isil}").status_code == 404
    assert seen(cast.ayse, made)["reason"] == "Taşındı"
    assert told(cast.ankara)[-3:] == ["referral.handed_over", "customer.unshared", "referral.returned"]


def test_return_ends_no_share_but_its_own(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    cast.ayse.post(f"/customers/{isil}/shares", {"partner": "ankara", "ground": "sale"})
    answer(cast.ankara, made, "accept")
    answer(cast.ankara, made, "return", reason="Bizim zaten")
    assert cast.ankara.get(f"/customers/{isil}").status_code == 200


def test_deadline_is_kept_to_the_moment(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    answer_by = datetime.fromisoformat(made["answer_by"])
    assert answer_by - datetime.fromisoformat(made["offered_at"]) == timedelta(days=14)
    assert (expire(answer_by - timedelta(microseconds=1)), expire(answer_by)) == (0, 1)
    occurred = rows("SELECT occurred_at FROM events WHERE type = 'referral.expired'")
    assert occurred == [(answer_by,)]


def test_late_answer_is_refused_though_upkeep_is_later(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    rows("UPDATE referrals SET answer_by = now() - interval '1 second' RETURNING 1")
    assert cast.ankara.post(f"/referrals/{made['id']}/accept").get_json()["code"] == "referral_not_open"
    assert cast.ankara.get(f"/customers/{isil}").status_code == 404


def test_offer_is_for_its_partner_alone(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    assert cast.eskisehir.get("/referrals").get_json()["items"] == []
    assert cast.eskisehir.post(f"/referrals/{made['id']}/accept").status_code == 404
    assert cast.eskisehir.events("type=referral.*") == []


@pytest.mark.parametrize(
    ("before", "code"),
    [("share", "customer_shared"), ("offer", "referral_open"), ("claim", "claim_protected"), ("end", "agreement_over")],
)
def test_what_stands_against_an_offer_is_named(cast: Cast, isil: str, before: str, code: str) -> None:
    if before == "share":
        cast.ayse.post(f"/customers/{isil}/shares", {"partner": "ankara"})
    elif before == "offer":
        offer(cast, isil)
    elif before == "claim":
        approve(cast, claim(cast.eskisehir))
    else:
        cast.ayse.patch("/partners/ankara", {"valid_until": "2020-01-01T00:00:00Z"}, version=1)
    refused = cast.ayse.post("/referrals", {"customer_id": isil, "partner": "ankara", "scope": "Sedan"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, code)


def test_offer_to_another_is_taken_back_when_a_claim_is_approved(cast: Cast, isil: str) -> None:
    made, other = offer(cast, isil), offer(cast, isil, partner="eskisehir", scope="Lastik")
    approve(cast, claim(cast.eskisehir))
    late = cast.ankara.post(f"/referrals/{made['id']}/accept", {})
    assert (late.status_code, late.get_json()["code"]) == (409, "referral_not_open")
    assert [seen(api, each)["status"] for api, each in ((cast.ankara, made), (cast.eskisehir, other))] == [
        "withdrawn", "offered",
    ]  # fmt: skip
    assert cast.ankara.get(f"/customers/{isil}").status_code == 404


def test_offer_follows_its_customer_through_a_merge(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    twin = cast.ayse.post("/customers", ISIL).get_json()["id"]
    assert cast.ayse.post("/identity/merges", {"keep_id": twin, "lose_id": isil}).status_code == 201
    assert answer(cast.ankara, made, "accept")["customer_id"] == twin


def test_of_sixteen_answers_at_once_one_counts(cast: Cast, isil: str, connections: None) -> None:
    referral_id = UUID(offer(cast, isil)["id"])
    ankara = Caller(Channel.EXTRANET, "ankara", partner_id=cast.ankara.partner_id, partner="ankara")
    start = Barrier(RACERS)

    def race(number: int) -> bool:
        try:
            with transaction(ankara) as tx:
                start.wait(timeout=60)
                answering.accept(tx, referral_id) if number % 2 else answering.decline(tx, referral_id, "Olmaz")
        except ReferralNotOpen:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as threads:
        assert sum(threads.map(race, range(RACERS))) == 1
    is_shared = "EXISTS (SELECT FROM shares s WHERE s.customer_id = r.customer_id)"
    [(status, shared)] = rows(f"SELECT r.status, {is_shared} FROM referrals r")
    assert shared is (status == "accepted")


def test_database_gives_a_partner_no_customer_that_it_was_not_offered(cast: Cast, isil: str) -> None:
    made = offer(cast, isil)
    stranger = Caller(Channel.EXTRANET, partner_id=cast.eskisehir.partner_id)
    with transaction(stranger) as tx:
        assert tx.raw.execute("SELECT accept_referral(%s)", [made["id"]]).fetchone() == (False,)
        assert tx.raw.execute("SELECT count(*) FROM referrals").fetchone() == (0,)
        assert tx.raw.execute("SELECT count(*) FROM shares WHERE customer_id = %s", [isil]).fetchone() == (0,)
