"""Writes that may have happened are made good one by one: never twice, never forgotten, however little may be asked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Page
from connectors.rest import Rest
from gateway.db import transaction
from gateway.interactions import bulk
from gateway.interactions import service as interactions
from gateway.job_time import JobTookTooLong
from gateway.sync import jobs, lease
from gateway.sync.traffic.gate import PartnerGate
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of
from tests.sync.test_push import CALL, change, share_cem
from tests.sync.test_recognition import lose_answer

HERE = "SELECT subject FROM interactions"


def answered(request: Request, response: Response) -> Response:
    return response


def unavailable(request: Request) -> Response | None:
    return Response("", 502) if request.method == "POST" else None


def work_on(run_id: UUID) -> str:
    """Jobs, as many as a patient person would wait for; how the run stands then."""
    for _ in range(8):
        make_due(run_id)
        jobs.run(str(run_id))
    return run_of(run_id).status


def lose_an_interaction(dealer: Dealer) -> tuple[UUID, UUID]:
    """A call that the dealer has and did not tell of: the run that waits, and ours."""
    customer = dealer.add_customer()
    dealer.sync()
    with transaction(SYSTEM) as tx:
        made = interactions.create(tx, CALL | {"customer_id": dealer.record("customers", customer)})
    dealer.moody.after = lose_answer
    run = dealer.sync()
    dealer.moody.after = answered
    assert run.status == "queued"
    return run.id, made["id"]


def test_worker_that_stood_still_with_a_create_in_its_hands_lets_it_go(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_cem(cast)
    run_id, send, stood = dealer.ask(), PartnerGate.send, 0.0

    def stand_still(gate: PartnerGate) -> None:
        nonlocal stood
        if not stood:
            stood = lease.LEASE_SECONDS
            rows("UPDATE sync_runs SET leased_until = now() - interval '1 s' RETURNING 1")
            jobs.run(str(run_id))  # by another worker, to its end
        send(gate)

    monkeypatch.setattr(PartnerGate, "send", stand_still)
    monkeypatch.setattr(lease, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + stood))
    jobs.run(str(run_id))
    assert dealer.writes() == ["POST /customers"] and run_of(run_id).status == "succeeded"


def test_what_was_deleted_here_while_its_create_was_in_doubt_never_comes_back(dealer: Dealer) -> None:
    run_id, interaction_id = lose_an_interaction(dealer)
    with transaction(SYSTEM) as tx:
        bulk.remove(tx, [interaction_id])
    assert work_on(run_id) == "succeeded"
    (external_id,) = dealer.system.ids("interactions")
    for subject in ("Yeni", "Yepyeni"):
        dealer.system.change("interactions", external_id, {"subject": subject})
        assert dealer.sync().streams["interactions"]["rejected"] == 1
    assert rows(HERE) == [] and rows("SELECT reasons -> 0 ->> 'code' FROM sync_rejected") == [("deleted_here",)]


def test_what_was_hidden_while_its_create_was_in_doubt_is_not_doubled(dealer: Dealer) -> None:
    run_id, interaction_id = lose_an_interaction(dealer)
    (external_id,) = dealer.system.ids("interactions")
    late = dealer.system.tables["interactions"].pop(external_id)
    with transaction(SYSTEM) as tx:
        interactions.change(tx, interaction_id, {"visibility": "internal"}, 1)
    assert work_on(run_id) == "succeeded"
    dealer.system.tables["interactions"][external_id] = late
    dealer.sync()
    assert len(rows(HERE)) == 1 and dealer.record("interactions", external_id) == interaction_id


@pytest.mark.usefixtures("three_requests")
def test_creates_in_doubt_are_made_good_however_little_may_be_asked(dealer: Dealer, cast: Cast) -> None:
    for name in ("Akçe", "Bağ", "Çınar", "Dağ"):
        cast.eskisehir.post("/customers", {"kind": "organisation", "organisation_name": name})
    dealer.moody.before = unavailable
    run_id = dealer.sync().id
    dealer.moody.before = lambda request: None
    assert work_on(run_id) == "succeeded"
    assert len(dealer.system.records("customers")) == 4


def test_a_connector_that_answers_twice_is_heard_once(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = Rest.push
    monkeypatch.setattr(Rest, "push", lambda *asked: (each for told in push(*asked) for each in (told, told)))
    share_cem(cast)
    run = dealer.sync()
    assert (run.status, run.streams["customers"]["pushed"]) == ("succeeded", 1)


def test_a_step_that_no_job_has_time_for_ends_its_run_with_a_word(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> Iterator[Page]:
        raise JobTookTooLong

    monkeypatch.setattr(Rest, "pull", endless)
    run_id = dealer.ask()
    for _ in range(10):
        make_due(run_id)
        with suppress(JobTookTooLong):
            jobs.run(str(run_id))
    assert (run_of(run_id).status, dealer.link().status) == ("failed", "active")
    assert "took longer" in (run_of(run_id).error or "")


def test_a_record_that_a_dealer_takes_for_another_one_never_overwrites_that(dealer: Dealer, cast: Cast) -> None:
    other = dealer.add_customer("Öbürü")
    dealer.sync()
    share_cem(cast)

    def take_for_another(request: Request) -> Response | None:
        if request.method != "POST":
            return None
        dealer.system.tables["customers"][other]["reference"] = str(cast.cem_id)
        return Response(json.dumps(dealer.system.tables["customers"][other]), 201)

    dealer.moody.before = take_for_another
    dealer.sync()
    change(cast, cast.cem_id, given_name="Cemil")
    run = dealer.sync()
    assert "PATCH" not in str(dealer.writes()) and run.streams["customers"]["failed"] == 1
    assert dealer.system.tables["customers"][other]["given_name"] == "Öbürü"


def test_what_is_deleted_here_goes_there_whatever_was_edited_there_meanwhile(dealer: Dealer) -> None:
    customer = dealer.add_customer()
    dealer.sync()
    with transaction(SYSTEM) as tx:
        made = interactions.create(tx, CALL | {"customer_id": dealer.record("customers", customer)})
    dealer.sync()
    dealer.sync()
    (external_id,) = dealer.system.ids("interactions")
    with transaction(SYSTEM) as tx:
        bulk.remove(tx, [made["id"]])
    dealer.system.change("interactions", external_id, {"subject": "Onların"})
    for _ in range(2):
        dealer.sync()
    assert dealer.system.ids("interactions") == [] and rows("SELECT op, state FROM sync_operations") == []
