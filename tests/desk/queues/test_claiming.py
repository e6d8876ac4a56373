"""Work goes to one person at a time, in order, and comes back from whoever vanished."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller, Channel
from gateway.db import now, transaction
from gateway.desk.queues import claiming
from gateway.desk.queues.models import Item
from tests.conftest import Api, Cast
from tests.desk.conftest import NOON, act, employee, put, take

AGENTS, ITEMS = 16, 40


def taken_by(agent: int, queue: str) -> list[UUID]:
    """What one agent gets who asks until nothing is left."""
    caller = Caller(Channel.INTRANET, client_id="portal", username=f"temsilci-{agent}")
    taken: list[UUID] = []
    while True:
        with transaction(caller) as tx:
            item = claiming.take_next(tx, UUID(queue), (), now())
            if item is None:
                return taken
            taken.append(item.id)


def test_sixteen_agents_at_once_get_each_item_once(cast: Cast, queue: str) -> None:
    put_in = {put(cast, queue)["id"] for _ in range(ITEMS)}
    with ThreadPoolExecutor(AGENTS) as pool:
        taken = [str(item) for each in pool.map(taken_by, range(AGENTS), [queue] * AGENTS) for item in each]
    assert (len(taken), set(taken)) == (ITEMS, put_in)


def test_most_urgent_comes_first_then_what_is_due_first(cast: Cast, queue: str, zeynep: Api) -> None:
    put(cast, queue, subject="Sonra", due_at="2031-01-02T00:00:00Z")
    put(cast, queue, subject="Önce", due_at="2031-01-01T00:00:00Z")
    put(cast, queue, subject="Acil", priority="urgent", due_at="2031-01-03T00:00:00Z")
    assert [(take(zeynep, queue) or {})["subject"] for _ in range(3)] == ["Acil", "Önce", "Sonra"]


def test_work_is_not_given_before_its_hour(cast: Cast, queue: str, zeynep: Api) -> None:
    put(cast, queue, at=NOON.isoformat())
    assert take(zeynep, queue) is None


def test_work_goes_to_those_whose_skills_suffice(cast: Cast, queue: str, zeynep: Api) -> None:
    item = put(cast, queue, skills=["ingilizce", "hasar"])
    assert take(zeynep, queue, "ingilizce") is None
    assert (take(zeynep, queue, "hasar", "ingilizce", "filo") or {})["id"] == item["id"]


def test_work_for_one_person_is_given_to_nobody_else(cast: Cast, queue: str, zeynep: Api, selin: Api) -> None:
    item = put(cast, queue, assigned_to="selin")
    assert take(zeynep, queue) is None
    assert zeynep.post(f"/queue-items/{item['id']}/claim").get_json()["code"] == "item_not_free"
    assert (take(selin, queue) or {})["claimed_by"] == "user:selin"


def test_claimed_work_is_not_free(cast: Cast, queue: str, zeynep: Api, selin: Api) -> None:
    item = put(cast, queue)
    act(zeynep, item, "claim")
    assert take(selin, queue) is None
    assert selin.post(f"/queue-items/{item['id']}/claim").status_code == 409


def test_claiming_again_gives_more_time(cast: Cast, queue: str, zeynep: Api) -> None:
    item = put(cast, queue)
    first, second = act(zeynep, item, "claim"), act(zeynep, item, "claim")
    assert second["leased_until"] > first["leased_until"]


def lapse(item: dict[str, Any]) -> None:
    """Let the time of whoever has an item run out."""
    with transaction(Caller.system("test")) as tx:
        kept = tx.session.get_one(Item, UUID(item["id"]))
        kept.leased_until = now() - timedelta(seconds=1)


def test_work_of_somebody_who_vanished_is_given_to_the_next(cast: Cast, queue: str, zeynep: Api, selin: Api) -> None:
    item = put(cast, queue)
    act(zeynep, item, "claim")
    lapse(item)
    assert (take(selin, queue) or {})["claimed_by"] == "user:selin"
    late = zeynep.post(f"/queue-items/{item['id']}/complete", {"outcome": "ulaşıldı"})
    assert (late.status_code, late.get_json()["code"]) == (409, "item_not_free")


def test_upkeep_puts_back_what_lapsed_and_nothing_else(cast: Cast, queue: str, zeynep: Api) -> None:
    lapsed, kept = put(cast, queue), put(cast, queue)
    for item in (lapsed, kept):
        act(zeynep, item, "claim")
    lapse(lapsed)
    with transaction(Caller.system("test")) as tx:
        assert claiming.give_back_lapsed(tx, now()) == 1
    assert [zeynep.get(f"/queue-items/{each['id']}").get_json()["status"] for each in (lapsed, kept)] == [
        "waiting",
        "claimed",
    ]


@pytest.mark.parametrize("role", ["analyst"])
def test_who_may_only_look_takes_no_work(cast: Cast, queue: str, role: str) -> None:
    looker = employee(cast, "deniz", role)
    assert looker.get("/queue-items").status_code == 200
    assert looker.post(f"/queues/{queue}/items/next").status_code == 403
