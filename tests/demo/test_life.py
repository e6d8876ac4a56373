"""What lively dealers do by themselves."""

import json
import time
from random import Random

import pytest
import requests

from demo.life import Day, Mood, Moods, work_once
from demo.records import Record
from demo.store import Query, Store
from schemas.record import CustomerRecord, InteractionRecord
from tests.demo.conftest import calling


class OneMood(Moods):
    """Always the same mood."""

    def __init__(self, mood: Mood) -> None:
        super().__init__(Random(0), 0)
        self._mood = mood

    def next_mood(self) -> Mood:
        return self._mood


def everyone(store: Store) -> list[Record]:
    items, _ = store.page("customers", Query(limit=200))
    return [json.loads(item) for item in items]


def tastes(store: Store) -> dict[str, str | None]:
    return {each["external_id"]: each["attributes"].get("body_type") for each in everyone(store)}


def versions(store: Store) -> int:
    return sum(int(each["version"]) for each in everyone(store))


def test_about_one_request_in_a_hundred_fails() -> None:
    moods = Moods(Random(1923), 0.01)
    bad = [mood for mood in (moods.next_mood() for _ in range(20_000)) if mood != Mood()]
    assert 120 < len(bad) < 280
    assert {mood.is_busy for mood in bad} == {mood.drops_after for mood in bad} == {True, False}


def test_same_seed_fails_at_the_same_requests() -> None:
    one, other = Moods(Random("a"), 0.3), Moods(Random("a"), 0.3)
    assert [one.next_mood() for _ in range(500)] == [other.next_mood() for _ in range(500)]


def test_busy_dealer_says_when_to_come_back(small_store: Store) -> None:
    with calling(small_store, OneMood(Mood(is_busy=True))) as caller:
        answer = caller.get("/customers")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert caller.get("/health").status_code == 200


@pytest.mark.parametrize(("mood", "made"), [(Mood(drops_before=True), 0), (Mood(drops_after=True), 1)])
def test_dropped_connection_may_or_may_not_have_done_the_work(store: Store, mood: Mood, made: int) -> None:
    with calling(store, OneMood(mood)) as caller, pytest.raises(requests.ConnectionError):
        caller.post("/customers", json={"kind": "person", "given_name": "Ilgaz"})
    assert store.count("customers", Query()) == made


def test_slow_dealer_answers_in_the_end(small_store: Store) -> None:
    with calling(small_store, OneMood(Mood(wait_seconds=0.3))) as caller:
        answer = caller.get("/customers")
        assert answer.elapsed.total_seconds() >= 0.3
        assert answer.status_code == 200


def test_working_day_changes_contacts_and_adds_interactions_but_no_tastes(small_store: Store) -> None:
    liked, edits = tastes(small_store), versions(small_store)
    interactions = small_store.count("interactions", Query())
    for number in range(60):
        work_once(small_store, Random(number))
    added = small_store.count("interactions", Query()) - interactions
    assert 20 < added < 50
    assert versions(small_store) - edits == 60 - added
    assert tastes(small_store) == liked


def test_what_a_working_day_leaves_has_the_shape_of_a_record(small_store: Store) -> None:
    for number in range(60):
        work_once(small_store, Random(number))
    items, _ = small_store.page("interactions", Query(limit=10_000))
    assert CustomerRecord(many=True).validate(everyone(small_store)) == {}
    assert InteractionRecord(many=True).validate([json.loads(item) for item in items]) == {}


def test_empty_dealer_has_nothing_to_do(store: Store) -> None:
    work_once(store, Random(1))
    assert store.is_empty


def test_day_goes_on_until_it_is_ended(small_store: Store) -> None:
    before = small_store.count("interactions", Query())
    day = Day(small_store, Random(1), 0.005)
    day.start()
    deadline = time.monotonic() + 10
    while small_store.count("interactions", Query()) < before + 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    day.end()
    assert small_store.count("interactions", Query()) >= before + 5
    assert not day.is_alive()
