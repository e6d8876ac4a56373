"""Several jobs at once in one process: how many, in which lanes, and what becomes of those that break or stay."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gateway import crew as crews
from gateway.crew import Crew
from gateway.job_time import JobTookTooLong, time_of_this_job


class Job:
    """Begins, waits to be let go, and ends."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        self.may_end.wait(60)
        self.ended.set()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long here."""
    monkeypatch.setattr(crews, "_PATIENCE", 1.0)
    monkeypatch.setattr(crews, "_LOOK_AROUND", 0.02)


@contextmanager
def jobs(count: int) -> Iterator[list[Job]]:
    made = [Job() for _ in range(count)]
    try:
        yield made
    finally:
        for each in made:
            each.may_end.set()


def test_a_job_that_waits_holds_up_no_other() -> None:
    crew = Crew(4)
    with jobs(2) as (slow, quick):
        assert crew.take(slow, ["partner:a"]) and crew.take(quick, ["partner:b"])
        quick.may_end.set()
        assert quick.ended.wait(20) and not slow.ended.is_set()


def test_one_lane_takes_half_of_the_threads_at_most() -> None:
    crew = Crew(4)
    with jobs(4) as (one, two, three, other):
        assert [crew.take(job, ["partner:a"]) for job in (one, two, three)] == [True, True, False]
        assert crew.take(other, ["partner:b"]) and not three.begun.is_set()


def test_a_lane_is_free_again_when_its_jobs_have_ended() -> None:
    crew = Crew(2)
    with jobs(2) as (one, two):
        assert crew.take(one, ["partner:a"]) and not crew.take(two, ["partner:a"])
        one.may_end.set()
        assert one.ended.wait(20) and wait_until(lambda: crew.take(two, ["partner:a"]))


def test_a_crew_of_one_works_on_one_at_a_time() -> None:
    crew = Crew(1)
    with jobs(2) as (one, two):
        assert crew.take(one, ["partner:a"]) and not crew.take(two, ["partner:b"])


def test_the_bells_wait_where_others_can_hear_them() -> None:
    crew = Crew(2)
    with jobs(2) as (one, two):
        crew.take(one, [])
        began = time.monotonic()
        crew.take(two, [])
        assert time.monotonic() - began >= 1.0, "a full crew takes no further bell"


def test_a_job_that_breaks_leaves_its_place() -> None:
    crew = Crew(1)

    def broken() -> None:
        raise ValueError

    assert crew.take(broken, ["a"]) and crew.take(lambda: None, ["a"])


def test_a_job_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "JOB_SECONDS", 0.2)
    caught = threading.Event()

    def endless() -> None:
        try:
            while True:
                time.sleep(0.01)
        except JobTookTooLong:
            caught.set()

    assert Crew(1).take(endless, []) and caught.wait(20)


def test_a_job_that_is_given_more_time_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "JOB_SECONDS", 60.0)
    left: list[float] = []
    ended = threading.Event()

    def patient() -> None:
        own = time_of_this_job()
        assert own is not None
        helper = threading.Thread(target=own.extend, args=(3600.0,))
        helper.start()
        helper.join()
        left.append(own.ends_at - time.monotonic())
        ended.set()

    assert Crew(1).take(patient, []) and ended.wait(20)
    assert 3600.0 < left[0] <= 3660.0 and time_of_this_job() is None


def test_a_job_is_ended_at_the_end_of_the_time_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "JOB_SECONDS", 3600.0)
    caught = threading.Event()

    def endless() -> None:
        own = time_of_this_job()
        assert own is not None
        own.extend(-3599.8)
        try:
            while True:
                time.sleep(0.01)
        except JobTookTooLong:
            caught.set()

    assert Crew(1).take(endless, []) and caught.wait(20)


def test_a_crew_that_stops_begins_nothing_and_waits_so_long() -> None:
    crew = Crew(4)
    with jobs(2) as (one, late):
        crew.take(one, [])
        crew.stop_soon()
        assert not crew.take(late, [])
        began = time.monotonic()
        crew.close(0.2)
        assert 0.2 <= time.monotonic() - began < 20, "it would wait for a minute"


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False
