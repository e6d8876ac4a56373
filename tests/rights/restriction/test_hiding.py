"""Whose data may only be kept is shown and sent to no partner; the person and the house see it as before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from gateway.channels import Caller, Channel
from gateway.customers import service as customers
from gateway.db import now, transaction
from gateway.rights.restriction import service
from tests.claims.referrals.test_referrals import offer
from tests.conftest import Cast
from tests.rights.restriction.test_restricting import announced
from tests.sync.conftest import SYSTEM, Dealer, rows
from tests.sync.test_push import share_cem
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver

Json = dict[str, Any]
WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
LISTS = ("/customers", "/customers?q=cem", "/customers?sort=-updated_at", "/interactions", "/events?type=customer.*")


def restrict(cast: Cast) -> None:
    case_id = cast.cem.post("/rights-requests", {"kind": "restriction"}).get_json()["id"]
    assert cast.ayse.post(f"/rights-requests/{case_id}/start").status_code == 200


def lift(cast: Cast) -> None:
    assert announced(cast).status_code == 200
    with transaction(SYSTEM) as tx:
        service.lift_due(tx, now() + 2 * service.NOTICE)


def talk(cast: Cast, subject: str) -> Json:
    said = {"channel": "phone", "kind": "service", "direction": "in", "visibility": "shared", "subject": subject}
    answer = cast.ayse.post("/interactions", {**said, "customer_id": str(cast.cem_id)})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def rename(cast: Cast, name: str) -> None:
    path = f"/customers/{cast.cem_id}"
    assert cast.ayse.patch(path, {"family_name": name}, cast.ayse.get(path).get_json()["version"]).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_partner_finds_nothing_of_the_customer_until_it_is_lifted(cast: Cast, path: str) -> None:
    talk(cast, "Bakım")
    found = cast.eskisehir.get(path).get_json()["items"]
    restrict(cast)
    assert (len(found), cast.eskisehir.get(path).get_json()["items"]) == (1, [])
    lift(cast)
    assert len(cast.eskisehir.get(path).get_json()["items"]) >= 1


def test_to_a_partner_the_customer_is_not_there(cast: Cast) -> None:
    restrict(cast)
    path = f"/customers/{cast.cem_id}"
    assert cast.eskisehir.get(path).status_code == 404
    assert cast.eskisehir.patch(path, {"family_name": "Ak"}, 1).status_code == 404
    assert cast.eskisehir.get(f"{path}/contact-preferences").status_code == 404


def test_the_person_and_the_house_see_and_change_it_as_before(cast: Cast) -> None:
    restrict(cast)
    path = f"/customers/{cast.cem_id}"
    assert cast.cem.get(path).get_json()["family_name"] == "Işık"
    rename(cast, "Işıklı")
    assert cast.cem.get(path).get_json()["family_name"] == "Işıklı"


def test_who_is_not_restricted_is_shown_meanwhile(cast: Cast) -> None:
    made = cast.eskisehir.post("/customers", {"kind": "person", "given_name": "Şule"}).get_json()
    restrict(cast)
    assert [each["id"] for each in cast.eskisehir.get("/customers").get_json()["items"]] == [made["id"]]


def test_share_that_begins_meanwhile_shows_nothing_yet(cast: Cast) -> None:
    restrict(cast)
    asked = {"partner": "ankara", "ground": "service"}
    assert cast.ayse.post(f"/customers/{cast.cem_id}/shares", asked).status_code == 201
    assert cast.ankara.get(f"/customers/{cast.cem_id}").status_code == 404
    lift(cast)
    assert cast.ankara.get(f"/customers/{cast.cem_id}").status_code == 200


def test_database_alone_hides_the_customer(cast: Cast) -> None:
    restrict(cast)
    with transaction(Caller(Channel.EXTRANET, partner_id=cast.eskisehir.partner_id)) as tx:
        for table in ("customers", "shares", "customer_keys", "interactions"):
            assert tx.raw.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)


def test_partner_that_asks_for_changes_finds_the_customer_when_it_is_lifted(cast: Cast) -> None:
    before = quote(now().isoformat())
    restrict(cast)
    lift(cast)
    changed = cast.eskisehir.get(f"/customers?updated_since={before}").get_json()["items"]
    assert [each["id"] for each in changed] == [str(cast.cem_id)]
    assert [each["data"]["id"] for each in cast.eskisehir.events("type=customer.shared")][1:] == [str(cast.cem_id)]


def test_receiver_is_told_of_the_restriction_and_of_nothing_else_until_it_is_lifted(
    cast: Cast, register: Register, receiver: Receiver, deliver: Deliver
) -> None:
    register(cast.eskisehir, "*")
    rename(cast, "Bekleyen")  # still on its way when the restriction begins
    restrict(cast)
    rename(cast, "Işıklı")
    talk(cast, "Bakım")
    deliver()
    assert [message.event_type for message in receiver.messages] == ["restriction.began"]
    lift(cast)
    deliver()
    told = {message.event_type for message in receiver.messages[1:]}
    assert told == {"restriction.lifting_announced", "restriction.lifted", "customer.shared"}


def test_nothing_is_sent_to_a_partners_system_until_it_is_lifted(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    dealer.sync()
    restrict(cast)
    rename(cast, "Işıklı")
    assert dealer.sync().streams["customers"]["pushed"] == 0
    lift(cast)
    assert dealer.sync().streams["customers"]["pushed"] == 1
    assert [each["family_name"] for each in dealer.system.records("customers")] == ["Işıklı"]


def test_what_was_said_meanwhile_reaches_a_partners_system_when_it_is_lifted(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    known = talk(cast, "Bakım")
    dealer.sync()
    restrict(cast)
    talk(cast, "Lastik değişimi")
    path = f"/interactions/{known['id']}"
    assert cast.ayse.patch(path, {"subject": "Bakım ve boya"}, known["version"]).status_code == 200
    assert dealer.sync().streams["interactions"]["pushed"] == 0
    lift(cast)
    assert [dealer.sync().streams["interactions"]["pushed"] for _ in range(2)] == [2, 0]
    subjects = {each["subject"] for each in dealer.system.records("interactions")}
    assert subjects == {"Bakım ve boya", "Lastik değişimi"}


@pytest.mark.parametrize("is_lifted", [True, False])
def test_share_that_is_made_that_very_moment_follows(cast: Cast, is_lifted: bool) -> None:
    if is_lifted:
        restrict(cast)
        announced(cast)
    with ThreadPoolExecutor(1) as pool:
        with transaction(SYSTEM) as tx:
            customers.share(tx, cast.cem_id, "ankara", "service")
            done = pool.submit(lift if is_lifted else restrict, cast)
            while not rows(WAITING):
                assert not done.done(), "it waits for the share"
        done.result(timeout=20)
    assert cast.ankara.get(f"/customers/{cast.cem_id}").status_code == (200 if is_lifted else 404)


def test_what_a_merge_brought_holds_on_when_the_other_one_is_lifted(cast: Cast) -> None:
    restrict(cast)
    twin = cast.ayse.post("/customers", {"kind": "person", "given_name": "Cem"}).get_json()["id"]
    case_id = cast.ayse.post("/rights-requests", {"kind": "restriction", "customer_id": twin}).get_json()["id"]
    cast.ayse.post(f"/rights-requests/{case_id}/start")
    announced(cast)
    both = {"keep_id": str(cast.cem_id), "lose_id": twin}
    assert cast.ayse.post("/identity/merges", both).status_code == 201
    with transaction(SYSTEM) as tx:
        assert service.lift_due(tx, now() + 2 * service.NOTICE) == 0
    assert cast.eskisehir.get(f"/customers/{cast.cem_id}").status_code == 404


@pytest.mark.parametrize("is_kept", [True, False])
def test_who_becomes_one_with_a_restricted_customer_is_hidden_until_they_are_taken_apart(
    cast: Cast, is_kept: bool
) -> None:
    twin = cast.ankara.post("/customers", {"kind": "person", "given_name": "Cem"}).get_json()["id"]
    restrict(cast)
    keep, lose = (str(cast.cem_id), twin) if is_kept else (twin, str(cast.cem_id))
    merge_id = cast.ayse.post("/identity/merges", {"keep_id": keep, "lose_id": lose}).get_json()["id"]
    shown = [api.get(f"/customers/{keep}").status_code for api in (cast.eskisehir, cast.ankara, cast.ayse)]
    assert shown == [404, 404, 200]
    assert cast.ayse.post(f"/identity/merges/{merge_id}/undo").status_code == 200
    assert cast.ankara.get(f"/customers/{twin}").status_code == 200
    assert cast.eskisehir.get(f"/customers/{cast.cem_id}").status_code == 404


def test_offers_of_the_customer_are_taken_back_and_none_is_made(cast: Cast) -> None:
    made = offer(cast, str(cast.cem_id))
    restrict(cast)
    shown = cast.ankara.get(f"/referrals/{made['id']}").get_json()
    assert (shown["status"], shown["preview"]) == ("withdrawn", None)
    again = {"customer_id": str(cast.cem_id), "partner": "ankara", "scope": "Sedan"}
    answer = cast.ayse.post("/referrals", again)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "processing_restricted")
