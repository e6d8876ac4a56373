"""A queue's service level is the share of its items that were taken in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.desk.queues import level, service
from gateway.desk.queues.models import Item
from tests.conftest import Api, Cast
from tests.desk.conftest import NOON, act, add_queue, put


def came(item: dict[str, Any], minutes_ago: int) -> None:
    """Let an item have come into its queue so long ago."""
    with transaction(Caller.system("test")) as tx:
        kept = tx.session.get_one(Item, UUID(item["id"]))
        kept.waiting_since = kept.ready_at = now() - timedelta(minutes=minutes_ago)


def level_of(api: Api, queue: str) -> dict[str, Any]:
    return dict(api.get(f"/queues/{queue}").get_json()["level"])


def test_share_taken_in_time_is_measured(cast: Cast, queue: str, zeynep: Api) -> None:
    for minutes in (1, 5, 90):
        item = put(cast, queue)
        came(item, minutes)
        act(zeynep, item, "claim")
    came(put(cast, queue), 70)
    put(cast, queue)
    put(cast, queue, at=NOON.isoformat())
    measured = level_of(zeynep, queue)
    counts = {name: measured[name] for name in ("answered", "in_time", "missed", "waiting", "snoozed", "claimed")}
    assert counts == {"answered": 3, "in_time": 2, "missed": 1, "waiting": 2, "snoozed": 1, "claimed": 3}
    assert (measured["percent"], measured["met"]) == (50.0, False)


def test_empty_queue_has_no_level(cast: Cast, queue: str) -> None:
    measured = level_of(cast.ayse, queue)
    assert (measured["percent"], measured["met"], measured["longest_wait_seconds"]) == (None, None, 0)


def test_item_counts_once_in_its_queue_however_often_it_is_taken(cast: Cast, queue: str, zeynep: Api) -> None:
    item = put(cast, queue)
    for action in ("claim", "release", "claim", "release"):
        act(zeynep, item, action)
    assert level_of(zeynep, queue)["answered"] == 1


def test_item_handed_over_counts_in_both_queues(cast: Cast, queue: str, zeynep: Api) -> None:
    item, other = put(cast, queue), add_queue(cast, "Hasar")
    act(zeynep, item, "claim")
    act(zeynep, item, "hand-over", queue_id=other)
    act(zeynep, item, "claim")
    assert [level_of(zeynep, each)["answered"] for each in (queue, other)] == [1, 1]


def test_what_was_taken_before_the_window_counts_no_more(cast: Cast, queue: str, zeynep: Api) -> None:
    act(zeynep, put(cast, queue), "claim")
    with transaction(Caller.system("test")) as tx:
        later = level.measure(tx, service.get(tx, UUID(queue)), 24, now() + timedelta(hours=25))
    assert later["answered"] == 0


@pytest.mark.parametrize(("part", "whole", "percent"), [(0, 0, None), (0, 3, 0.0), (2, 3, 66.7), (3, 3, 100.0)])
def test_share_is_percent_to_one_place(part: int, whole: int, percent: float | None) -> None:
    assert level.share(part, whole) == percent
