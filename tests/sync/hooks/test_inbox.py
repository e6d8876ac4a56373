"""What came to our door is taken over once, in order, and polling makes up for whatever did not come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from werkzeug.wrappers import Response

from connectors.rest import Rest
from gateway.db import transaction
from gateway.sync import jobs
from gateway.sync.hooks import inbox
from gateway.sync.hooks import jobs as hook_jobs
from gateway.sync.schedules import service as schedules
from gateway.sync.take import take
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of
from tests.sync.hooks.conftest import Caller
from tests.sync.test_push import change


def person(external_id: str, given_name: str, **fields: Any) -> dict[str, Any]:
    return {"external_id": external_id, "kind": "person", "given_name": given_name, "family_name": "Gök", **fields}


def customers(*records: dict[str, Any]) -> dict[str, Any]:
    return {"records": {"customers": list(records)}}


def next_run() -> UUID:
    """The run that waits."""
    run_id: UUID = rows("SELECT id FROM sync_runs WHERE status = 'queued'")[0][0]
    return run_id


def work() -> UUID:
    """Work on the run that waits; its id."""
    run_id = next_run()
    jobs.run(str(run_id))
    return run_id


def statuses() -> list[str]:
    return [status for (status,) in rows("SELECT status FROM sync_received ORDER BY number")]


def test_a_record_that_is_sent_is_taken_over_without_asking_the_partner(caller: Caller, dealer: Dealer) -> None:
    caller.send(customers(person("C-1", "Işıl")))
    run = run_of(work())
    assert (run.mode, run.status, run.streams["customers"]["created"]) == ("received", "succeeded", 1)
    assert dealer.record("customers", "C-1") is not None
    assert dealer.system.requests == [] and statuses() == ["done"]


def test_what_was_taken_over_is_not_kept_a_second_time(caller: Caller) -> None:
    caller.send(customers(person("C-1", "Işıl")))
    work()
    assert rows("SELECT payload FROM sync_received") == [("{}",)]


def test_deliveries_are_taken_in_the_order_in_which_they_came(caller: Caller, dealer: Dealer) -> None:
    for name in ("Ali", "Veli", "Gül"):
        caller.send(customers(person("C-1", name)))
    caller.send({"deleted": {"customers": ["C-1"]}})
    caller.send(customers(person("C-1", "Çiğdem")))
    counts = run_of(work()).streams["customers"]
    assert (counts["read"], counts["created"], counts["deleted"]) == (4, 1, 1)
    record = dealer.record("customers", "C-1")
    assert rows("SELECT given_name FROM customers WHERE id = :id", id=record) == [("Çiğdem",)]


@pytest.mark.parametrize("older", ["2026-05-01T09:59:59+03:00", "2026-05-01T06:59:59.999Z"])
def test_a_delivery_that_was_overtaken_or_copied_undoes_nothing(caller: Caller, dealer: Dealer, older: str) -> None:
    caller.send(customers(person("C-1", "Yeni", updated_at="2026-05-01T10:00:00+03:00")))
    caller.send(customers(person("C-1", "Eski", updated_at=older), person("C-2", "Öbürü", updated_at=older)))
    counts = run_of(work()).streams["customers"]
    assert (counts["created"], counts["changed"], counts["unchanged"]) == (2, 0, 1)
    record = dealer.record("customers", "C-1")
    assert rows("SELECT given_name FROM customers WHERE id = :id", id=record) == [("Yeni",)]


def test_a_record_that_is_sent_and_read_is_one(caller: Caller, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    caller.send(customers(dealer.system.records("customers")[0]))
    work()
    counts = dealer.sync().streams["customers"]
    assert (counts["read"], counts["created"], counts["changed"]) == (1, 0, 0)
    assert dealer.record("customers", external_id) is not None


def test_a_delivery_that_is_lost_costs_nothing_but_time(caller: Caller, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    assert dealer.sync().status == "succeeded" and dealer.record("customers", external_id) is not None


def test_a_bad_record_is_quarantined_and_the_others_are_taken(caller: Caller, dealer: Dealer) -> None:
    caller.send(customers(person("C-1", "Işıl"), person("C-2", "Ali", kind="kedi"), person("C-3", "NUL\x00")))
    assert run_of(work()).streams["customers"]["rejected"] == 2
    assert dealer.record("customers", "C-1") is not None and statuses() == ["done"]


@pytest.mark.parametrize("odd", ["C-1\x00", "\ud800", 7, None, {}, ["C-1"], ""])
def test_an_odd_id_holds_up_nothing(caller: Caller, dealer: Dealer, odd: Any) -> None:
    bad = {**person("", "Ali"), "external_id": odd, "updated_at": "2026-05-01T10:00:00Z"}
    caller.send({**customers(bad, person("C-2", "Işıl")), "deleted": {"customers": [odd]}})
    assert run_of(work()).streams["customers"]["rejected"] == 1
    assert dealer.record("customers", "C-2") is not None and statuses() == ["done"]


def test_a_hint_makes_a_whole_round(caller: Caller, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    caller.send({})
    assert run_of(work()).status == "succeeded"
    assert dealer.record("customers", external_id) is not None and statuses() == ["done"]


def test_a_hint_outlives_a_round_that_failed(caller: Caller, dealer: Dealer) -> None:
    dealer.moody.before = lambda request: Response("", 503)
    caller.send({})
    run_id = work()
    assert (run_of(run_id).status, statuses()) == ("queued", ["waiting"])
    dealer.moody.before = lambda request: None
    make_due(run_id)
    jobs.run(str(run_id))
    assert (run_of(run_id).status, statuses()) == ("succeeded", ["done"])


def test_what_comes_while_a_run_is_active_is_taken_by_it_or_by_the_next(caller: Caller, dealer: Dealer) -> None:
    active = dealer.ask()
    caller.send(customers(person("C-1", "Işıl")))
    jobs.run(str(active))
    assert (run_of(active).mode, statuses()) == ("normal", ["done"])


def test_what_came_while_a_run_was_ending_is_started_by_upkeep(caller: Caller, dealer: Dealer) -> None:
    active = dealer.ask()
    caller.send(customers(person("C-1", "Işıl")))
    rows("UPDATE sync_runs SET status = 'succeeded' WHERE id = :id RETURNING 1", id=active)
    hook_jobs.start_left()
    work()
    assert dealer.record("customers", "C-1") is not None
    hook_jobs.start_left()
    assert rows("SELECT 1 FROM sync_runs WHERE status = 'queued'") == []


def test_a_delivery_that_fails_again_and_again_does_not_hold_up_the_others(
    caller: Caller, dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:

    def poisoned(tx: Any, link: Any, stream: Any, records: list[Any], tally: Any) -> None:
        if records[0]["given_name"] == "Zehir":
            raise ArithmeticError
        take(tx, link, stream, records, tally)

    monkeypatch.setattr(inbox, "take", poisoned)
    caller.send(customers(person("C-1", "Zehir")))
    caller.send(customers(person("C-2", "Şeker")))
    run_id = next_run()
    for _ in range(6):
        make_due(run_id)
        jobs.run(str(run_id))
    assert (statuses(), run_of(run_id).status) == (["failed", "done"], "succeeded")
    assert dealer.record("customers", "C-2") is not None


def test_a_run_that_dies_in_the_middle_takes_nothing_twice(caller: Caller, dealer: Dealer) -> None:
    caller.send(customers(person("C-1", "Işıl")))
    payload = rows("SELECT payload FROM sync_received")[0][0]
    work()
    rows("UPDATE sync_received SET status = 'waiting', payload = :was RETURNING 1", was=payload)
    hook_jobs.start_left()
    counts = run_of(work()).streams["customers"]
    assert (counts["read"], counts["created"], counts["unchanged"]) == (1, 0, 1)


def test_deliveries_go_a_week_after_they_were_taken(caller: Caller) -> None:
    for name in ("Ali", "Veli"):
        caller.send(customers(person(name, name)))
    work()
    rows("UPDATE sync_received SET settled_at = now() - interval '8 days' WHERE number % 2 = 0 RETURNING 1")
    hook_jobs.forget_old()
    assert len(statuses()) == 1


def test_a_round_that_is_due_comes_before_a_stream_of_deliveries(caller: Caller, dealer: Dealer) -> None:
    with transaction(SYSTEM) as tx:
        schedules.set_interval(tx, dealer.link_id, 60)
        schedules.make_due(tx, dealer.link_id)
    caller.send(customers(person("C-1", "Işıl")))
    assert rows("SELECT 1 FROM sync_runs") == [] and statuses() == ["waiting"]


def test_a_late_delivery_does_not_undo_what_was_written_there_since(caller: Caller, dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer("Eski")
    dealer.sync()
    (late,) = [dict(each) for each in dealer.system.records("customers")]
    change(cast, dealer.record("customers", external_id), given_name="Yeni")
    dealer.sync()
    caller.send(customers(late))
    work()
    assert rows("SELECT given_name FROM customers WHERE given_name IN ('Eski', 'Yeni')") == [("Yeni",)]


def test_a_late_delivery_does_not_bring_back_what_was_deleted_since(caller: Caller, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    dealer.sync()
    (late,) = [dict(each) for each in dealer.system.records("customers")]
    dealer.system.remove("customers", external_id)
    dealer.sync()
    caller.send(customers(late))
    work()
    assert dealer.record("customers", external_id) is None


def test_an_edit_that_only_seems_older_than_our_write_is_asked_for(caller: Caller, dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer("Eski")  # the dealer's clock is a day behind
    dealer.sync()
    change(cast, dealer.record("customers", external_id), family_name="Bizim")
    dealer.sync()
    dealer.system.change("customers", external_id, {"given_name": "Yeni"})
    caller.send(customers(*dealer.system.records("customers")))
    run = run_of(work())
    assert (run.mode, run.status, statuses()) == ("received", "succeeded", ["done"])
    assert rows("SELECT family_name FROM customers WHERE given_name = 'Yeni'") == [("Bizim",)]


def test_our_own_write_come_back_asks_the_partner_nothing(caller: Caller, dealer: Dealer, cast: Cast) -> None:
    external_id = dealer.add_customer("Eski")
    dealer.sync()
    change(cast, dealer.record("customers", external_id), family_name="Bizim")
    dealer.sync()
    before = len(dealer.system.requests)
    caller.send(customers(*dealer.system.records("customers")))
    work()
    assert len(dealer.system.requests) == before


def test_a_late_deletion_does_not_end_what_came_back_since(caller: Caller, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    dealer.sync()
    caller.send({"deleted": {"customers": [external_id]}})
    assert run_of(work()).streams["customers"]["deleted"] == 0
    assert dealer.record("customers", external_id) is not None


def test_what_is_shared_again_without_a_change_comes_back(caller: Caller, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Işıl")
    dealer.sync()
    (kept,) = [dict(each) for each in dealer.system.records("customers")]
    dealer.system.remove("customers", external_id)
    dealer.sync()
    dealer.system.tables["customers"][external_id] = kept
    caller.send(customers(kept))
    work()
    assert dealer.record("customers", external_id) is not None


def test_where_the_partner_cannot_be_asked_for_one_record_a_round_asks(
    caller: Caller, dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rest, "can", Rest.can - {"fetch"})
    external_id = dealer.add_customer("Eski")
    dealer.sync()
    change(cast, dealer.record("customers", external_id), family_name="Bizim")
    dealer.sync()
    dealer.system.change("customers", external_id, {"given_name": "Yeni"})
    caller.send(customers(*dealer.system.records("customers")))
    assert run_of(work()).status == "succeeded" and statuses() == ["done"]
    assert rows("SELECT family_name FROM customers WHERE given_name = 'Yeni'") == [("Bizim",)]
