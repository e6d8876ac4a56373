"""A range of time read again: in parts, by several workers, through crashes, without moving the link's cursor."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from werkzeug.wrappers import Request, Response

from gateway.db import transaction
from gateway.sync import jobs, work
from gateway.sync.quarantine import limit
from gateway.sync.repairs import jobs as repair_jobs
from gateway.sync.repairs import parts
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, make_due, rows, run_of

DAY = timedelta(days=1)


def ask(dealer: Dealer, cast: Cast, days: float = 5, **more: str) -> UUID:
    """A backfill of the days around the dealer's present."""
    now = dealer.system.clock
    wish = {
        "mode": "backfill",
        "since": (now - days * DAY).isoformat(),
        "until": (now + days * DAY).isoformat(),
        **more,
    }
    asked = cast.ayse.post(f"/sync/links/{dealer.link_id}/runs", wish)
    assert asked.status_code == 202, asked.text
    return UUID(asked.get_json()["id"])


def spread(dealer: Dealer, count: int) -> None:
    """Customers that changed in different parts of the range."""
    dealer.system.clock -= 2 * DAY
    for number in range(count):
        dealer.add_interaction(dealer.add_customer(f"Kişi {number}"))
        dealer.system.clock += DAY / 2


def cursors() -> list[tuple[str, str]]:
    return [tuple(row) for row in rows("SELECT stream, cursor FROM sync_cursors ORDER BY 1")]


def names() -> int:
    return int(rows("SELECT count(*) FROM customers WHERE given_name LIKE 'Kişi%'")[0][0])


def test_a_range_is_cut_into_equal_parts_without_gaps() -> None:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    spans = parts.cut(since, since + 4 * DAY)
    assert (spans[0][0], spans[-1][1], len(spans)) == (since, since + 4 * DAY, 8)
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    assert len(parts.cut(since, since + timedelta(minutes=90))) == 1


def test_a_backfill_brings_what_changed_in_the_range_and_leaves_the_cursor(dealer: Dealer, cast: Cast) -> None:
    dealer.sync()
    spread(dealer, 5)
    before = cursors()
    run_id = ask(dealer, cast)
    jobs.run(str(run_id))
    done = run_of(run_id)
    assert (done.status, done.streams["customers"]["created"], done.streams["interactions"]["created"]) == (
        "succeeded", 5, 5,
    )  # fmt: skip
    assert (cursors(), names()) == (before, 5)
    shown = cast.ayse.get(f"/sync/runs/{run_id}/parts").get_json()["items"]
    assert [each["state"] for each in shown] == ["done"] * 16


def test_only_the_range_and_the_stream_asked_for_are_read(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer("Kişi eski")
    dealer.system.clock += 10 * DAY
    dealer.add_interaction(dealer.add_customer("Kişi yeni"))
    run_id = ask(dealer, cast, days=1, stream="customers")
    jobs.run(str(run_id))
    assert run_of(run_id).streams.keys() == {"customers"} and names() == 1


def test_a_backfill_goes_on_where_a_crash_left_it(dealer: Dealer, cast: Cast) -> None:
    spread(dealer, 8)
    broken: list[str] = []

    def fail_once(request: Request) -> Response | None:
        if len(dealer.system.requests) >= 6 and not broken:
            broken.append(request.full_path)
            return Response("", 503)
        return None

    dealer.moody.before = fail_once
    run_id = ask(dealer, cast)
    jobs.run(str(run_id))
    first = run_of(run_id)
    done = rows("SELECT count(*) FROM sync_parts WHERE state = 'done'")[0][0]
    assert (first.status, done > 0) == ("queued", True)
    asked = len(dealer.system.requests)
    make_due(run_id)
    jobs.run(str(run_id))
    assert run_of(run_id).status == "succeeded" and names() == 8
    assert len(dealer.system.requests) - asked <= 16 - done + 2, "what was done is not asked for again"


def test_parts_are_fetched_side_by_side_by_several_workers(dealer: Dealer, cast: Cast) -> None:
    spread(dealer, 8)
    together = threading.Barrier(2, timeout=20)
    met: list[str] = []

    def meet(request: Request) -> None:
        if len(met) < 2:
            met.append(request.full_path)
            together.wait()

    dealer.moody.before = meet
    run_id = ask(dealer, cast, stream="customers")
    leader = threading.Thread(target=jobs.run, args=(str(run_id),))
    leader.start()
    while not rows("SELECT 1 FROM sync_parts"):
        pass
    repair_jobs.help_with(str(run_id), "0")
    leader.join()
    make_due(run_id)
    jobs.run(str(run_id))
    done = run_of(run_id)
    assert (done.status, done.streams["customers"]["created"], names(), len(set(met))) == ("succeeded", 8, 8, 2)


def test_a_range_in_which_too_much_is_wrong_stops(dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "LEAST_READ", 3)
    for number in range(3):
        dealer.add_customer(f"Kötü {number}", kind="robot")
    run_id = ask(dealer, cast)
    jobs.run(str(run_id))
    assert (run_of(run_id).status, dealer.link().status) == ("failed", "paused")


def test_a_helper_stops_when_the_run_is_cancelled(dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    spread(dealer, 4)
    monkeypatch.setattr(work, "SLICE_SECONDS", -1.0)
    run_id = ask(dealer, cast)
    jobs.run(str(run_id))
    assert cast.ayse.post(f"/sync/runs/{run_id}/cancel").status_code == 202
    asked = len(dealer.system.requests)
    repair_jobs.help_with(str(run_id), "0")
    assert len(dealer.system.requests) == asked


def test_a_lost_part_is_written_by_nobody_but_its_new_holder(dealer: Dealer, cast: Cast) -> None:
    run_id = ask(dealer, cast)
    with transaction(SYSTEM) as tx:
        parts.make(tx, run_id, ["customers"], dealer.system.clock - DAY, dealer.system.clock)
        part = parts.claim(tx, run_id)
    assert part is not None
    rows("UPDATE sync_parts SET leased_until = now() - interval '1 s' WHERE leased_until IS NOT NULL RETURNING 1")
    with transaction(SYSTEM) as tx:
        again = parts.claim(tx, run_id)
    assert again is not None and (again.id, again.attempt) == (part.id, part.attempt + 1)


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"mode": "backfill"}, "/since"),
        ({"mode": "backfill", "since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}, "/since"),
        ({"mode": "normal", "since": "2026-11-02T00:00:00Z"}, "/since"),
        ({"stream": "customers"}, "/stream"),
        ({"mode": "backfill", "since": "2026-11-02T00:00:00Z", "stream": "orders"}, "/stream"),
        ({"mode": "sideways"}, "/mode"),
    ],
)
def test_a_wish_that_means_nothing_is_refused_by_name(
    dealer: Dealer, cast: Cast, wish: dict[str, str], pointer: str
) -> None:
    refused = cast.ayse.post(f"/sync/links/{dealer.link_id}/runs", wish)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_connector_that_knows_no_ranges_is_not_asked_for_one(
    dealer: Dealer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.rest.Rest.can", frozenset({"pull"}))
    refused = cast.ayse.post(
        f"/sync/links/{dealer.link_id}/runs", {"mode": "backfill", "since": "2026-11-02T00:00:00Z"}
    )
    assert (refused.status_code, refused.get_json()["code"]) == (409, "connector_unable")
    assert dealer.link().status == "active"
