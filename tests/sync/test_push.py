"""Pushing: what changed here reaches the partner once, as it may see it, and nothing comes back as news."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.wrappers import Request, Response

from gateway.customers import service as customers
from gateway.db import Query, transaction
from gateway.interactions import service as interactions
from gateway.sync import changes, jobs
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

CALL = {"channel": "phone", "kind": "service", "direction": "out", "subject": "Bakım", "visibility": "shared"}


def share_cem(cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        customers.share(tx, cast.cem_id, "eskisehir", "sale")


def change(cast: Cast, customer_id: UUID | None, **patch: Any) -> None:
    """Ayşe changes a customer."""
    version = cast.ayse.get(f"/customers/{customer_id}").get_json()["version"]
    answer = cast.ayse.patch(f"/customers/{customer_id}", patch, version)
    assert answer.status_code == 200, answer.text


def test_a_customer_of_the_hub_shared_with_a_dealer_is_pushed_once(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    runs = [dealer.sync() for _ in range(3)]
    assert [run.streams["customers"]["pushed"] for run in runs] == [1, 0, 0]
    assert dealer.writes() == ["POST /customers"]
    (there,) = dealer.system.records("customers")
    assert (there["family_name"], there["reference"]) == ("Işık", str(cast.cem_id))


def test_a_dealer_gets_only_what_its_agreement_grants(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    dealer.sync()
    (there,) = dealer.system.records("customers")
    assert there["birth_date"] == "1980-05-17", "granted"
    assert not {"tax_id", "owner", "internal_note", "id", "display_name"} & set(there)


def test_what_was_pushed_comes_back_as_nothing_new(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    dealer.sync()
    before = rows("SELECT version, updated_at FROM customers")
    echo = dealer.sync().streams["customers"]
    assert (echo["read"], echo["unchanged"], echo["changed"]) == (1, 1, 0)
    assert rows("SELECT version, updated_at FROM customers") == before


def test_what_a_dealer_brought_is_not_sent_back_to_it(dealer: Dealer) -> None:
    dealer.add_interaction(dealer.add_customer())
    dealer.sync()
    dealer.sync()
    assert dealer.writes() == []


def test_only_the_changed_fields_are_sent(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("Ece")
    dealer.sync()
    change(cast, dealer.record("customers", customer), family_name="Çelik")
    sent: list[Any] = []
    dealer.moody.before = lambda request: sent.append(request.get_json()) if request.method == "PATCH" else None
    assert dealer.sync().streams["customers"]["pushed"] == 1
    assert sent == [{"family_name": "Çelik", "reference": str(dealer.record("customers", customer))}]
    assert dealer.system.tables["customers"][customer]["family_name"] == "Çelik"


def test_a_change_the_dealer_may_not_see_sends_nothing(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer()
    dealer.sync()
    change(cast, dealer.record("customers", customer), internal_note="Gizli", owner="ayse")
    dealer.sync()
    assert dealer.writes() == [] and rows("SELECT count(*) FROM sync_operations") == [(0,)]


def test_an_interaction_of_the_hub_goes_to_the_dealer_under_its_own_customer(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer()
    dealer.sync()
    with transaction(SYSTEM) as tx:
        for visibility in ("shared", "internal"):
            about = {"customer_id": dealer.record("customers", customer), "visibility": visibility}
            interactions.create(tx, CALL | about)
    assert dealer.sync().streams["interactions"]["pushed"] == 1
    (there,) = dealer.system.records("interactions")
    assert there["customer_external_id"] == customer and "cost" not in there


def test_with_a_shared_customer_come_its_shared_interactions(dealer: Dealer, cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        interactions.create(tx, CALL | {"customer_id": cast.cem_id})
    share_cem(cast)
    dealer.sync()
    (person,), (call,) = dealer.system.records("customers"), dealer.system.records("interactions")
    assert call["customer_external_id"] == person["external_id"]


def test_a_stale_write_goes_out_after_the_next_pull(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("Efe")
    dealer.sync()
    change(cast, dealer.record("customers", customer), given_name="Efecan")

    def meanwhile(request: Request) -> Response | None:
        if request.method == "PATCH":
            dealer.moody.before = lambda request: None
            dealer.system.change("customers", customer, {"family_name": "Kaya"})
        return None

    dealer.moody.before = meanwhile
    stale, then = dealer.sync(), dealer.sync()
    assert (stale.streams["customers"]["pushed"], then.streams["customers"]["pushed"]) == (0, 1)
    there = dealer.system.tables["customers"][customer]
    here = cast.ayse.get(f"/customers/{dealer.record('customers', customer)}").get_json()
    assert [(each["given_name"], each["family_name"]) for each in (there, here)] == [("Efecan", "Kaya")] * 2


def test_changes_on_both_sides_meet_field_by_field(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("Efe")
    dealer.sync()
    change(cast, dealer.record("customers", customer), given_name="Efecan")
    dealer.system.change("customers", customer, {"family_name": "Kaya"})
    counts = dealer.sync().streams["customers"]
    assert (counts["changed"], counts["conflicts"], counts["pushed"]) == (1, 0, 1), "they changed different fields"
    there = dealer.system.tables["customers"][customer]
    here = cast.ayse.get(f"/customers/{dealer.record('customers', customer)}").get_json()
    assert [(each["given_name"], each["family_name"]) for each in (there, here)] == [("Efecan", "Kaya")] * 2


def test_a_change_the_dealer_refuses_fails_alone(dealer: Dealer, cast: Cast) -> None:
    first, second = dealer.add_customer("Bir"), dealer.add_customer("İki")
    dealer.sync()
    for customer in (first, second):
        change(cast, dealer.record("customers", customer), family_name="Yeni")
    refused = f"/customers/{first}"
    dealer.moody.before = lambda request: (
        Response("no such thing", 422) if (request.method, request.path) == ("PATCH", refused) else None
    )
    run = dealer.sync()
    assert (run.status, run.streams["customers"]["pushed"], run.streams["customers"]["failed"]) == ("succeeded", 1, 1)
    assert "422" in rows("SELECT error FROM sync_operations WHERE state = 'failed'")[0][0]


def test_nothing_is_sent_about_a_customer_no_longer_shared(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
    dealer.sync()
    assert dealer.writes() == []


def test_a_partners_own_create_through_the_api_reaches_its_system(dealer: Dealer, cast: Cast) -> None:
    made = cast.eskisehir.post("/customers", {"kind": "organisation", "organisation_name": "Yıldız A.Ş."})
    assert made.status_code == 201
    dealer.sync()
    assert [each["organisation_name"] for each in dealer.system.records("customers")] == ["Yıldız A.Ş."]


@pytest.mark.parametrize("side", ["here", "there"])
def test_after_one_change_both_sides_come_to_rest(dealer: Dealer, cast: Cast, side: str) -> None:
    customer = dealer.add_customer("Can", contact_points=[{"kind": "phone", "value": "0532 111 22 33"}])
    dealer.sync()
    if side == "here":
        change(cast, dealer.record("customers", customer), contact_points=[{"kind": "phone", "value": "05321112244"}])
    else:
        dealer.system.change("customers", customer, {"contact_points": [{"kind": "phone", "value": "0532 111 22 44"}]})
    dealer.sync()
    written, version = len(dealer.writes()), rows("SELECT sum(version) FROM customers")
    for _ in range(3):
        dealer.sync()
    assert (len(dealer.writes()), rows("SELECT sum(version) FROM customers")) == (written, version)


def test_an_event_behind_an_open_transaction_comes_with_the_next_run(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_PATIENCE_SECONDS", 0.0)
    with transaction(SYSTEM) as open_one:
        open_one.rows(Query(text("SELECT pg_current_xact_id()::text")))
        share_cem(cast)
        assert dealer.sync().streams["customers"]["pushed"] == 0
    assert dealer.sync().streams["customers"]["pushed"] == 1


def test_a_push_waits_a_moment_for_a_transaction_that_is_still_open(dealer: Dealer, cast: Cast) -> None:
    with transaction(SYSTEM) as open_one:
        open_one.rows(Query(text("SELECT pg_current_xact_id()::text")))
        share_cem(cast)
        worker = ThreadPoolExecutor(1).submit(dealer.sync)
        time.sleep(0.5)
    assert worker.result(timeout=20).streams["customers"]["pushed"] == 1


@pytest.mark.parametrize("change", ["status = 'suspended'", "granted_fields = '{}'"])
def test_what_a_dealer_may_not_have_any_more_stops_even_a_run_under_way(
    dealer: Dealer, cast: Cast, change: str
) -> None:
    def meanwhile(request: Request) -> None:
        rows(f"UPDATE partners SET {change} WHERE code = 'eskisehir' RETURNING 1")

    share_cem(cast)
    dealer.moody.before = meanwhile
    run = dealer.sync()
    assert dealer.writes() == []
    jobs.run(str(run.id))
    there = dealer.system.records("customers")
    assert run_of(run.id).status == ("failed" if "suspended" in change else "succeeded")
    assert not any("birth_date" in each for each in there)


def test_what_changed_while_a_record_was_gone_there_is_sent_when_it_comes_back(dealer: Dealer, cast: Cast) -> None:
    share_cem(cast)
    dealer.sync()
    kept = dict(dealer.system.records("customers")[0])
    dealer.system.remove("customers", kept["external_id"])
    dealer.sync()
    change(cast, cast.cem_id, given_name="Cemil")
    dealer.system.restore("customers", kept["external_id"], kept)
    runs = [dealer.sync() for _ in range(2)]
    assert dealer.system.records("customers")[0]["given_name"] == "Cemil"
    assert [run.streams["customers"]["pushed"] for run in runs] == [1, 0]


def test_a_customer_that_comes_back_gets_what_it_lacks_again(dealer: Dealer, cast: Cast) -> None:
    customer = dealer.add_customer("Ece")
    dealer.sync()
    change(cast, dealer.record("customers", customer), birth_date="1980-05-17")
    dealer.sync()
    dealer.system.remove("customers", customer)
    dealer.sync()
    dealer.system.restore("customers", customer, {"kind": "person", "given_name": "Ece", "family_name": "Yıldız"})
    dealer.sync()
    assert dealer.system.tables["customers"][customer].get("birth_date") == "1980-05-17"
