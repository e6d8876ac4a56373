"""Schedules through the API and the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gateway.sync.schedules.jobs import start_due_runs
from tests.conftest import Cast
from tests.sync.conftest import Dealer, rows

NIGHTLY = {"cron": "30 3 * * *", "time_zone": "Europe/Istanbul", "catch_up": "skip", "mode": "full"}


def test_a_schedule_shows_its_next_five_slots(cast: Cast, dealer: Dealer) -> None:
    made = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", NIGHTLY)
    shown = cast.ayse.get(made.headers["Location"]).get_json()
    assert shown == made.get_json() and shown.items() >= NIGHTLY.items()
    slots = [datetime.fromisoformat(each) for each in shown["next_slots"]]
    assert [f"{slot:%H:%M}" for slot in slots] == ["00:30"] * 5, "03:30 in Istanbul, shown in UTC"


def test_the_links_own_interval_is_its_default_schedule(cast: Cast, dealer: Dealer) -> None:
    link = f"/sync/links/{dealer.link_id}"
    cast.ayse.patch(link, {"interval_seconds": 600}, version=1)
    [schedule] = cast.ayse.get(f"{link}/schedules").get_json()["items"]
    assert (schedule["is_default"], schedule["interval_seconds"]) == (True, 600)
    assert cast.ayse.get(link).get_json()["next_run_at"] == schedule["next_slots"][0]
    cast.ayse.patch(link, {"interval_seconds": None}, version=2)
    assert cast.ayse.get(f"{link}/schedules").get_json()["items"] == []


def test_giving_cron_ends_the_interval(cast: Cast, dealer: Dealer) -> None:
    made = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", {"interval_seconds": 60})
    changed = cast.ayse.patch(made.headers["Location"], {"cron": "0 5 * * sun"}, version=1).get_json()
    assert (changed["cron"], changed["interval_seconds"], changed["version"]) == ("0 5 * * sun", None, 2)


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({}, "/interval_seconds"),
        ({"interval_seconds": 60, "cron": "* * * * *"}, "/interval_seconds"),
        ({"interval_seconds": 4}, "/interval_seconds"),
        ({"cron": "0 0 3 * * *"}, "/cron"),
        ({"cron": "61 * * * *"}, "/cron"),
        ({"cron": "0 0 30 2 *"}, "/cron"),
        ({"cron": "0 3 * * *", "time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"cron": "0 3 * * *", "blackout": [{"from": "25:00", "until": "05:00"}]}, "/blackout/0/from"),
        ({"cron": "0 3 * * *", "blackout": [{"from": "01:00", "until": "05:00"}]}, "/blackout"),
        ({"interval_seconds": 60, "catch_up": "maybe"}, "/catch_up"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_by_name(
    cast: Cast, dealer: Dealer, wish: dict[str, Any], pointer: str
) -> None:
    refused = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", wish)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("rule", [{"interval_seconds": None}, {"interval_seconds": 60, "cron": "* * * * *"}])
def test_a_change_to_no_rule_or_to_two_is_refused_by_name_whatever_else_it_says(
    cast: Cast, dealer: Dealer, rule: dict[str, Any]
) -> None:
    made = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", {"interval_seconds": 60})
    refused = cast.ayse.patch(made.headers["Location"], {**rule, "mode": "full"}, version=1)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/interval_seconds")


def test_full_runs_are_not_promised_for_a_partner_that_cannot_list_everything(
    cast: Cast, dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.rest.Rest.can", frozenset({"pull"}))
    refused = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", NIGHTLY)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "connector_unable")


def test_a_stale_version_changes_nothing(cast: Cast, dealer: Dealer) -> None:
    made = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", NIGHTLY)
    assert cast.ayse.patch(made.headers["Location"], {"is_enabled": False}, version=7).status_code == 412


def test_an_ended_schedule_leaves_its_runs(cast: Cast, dealer: Dealer) -> None:
    made = cast.ayse.post(f"/sync/links/{dealer.link_id}/schedules", {"interval_seconds": 60})
    rows("UPDATE sync_schedules SET next_slot_at = now() RETURNING 1")
    assert start_due_runs() == 1
    [slot] = cast.ayse.get(f"{made.headers['Location']}/slots").get_json()["items"]
    assert cast.ayse.delete(made.headers["Location"]).status_code == 204
    assert cast.ayse.get(f"/sync/runs/{slot['run_id']}").get_json()["status"] == "queued"
