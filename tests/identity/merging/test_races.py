"""Merges that meet: each other, edits, and what is recorded meanwhile. Nothing is lost, nothing is written twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.identity.merging import service
from gateway.identity.merging.service import Wish
from tests.identity.merging.conftest import CALL, Two
from tests.sync.conftest import rows

STEWARD = Caller(Channel.INTRANET, client_id="portal")
_WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def while_merging(two: Two, act: Callable[[], TestResponse]) -> TestResponse:
    """Do something that has to wait for a merge which is not committed yet."""
    with ThreadPoolExecutor(1) as pool:
        with transaction(STEWARD) as tx:
            service.merge(tx, Wish(UUID(two.keep_id), UUID(two.lose_id), {}))
            waiting = pool.submit(act)
            _wait_for_a_lock(waiting)
        return waiting.result()


def _wait_for_a_lock(waiting: Future[Any]) -> None:
    end = time.monotonic() + 20
    while not rows(_WAITING):
        assert not waiting.done(), waiting.result().text
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_merges_that_cross_leave_one_survivor(two: Two) -> None:
    crossed = {"keep_id": two.lose_id, "lose_id": two.keep_id}
    answer = while_merging(two, lambda: two.cast.ayse.post("/identity/merges", crossed))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "customer_merged")
    assert rows("SELECT id FROM customers WHERE given_name = 'Işıl'") == [(UUID(two.keep_id),)]


def test_edit_that_waited_for_the_merge_is_refused_and_named_the_survivor(two: Two) -> None:
    patch = {"family_name": "Ay"}
    answer = while_merging(two, lambda: two.cast.ankara.patch(f"/customers/{two.lose_id}", patch, version=1))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "customer_merged")
    assert two.shown(two.keep_id)["family_name"] == "Şahin"


def test_interaction_that_waited_for_the_merge_is_refused_and_named_the_survivor(two: Two) -> None:
    said = {**CALL, "customer_id": two.lose_id}
    answer = while_merging(two, lambda: two.cast.ankara.post("/interactions", said))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "customer_merged")
    assert rows("SELECT 1 FROM interactions") == []


def test_interaction_that_the_merge_waited_for_moves_along(two: Two) -> None:
    insert = (
        "INSERT INTO interactions (id, customer_id, channel, kind, direction, occurred_at, products, visibility, "
        "attributes, search_key, created_at, updated_at) VALUES (gen_random_uuid(), %s, 'phone', 'inquiry', 'in', "
        "now(), '[]', 'shared', '{}', '', now(), now())"
    )
    with ThreadPoolExecutor(1) as pool:
        with transaction(Caller.system("test")) as tx:
            tx.raw.execute(insert, [two.lose_id])
            waiting = pool.submit(two.merge)
            _wait_for_a_lock(waiting)
        waiting.result()
    assert rows("SELECT customer_id FROM interactions") == [(UUID(two.keep_id),)]


def test_second_undo_that_waited_for_the_first_is_refused(two: Two) -> None:
    merge_id = two.merge()["id"]
    with ThreadPoolExecutor(1) as pool:
        with transaction(STEWARD) as tx:
            service.undo(tx, UUID(merge_id))
            waiting = pool.submit(two.cast.ayse.post, f"/identity/merges/{merge_id}/undo")
            _wait_for_a_lock(waiting)
        assert waiting.result().get_json()["code"] == "merge_undone"
