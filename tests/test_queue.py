"""Work is done by one at a time and never lost: a lease decides who may write, and Redis only rings."""

from __future__ import annotations

import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import redis as redis_library
from flask import Flask
from rq.exceptions import DeserializationError
from rq.serializers import JSONSerializer

from gateway import queue
from gateway.channels import Caller
from gateway.db import new_id, now, transaction
from gateway.queue import Bell, LeaseLost, claim, hold
from gateway.webhooks.models import Delivery, Endpoint

SYSTEM = Caller.system("test")


@pytest.fixture
def work(app: Flask) -> UUID:
    """A row that is due."""
    with transaction(SYSTEM) as tx:
        endpoint = Endpoint(channel="intranet", url="https://a.example", event_types=["*"])
        tx.session.add(endpoint)
        tx.session.flush()
        row = Delivery(endpoint_id=endpoint.id, event_id=new_id(), type="x", payload="", due_at=now())
        tx.session.add(row)
        tx.session.flush()
        return row.id


def claimed(row_id: UUID, seconds: int = 60, *due: Any) -> int | None:
    with transaction(SYSTEM) as tx:
        return claim(tx, Delivery, row_id, seconds, *due)


def run_out(row_id: UUID) -> None:
    """Let the lease end now, by the database's own clock."""
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE webhook_deliveries SET leased_until = now() - interval '1 ms' WHERE id = %s", [row_id])


def test_free_row_is_claimed_once(work: UUID) -> None:
    assert [claimed(work), claimed(work)] == [1, None]


def test_row_whose_lease_ran_out_is_claimed_under_a_new_number(work: UUID) -> None:
    assert claimed(work) == 1
    run_out(work)
    assert claimed(work) == 2


def test_eight_that_race_for_a_row_leave_one_winner(work: UUID) -> None:
    barrier = threading.Barrier(8)

    def race(_: int) -> int | None:
        barrier.wait(10)
        return claimed(work)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(race, range(8)), key=str) == [1] + [None] * 7


def test_row_that_is_not_due_is_not_claimed(work: UUID) -> None:
    assert claimed(work, 60, Delivery.status == "delivered") is None
    assert claimed(work, 60, Delivery.status == "pending") == 1


def test_row_that_is_not_there_is_not_claimed(work: UUID) -> None:
    assert claimed(new_id()) is None


def test_holder_writes_and_renews_its_lease(work: UUID) -> None:
    attempt = claimed(work, 1)
    assert attempt is not None
    with transaction(SYSTEM) as tx:
        hold(tx, Delivery, work, attempt, 3600)
    with transaction(SYSTEM) as tx:
        left = tx.raw.execute("SELECT leased_until - now() > interval '59 min' FROM webhook_deliveries").fetchone()
    assert left == (True,)


def test_orphan_of_an_older_attempt_writes_nothing(work: UUID) -> None:
    """It was thought dead, its row was claimed again, and now it wakes up and wants to write."""
    orphan = claimed(work)
    run_out(work)
    assert claimed(work) == 2
    assert orphan is not None
    with pytest.raises(LeaseLost), transaction(SYSTEM) as tx:
        hold(tx, Delivery, work, orphan, 60)
        tx.raw.execute("UPDATE webhook_deliveries SET status = 'delivered'")
    with transaction(SYSTEM) as tx:
        assert tx.raw.execute("SELECT status FROM webhook_deliveries").fetchone() == ("pending",)


def test_released_row_is_no_longer_held(work: UUID) -> None:
    attempt = claimed(work)
    assert attempt is not None
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE webhook_deliveries SET leased_until = NULL")
    with pytest.raises(LeaseLost), transaction(SYSTEM) as tx:
        hold(tx, Delivery, work, attempt, 60)


def test_claim_waits_for_who_writes_under_the_lease(work: UUID) -> None:
    attempt = claimed(work)
    assert attempt is not None
    run_out(work)
    with ThreadPoolExecutor(1) as pool:
        with transaction(SYSTEM) as tx:
            hold(tx, Delivery, work, attempt, 60)
            rival = pool.submit(claimed, work)
            time.sleep(0.1)
            assert not rival.done()
        assert rival.result(10) is None


def waiting(name: str) -> list[str]:
    return list(queue.rq_queue(name).job_ids)


@pytest.fixture
def bells(whole_app: Flask) -> None:
    for name in queue.QUEUES:
        queue.redis().delete(queue.rq_queue(name).key)


def test_bell_becomes_a_job_in_json_with_plain_arguments(bells: None) -> None:
    row_id = new_id()
    assert queue.ring_now([Bell(queue.SYNC, "gateway.sync.jobs.run", (str(row_id),))]) == 1
    job = queue.rq_queue(queue.SYNC).jobs[0]
    assert (job.func_name, job.args, job.result_ttl) == ("gateway.sync.jobs.run", [str(row_id)], 0)
    assert job.serializer is JSONSerializer
    stored: Any = queue.redis().hget(job.key, "data")
    assert str(row_id) in zlib.decompress(stored).decode()


def test_pickle_in_the_queue_is_not_run(bells: None) -> None:
    queue.ring_now([Bell(queue.SYNC, "gateway.sync.jobs.run")])
    job = queue.rq_queue(queue.SYNC).jobs[0]
    queue.redis().hset(job.key, "data", b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.")
    with pytest.raises(DeserializationError):
        queue.rq_queue(queue.SYNC).jobs[0].args  # noqa: B018  # reading is where it would run


def test_rings_within_a_moment_are_one(bells: None) -> None:
    for _ in range(50):
        queue.ring(queue.WEBHOOKS, "gateway.webhooks.jobs.deliver")
    deadline = time.monotonic() + 5
    while not waiting(queue.WEBHOOKS) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    assert 1 <= len(waiting(queue.WEBHOOKS)) <= 10


def test_ringing_without_redis_neither_fails_nor_waits(whole_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = redis_library.ConnectionPool.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(queue, "_pool", dead)
    begun = time.monotonic()
    queue.ring(queue.SYNC, "gateway.sync.jobs.run")
    assert time.monotonic() - begun < 1
    assert queue.ring_now([Bell(queue.SYNC, "x")]) == 0
    time.sleep(0.1)


def test_every_chore_has_an_interval_and_every_sweeper_a_name(whole_app: Flask) -> None:
    assert [work for seconds, work in queue.chores() if seconds <= 0] == []
    assert len({each.__qualname__ for each in queue.sweepers()}) == len(queue.sweepers()) > 0
