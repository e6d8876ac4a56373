"""Runs: one at a time, resumed, retried, cancelled and scheduled."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from werkzeug.wrappers import Request, Response

from gateway.db import now, transaction
from gateway.queue import LeaseLost
from gateway.sync import attempt, jobs, lease, service, work
from gateway.sync.backoff import MOST_TRIES, wait_seconds
from gateway.sync.schedules.jobs import start_due_runs
from gateway.sync.schedules.service import set_interval
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of


def test_a_second_run_is_refused_by_the_name_of_the_first(dealer: Dealer, cast: Cast) -> None:
    first = cast.ayse.post(f"/sync/links/{dealer.link_id}/runs")
    assert first.status_code == 202
    second = cast.ayse.post(f"/sync/links/{dealer.link_id}/runs")
    assert second.status_code == 409 and first.get_json()["id"] in second.text
    shown = cast.ayse.get(first.headers["Location"]).get_json()
    assert (shown["status"], shown["streams"]["customers"]["read"]) == ("queued", 0)


def test_a_run_moves_its_counts_with_every_page(dealer: Dealer, cast: Cast) -> None:
    for number in range(12):
        dealer.add_customer(f"Kişi {number}")
    seen: list[int] = []

    def look(request: Request) -> None:
        if request.path == "/customers":
            seen.append(run_of(run_id).streams.get("customers", {}).get("read", 0))

    dealer.moody.before = look
    run_id = dealer.ask()
    jobs.run(str(run_id))
    # Two pages are on their way while one is being committed.
    assert seen[0] == 0 and 3 <= seen[3] <= 9 and run_of(run_id).streams["customers"]["read"] == 12


def test_a_passing_failure_is_tried_again_from_the_last_page(dealer: Dealer) -> None:
    for number in range(5):
        dealer.add_customer(f"Kişi {number}")
    dealer.moody.before = lambda request: Response("", 503, {"Retry-After": "7"}) if "cursor" in request.args else None
    run = dealer.sync()
    assert (run.status, run.tries, run.streams["customers"]["created"]) == ("queued", 1, 3)
    assert run.due_at > now() + timedelta(seconds=6)
    dealer.moody.before = lambda request: None
    jobs.run(str(run.id))
    assert run_of(run.id).status == "queued", "not before its time"
    make_due(run.id)
    jobs.run(str(run.id))
    done = run_of(run.id)
    assert (done.status, done.error, done.streams["customers"]["created"]) == ("succeeded", None, 5)


def test_too_many_failures_end_the_run_and_leave_the_link_active(dealer: Dealer) -> None:
    dealer.moody.before = lambda request: Response("", 503)
    run = dealer.sync()
    for _ in range(MOST_TRIES):
        make_due(run.id)
        jobs.run(str(run.id))
    done = run_of(run.id)
    assert (done.status, dealer.link().status) == ("failed", "active") and "503" in (done.error or "")


def test_a_permanent_failure_pauses_the_link_and_says_why(dealer: Dealer, cast: Cast) -> None:
    dealer.moody.before = lambda request: Response("", 401)
    assert dealer.sync().status == "failed"
    shown = cast.ayse.get(f"/sync/links/{dealer.link_id}").get_json()
    assert shown["status"] == "paused" and "401" in shown["paused_reason"]
    refused = cast.ayse.post(f"/sync/links/{dealer.link_id}/runs")
    assert refused.status_code == 409 and "401" in refused.get_json()["detail"]


def test_a_connector_that_breaks_fails_its_run_without_telling_its_text(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, stream: str, cursor: str | None) -> Any:
        raise RuntimeError("secret-word")

    monkeypatch.setattr("connectors.rest.Rest.pull", broken)
    run = dealer.sync()
    assert run.status == "failed" and "RuntimeError" in (run.error or "") and "secret-word" not in (run.error or "")


def test_a_cancelled_run_stops_within_a_page(dealer: Dealer, cast: Cast) -> None:
    for number in range(9):
        dealer.add_customer(f"Kişi {number}")
    run_id = dealer.ask()

    def cancel(request: Request) -> None:
        if "cursor" in request.args:
            assert cast.ayse.post(f"/sync/runs/{run_id}/cancel").status_code == 202

    dealer.moody.before = cancel
    jobs.run(str(run_id))
    done = run_of(run_id)
    read = service.counts_of(done)["customers"]["read"]
    # The second page is asked for while the first is being taken: that one made it, or was the one to stop at.
    assert done.status == "cancelled" and read in (0, 3)
    dealer.moody.before = lambda request: None
    assert dealer.sync().streams["customers"]["created"] == 9 - read, "the next run goes on where it stopped"


def test_a_cancelled_run_breaks_off_the_read_it_waits_for_and_blames_nobody(dealer: Dealer, cast: Cast) -> None:
    asked, is_over = threading.Event(), threading.Event()

    def dawdle(request: Request) -> None:
        asked.set()
        is_over.wait(60)

    dealer.moody.before = dawdle
    run_id = dealer.ask()
    worker = threading.Thread(target=jobs.run, args=(str(run_id),))
    worker.start()
    assert asked.wait(20)
    assert cast.ayse.post(f"/sync/runs/{run_id}/cancel").status_code == 202
    worker.join()
    is_over.set()
    assert run_of(run_id).status == "cancelled"
    assert rows("SELECT error FROM sync_requests") == [("Broken off on our side: the run is to end.",)]
    assert rows("SELECT failures, error FROM sync_traffic") == [(0, None)]


def test_a_cancelled_run_whose_call_fails_is_not_put_off_but_over(dealer: Dealer, cast: Cast) -> None:
    run_id = dealer.ask()

    def cancel(request: Request) -> Response:
        assert cast.ayse.post(f"/sync/runs/{run_id}/cancel").status_code == 202
        return Response("", 503, {"Retry-After": "300"})

    dealer.moody.before = cancel
    jobs.run(str(run_id))
    assert run_of(run_id).status == "cancelled"


def test_a_run_nobody_works_on_is_cancelled_at_once(dealer: Dealer, cast: Cast) -> None:
    run_id = dealer.ask()
    assert cast.ayse.post(f"/sync/runs/{run_id}/cancel").get_json()["status"] == "cancelled"
    jobs.run(str(run_id))
    assert run_of(run_id).status == "cancelled" and dealer.system.requests == []


def test_a_worker_that_lost_its_lease_writes_nothing_more(dealer: Dealer) -> None:
    begun = attempt.begin(dealer.ask())
    assert begun is not None
    rows("UPDATE sync_runs SET leased_until = now() - interval '1 s' RETURNING 1")
    assert attempt.begin(begun.lease.run_id) is not None
    with pytest.raises(LeaseLost), begun.page("customers"):
        pytest.fail("a lost lease opens no page")


def test_a_worker_that_stands_still_in_mid_page_holds_nobody_up(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (attempt, lease, work):
        monkeypatch.setattr(module, "LEASE_SECONDS", 1)
    begun = attempt.begin(dealer.ask())
    assert begun is not None
    with pytest.raises(psycopg.Error), begun.page("customers"):
        until = time.monotonic() + 20
        while (taken := attempt.begin(begun.lease.run_id)) is None and time.monotonic() < until:
            time.sleep(0.1)
        assert taken is not None


def test_a_run_in_good_hands_is_left_alone_and_an_orphaned_one_is_rung_for(dealer: Dealer) -> None:
    run_id = dealer.ask()
    begun = attempt.begin(run_id)
    assert begun is not None and attempt.begin(run_id) is None
    with transaction(SYSTEM) as tx:
        assert list(jobs.due_runs(tx)) == []
    rows("UPDATE sync_runs SET leased_until = now() - interval '1 s' RETURNING 1")
    with transaction(SYSTEM) as tx:
        assert [bell.args for bell in jobs.due_runs(tx)] == [(str(run_id),)]


def test_a_long_run_makes_room_for_others_and_goes_on(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        dealer.add_customer(f"Kişi {number}")
    monkeypatch.setattr(work, "SLICE_SECONDS", -1.0)
    run_id = dealer.ask()
    reads = []
    while run_of(run_id).status in ("queued", "running"):
        jobs.run(str(run_id))
        reads.append(run_of(run_id).streams["customers"]["read"])
    assert reads[:3] == [3, 6, 7] and run_of(run_id).status == "succeeded"


def test_waits_double_up_to_five_minutes_and_believe_the_partner() -> None:
    assert [wait_seconds(tries, chance=1.0) for tries in (1, 2, 3, 9, 20)] == [1, 2, 4, 256, 300]
    assert wait_seconds(3, chance=0.0) == 2 and wait_seconds(1, 90.0) == 90


def test_nothing_goes_to_the_system_of_a_suspended_partner(dealer: Dealer, cast: Cast) -> None:
    run_id, asked = dealer.ask(), []
    dealer.moody.before = lambda request: asked.append(request.path)
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE partners SET status = 'suspended'")
        set_interval(tx, dealer.link_id, 60)
        tx.raw.execute("UPDATE sync_schedules SET next_slot_at = now()")
    jobs.run(str(run_id))
    assert ("suspended" in (run_of(run_id).error or ""), asked) == (True, [])
    refused = cast.ayse.post(f"/sync/links/{dealer.link_id}/runs")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "partner_suspended")
    assert start_due_runs() == 0
