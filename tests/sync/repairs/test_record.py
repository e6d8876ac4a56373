"""One record brought into step, and a stream read from its beginning."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs
from gateway.sync.models import SyncRun
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of


def resync(dealer: Dealer, cast: Cast, **named: Any) -> SyncRun:
    asked = cast.ayse.post(f"/sync/links/{dealer.link_id}/resync", {"stream": "customers", **named})
    assert asked.status_code == 202, asked.text
    run_id = UUID(asked.get_json()["id"])
    jobs.run(str(run_id))
    return run_of(run_id)


def test_one_record_is_fetched_alone(dealer: Dealer, cast: Cast) -> None:
    first, second = dealer.add_customer("Şule"), dealer.add_customer("Işık")
    dealer.sync()
    for external_id in (first, second):
        dealer.system.change("customers", external_id, {"given_name": "Yeni"})
    done = resync(dealer, cast, external_id=second)
    assert (done.status, done.mode, done.streams["customers"]["changed"]) == ("succeeded", "record", 1)
    names = rows("SELECT given_name FROM customers WHERE id IN (SELECT record_id FROM sync_references) ORDER BY 1")
    assert names == [("Yeni",), ("Şule",)]


def test_a_record_is_named_by_our_id_too(dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer()
    dealer.sync()
    dealer.system.change("customers", external_id, {"given_name": "Yeni"})
    assert resync(dealer, cast, record_id=str(dealer.record("customers", external_id))).streams["customers"]["changed"]


def test_a_record_that_is_gone_there_is_followed(dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer()
    dealer.sync()
    dealer.system.remove("customers", external_id)
    assert resync(dealer, cast, external_id=external_id).streams["customers"]["deleted"] == 1
    assert dealer.record("customers", external_id) is None


def test_what_waits_for_the_partner_is_sent_with_it(dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer()
    dealer.sync()
    record_id = dealer.record("customers", external_id)
    assert record_id is not None
    with transaction(SYSTEM) as tx:
        customers.change(tx, record_id, {"given_name": "Bizden"}, 1)
    assert resync(dealer, cast, external_id=external_id).streams["customers"]["pushed"] == 1
    assert dealer.system.tables["customers"][external_id]["given_name"] == "Bizden"


def test_a_record_the_partner_does_not_know_is_a_404(dealer: Dealer, cast: Cast) -> None:
    wish = {"stream": "customers", "record_id": str(cast.cem_id)}
    assert cast.ayse.post(f"/sync/links/{dealer.link_id}/resync", wish).status_code == 404
    both = {**wish, "external_id": "C-1"}
    assert cast.ayse.post(f"/sync/links/{dealer.link_id}/resync", both).status_code == 422


def test_a_reset_has_the_next_run_read_everything_and_double_nothing(dealer: Dealer, cast: Cast) -> None:
    for number in range(4):
        dealer.add_customer(f"Kişi {number}")
    dealer.sync()
    assert cast.ayse.post(f"/sync/links/{dealer.link_id}/reset", {"stream": "customers"}).status_code == 204
    again = dealer.sync().streams["customers"]
    assert (again["read"], again["created"], again["unchanged"]) == (4, 0, 4)
    assert rows("SELECT detail ->> 'stream' FROM audit_entries WHERE action = 'sync.link.reset'") == [("customers",)]


def test_a_reset_waits_for_the_active_run(dealer: Dealer, cast: Cast) -> None:
    run_id = dealer.ask()
    refused = cast.ayse.post(f"/sync/links/{dealer.link_id}/reset")
    assert (refused.status_code, refused.get_json()["run_id"]) == (409, str(run_id))


def test_a_name_that_nobody_can_ask_for_fails_its_run_and_not_the_link(dealer: Dealer, cast: Cast) -> None:
    assert resync(dealer, cast, external_id="..").status == "failed"
    assert dealer.link().status == "active"
