"""What a run asked its partner: kept for a while, within bounds, and without a secret."""

from __future__ import annotations

from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from connectors.http import Exchange
from gateway.db import transaction
from gateway.sync import work
from gateway.sync.traffic import jobs as traffic_jobs
from gateway.sync.traffic import request_log
from gateway.sync.traffic.request_log import RequestLog
from tests.conftest import Cast
from tests.connectors.fake_partner import API_KEY
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

FINE = Exchange("GET", "/customers", 200, None, 0.012, 0, 512)


def ask(run_id: UUID, times: int, failing_each: int = 10) -> None:
    """Requests of a run, numbered by their paths; one in `failing_each` failed."""
    rows(
        "INSERT INTO sync_requests (run_id, at, method, path, status, duration_ms, sent_bytes, received_bytes) "
        "SELECT :run, now(), 'GET', '/' || n, CASE WHEN n % :each = 0 THEN 500 ELSE 200 END, 1, 0, 0 "
        "FROM generate_series(1, :times) n RETURNING 1",
        run=run_id,
        times=times,
        each=failing_each,
    )


def test_a_run_shows_what_it_asked_and_how_that_went(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer("Işıl")
    run = dealer.sync()
    listed = cast.ayse.get(f"/sync/runs/{run.id}/requests").get_json()["items"]
    assert [(each["method"], each["path"], each["status"]) for each in listed] == [
        (asked.method, asked.path, 200) for asked in dealer.system.requests
    ]
    assert all(each["received_bytes"] > 0 and each["duration_ms"] >= 0 for each in listed)


def test_a_failure_is_shown_with_its_reason(dealer: Dealer, cast: Cast) -> None:
    dealer.moody.before = lambda request: Response("bakımdayız", 503)
    run = dealer.sync()
    (failed,) = cast.ayse.get(f"/sync/runs/{run.id}/requests").get_json()["items"]
    assert (failed["status"], failed["path"]) == (503, "/customers")


def test_pages_of_requests_join_without_gap(dealer: Dealer, cast: Cast) -> None:
    log = RequestLog(dealer.ask())
    for _ in range(5):
        log.add(FINE)
    log.write()
    path, seen = f"/sync/runs/{log._run_id}/requests?limit=2", []
    while path:
        page = cast.ayse.get(path).get_json()
        seen += page["items"]
        path = page["next"] and f"/sync/runs/{log._run_id}/requests?limit=2&cursor={page['next']}"
    assert len(seen) == 5


def test_no_secret_gets_into_the_log(dealer: Dealer) -> None:
    def spill(request: Request) -> Response:
        return Response("", 302, {"Location": f"{request.host_url}customers/{API_KEY}?key={API_KEY}"})

    dealer.moody.before = lambda request: None if API_KEY in request.path else spill(request)
    dealer.moody.after = lambda request, response: Response(f"no {API_KEY}", 500)
    dealer.sync()
    logged = rows("SELECT CAST(r AS text) FROM sync_requests r")
    assert len(logged) >= 2 and not any(API_KEY in line for (line,) in logged)


def test_a_long_run_keeps_its_beginning_its_end_and_its_failures(dealer: Dealer) -> None:
    run_id = dealer.ask()
    ask(run_id, 5000)
    for _ in range(2):
        with transaction(SYSTEM) as tx:
            request_log.trim(tx, run_id)
    kept = [int(path[1:]) for (path,) in rows("SELECT path FROM sync_requests ORDER BY number")]
    assert kept[:200] == list(range(1, 201)) and kept[-1000:] == list(range(4001, 5001))
    assert kept[200:-1000] == list(range(210, 4001, 10))


def test_of_very_many_failures_the_first_thousand_are_kept(dealer: Dealer) -> None:
    run_id = dealer.ask()
    ask(run_id, 4000, failing_each=2)
    with transaction(SYSTEM) as tx:
        request_log.trim(tx, run_id)
    kept = [int(path[1:]) for (path,) in rows("SELECT path FROM sync_requests ORDER BY number")]
    assert kept == [*range(1, 201), *range(202, 2001, 2), *range(3001, 4001)]


def test_a_run_that_grew_faster_than_its_statistics_is_trimmed_in_time(dealer: Dealer) -> None:
    run_id = dealer.ask()
    ask(run_id, 1)
    with transaction(SYSTEM) as tx:
        tx.raw.execute("ANALYZE sync_requests")
    ask(run_id, 5000)
    with transaction(SYSTEM) as tx:
        tx.raw.execute("SET LOCAL statement_timeout = '2s'")
        request_log.trim(tx, run_id)
    assert rows("SELECT count(*) < 2000 FROM sync_requests") == [(True,)]


def test_requests_are_noted_while_a_page_of_the_run_is_being_taken(dealer: Dealer) -> None:
    log = RequestLog(dealer.ask())
    with transaction(SYSTEM) as tx:
        assert tx.rows(work._STATE, run=log._run_id), "the page holds the row of its run"
        log.add(FINE)
        log.write()
    assert rows("SELECT count(*) FROM sync_requests") == [(1,)]


def test_entries_go_after_a_week(dealer: Dealer) -> None:
    log = RequestLog(dealer.ask())
    for _ in range(2):
        log.add(FINE)
    log.write()
    rows("UPDATE sync_requests SET at = now() - interval '8 days' WHERE number % 2 = 0 RETURNING 1")
    traffic_jobs.forget_old_requests()
    assert rows("SELECT count(*) FROM sync_requests") == [(1,)]


def test_a_log_that_cannot_be_written_stops_no_run(dealer: Dealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "Jsonb", lambda rows: object())
    run = dealer.sync()
    assert (run_of(run.id).status, rows("SELECT 1 FROM sync_requests")) == ("succeeded", [])


def test_whatever_a_partner_says_can_be_logged(dealer: Dealer) -> None:
    log = RequestLog(dealer.ask())
    log.add(Exchange("GET", "/ç\x00\ud800", None, "boş\x00" + "x" * 9999, 1.0, 0, 0))
    log.write()
    assert rows("SELECT length(error) FROM sync_requests WHERE path LIKE '/ç%'")[0][0] <= 500
