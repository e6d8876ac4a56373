"""What people see of runs and links: cursors, rate, what waits, and the same in metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.wrappers import Response

from gateway.db import now, transaction
from gateway.sync import history
from gateway.sync.models import SyncRun
from gateway.sync.progress import rate, seconds_left
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, Dealer, rows

BEGAN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def under_way(**streams: dict[str, int]) -> SyncRun:
    return SyncRun(status="running", started_at=BEGAN, finished_at=None, streams=streams)


def sample(app: Flask, name: str, **labels: str) -> float | None:
    families = text_string_to_metric_families(app.test_client().get("/metrics").text)
    samples = [each for family in families for each in family.samples if each.name == name]
    return next((each.value for each in samples if labels.items() <= each.labels.items()), None)


def test_rate_and_time_left_follow_what_was_read() -> None:
    run = under_way(customers={"read": 300, "pushed": 0, "total": 1000}, interactions={"read": 100, "pushed": 0})
    at = BEGAN + timedelta(seconds=40)
    assert (rate(run, at), seconds_left(run, at)) == (10.0, 70)


def test_no_time_is_promised_without_a_total_or_a_beginning() -> None:
    at = BEGAN + timedelta(seconds=40)
    assert seconds_left(under_way(customers={"read": 300}), at) is None
    assert seconds_left(under_way(customers={"read": 0, "total": 10}), at) is None
    assert rate(SyncRun(status="queued", started_at=None, streams={}), at) is None


def test_a_run_shows_the_cursors_before_and_after(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer("Şule")
    first = dealer.sync()
    dealer.add_customer("Işık")
    second = dealer.sync()
    shown = [cast.ayse.get(f"/sync/runs/{each.id}").get_json()["cursors"]["customers"] for each in (first, second)]
    assert shown[0]["before"] is None and shown[0]["after"] == shown[1]["before"] != shown[1]["after"]
    assert second.mode == "normal" and cast.ayse.get(f"/sync/runs/{second.id}").get_json()["attempt"] == 1


def test_a_link_shows_how_it_stands(dealer: Dealer, cast: Cast) -> None:
    dealer.add_customer("Kötü", kind="robot")
    good = dealer.sync()
    dealer.moody.before = lambda request: Response("", 401)
    dealer.sync()
    health = cast.ayse.get(f"/sync/links/{dealer.link_id}").get_json()["health"]
    assert good.finished_at is not None
    assert health["last_success_at"].startswith(f"{good.finished_at:%Y-%m-%dT%H:%M:%S}")
    assert "401" in health["last_error"] and (health["rejected"], health["conflicts"]) == (1, 0)


def test_an_old_error_is_forgotten_with_the_next_success(dealer: Dealer, cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        tx.session.add(SyncRun(link_id=dealer.link_id, status="failed", error="eski", finished_at=now(), attempt=1))
    assert cast.ayse.get(f"/sync/links/{dealer.link_id}").get_json()["health"]["last_error"] == "eski"
    dealer.sync()
    assert cast.ayse.get(f"/sync/links/{dealer.link_id}").get_json()["health"]["last_error"] is None


def test_metrics_tell_how_links_stand_and_what_runs_did(dealer: Dealer, app: Flask) -> None:
    name = {"link": dealer.link().name}
    created = {**name, "stream": "customers", "outcome": "created"}
    before = sample(app, "kopru_sync_records_total", **created) or 0
    dealer.add_customer("Şule")
    dealer.add_customer("Kötü", kind="robot")
    dealer.sync()
    assert sample(app, "kopru_sync_records_total", **created) == before + 1
    assert sample(app, "kopru_sync_waiting", **name, what="rejected") == 1
    age = sample(app, "kopru_sync_last_success_age_seconds", **name)
    assert age is not None and 0 <= age < 60


def test_rejects_that_nobody_can_name_go_after_their_time_and_others_wait(dealer: Dealer) -> None:
    dealer.system.add("customers", [{"kind": "robot", "given_name": "Adlı"}, {"given_name": "Adsız"}])
    dealer.system.tables["customers"]["C-00002"]["external_id"] = ""
    assert dealer.sync().streams["customers"]["rejected"] == 2
    with transaction(SYSTEM) as tx:
        assert history.forget_old(tx, 90) == 0
    rows("UPDATE sync_rejected SET last_seen_at = now() - interval '91 days' RETURNING 1")
    with transaction(SYSTEM) as tx:
        assert history.forget_old(tx, 90) == 1
    assert rows("SELECT external_id FROM sync_rejected") == [("C-00001",)]


def test_old_runs_go_and_the_newest_of_each_outcome_stays(dealer: Dealer) -> None:
    ids = [dealer.sync().id for _ in range(3)]
    rows("UPDATE sync_runs SET finished_at = now() - interval '91 days' RETURNING 1")
    recent = dealer.sync().id
    rows("UPDATE sync_runs SET finished_at = now() - interval '89 days' WHERE id = :id RETURNING 1", id=recent)
    with transaction(SYSTEM) as tx:
        assert history.forget_old(tx, 90) == len(ids)
    rows("UPDATE sync_runs SET finished_at = now() - interval '200 days' RETURNING 1")
    with transaction(SYSTEM) as tx:
        assert history.forget_old(tx, 90) == 0
    assert rows("SELECT id FROM sync_runs") == [(recent,)]
