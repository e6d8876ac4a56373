"""Killed workers, orphans, dead endpoints, a dead Redis: later, never lost, and never at a neighbour's cost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import UUID

import pytest
from redis import ConnectionPool

from gateway import queue
from gateway.channels import Caller
from gateway.db import Transaction, now, transaction
from gateway.errors import Unavailable
from gateway.guarded import Guard
from gateway.guarded_sender import Sender
from gateway.webhooks import jobs
from gateway.webhooks.delivery import dispatch, due, settling
from gateway.webhooks.delivery.dispatch import Dispatcher
from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome
from gateway.webhooks.endpoints import signature
from tests.conftest import Cast
from tests.webhooks.conftest import HASTE_SECONDS, LOOPBACK, Deliver, Register, attempts_of, feed, make_due
from tests.webhooks.receiver import Receiver, answer, hang, receiving
from tests.webhooks.test_delivery import rename

SYSTEM = Caller.system("test")


def claim_all() -> list[Claim]:
    with transaction(SYSTEM) as tx:
        return due.claim(tx, 100, lambda _: 100).claims


def settle(claim: Claim, status: str) -> None:
    with transaction(SYSTEM) as tx:
        settling.settle(tx, [Outcome(claim, now(), status, 200, None, 1, None)])


def owe(cast: Cast, register: Register, count: int = 1, **given: Any) -> dict[str, Any]:
    """An endpoint that is owed so many messages."""
    endpoint = register(cast.ayse, "customer.updated", **given)
    for number in range(count):
        rename(cast, given_name=f"Cem {number}")
    feed()
    return endpoint


def test_claimed_message_is_nobody_elses_until_its_lease_is_over(cast: Cast, register: Register) -> None:
    owe(cast, register)
    (first,) = claim_all()
    assert claim_all() == []
    make_due()
    (second,) = claim_all()
    assert (second.id, second.number) == (first.id, first.number + 1)


def test_orphan_of_a_lost_lease_leaves_its_attempt_but_decides_nothing(cast: Cast, register: Register) -> None:
    endpoint = owe(cast, register)
    (orphan,) = claim_all()
    make_due()
    (heir,) = claim_all()
    settle(orphan, "failed")
    settle(heir, "delivered")
    make_due()
    assert claim_all() == []
    assert [each["status"] for each in attempts_of(cast.ayse, endpoint)] == ["delivered", "failed"]


def test_claims_are_shared_between_endpoints_and_kept_from_busy_ones(cast: Cast, register: Register) -> None:
    endpoints = [UUID(register(cast.ayse, "customer.updated")["id"]) for _ in range(3)]
    owe(cast, register, 5)
    with transaction(SYSTEM) as tx:
        claims = due.claim(tx, 100, lambda each: 4 if each == endpoints[0] else 2, busy=[endpoints[1]]).claims
    held = Counter(each.to.id for each in claims)
    assert (held[endpoints[0]], held[endpoints[1]], held[endpoints[2]]) == (4, 0, 2)


def test_partner_that_is_suspended_is_sent_nothing(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    register(cast.eskisehir, "customer.updated")
    rename(cast)
    feed()
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE partners SET status = 'suspended'")
    rename(cast, given_name="Cem")
    deliver()
    assert receiver.messages == []


def test_sweeper_rings_for_what_nobody_was_woken_for(cast: Cast, register: Register, deliver: Deliver) -> None:
    deliver()
    with transaction(SYSTEM) as tx:
        assert list(jobs.find_due(tx)) == []
    register(cast.ayse, "customer.updated")
    rename(cast)
    for step in (feed, deliver):
        with transaction(SYSTEM) as tx:
            assert list(jobs.find_due(tx)) == [queue.Bell("webhooks", "gateway.webhooks.jobs.deliver")]
        step()


def test_change_commits_when_redis_is_gone(cast: Cast, receiver: Receiver, register: Register, deliver: Deliver,
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    deliver()
    register(cast.ayse, "customer.updated")
    monkeypatch.setattr(queue, "_pool", ConnectionPool.from_url("redis://127.0.0.1:1/0"))
    rename(cast)
    deliver()
    assert len(receiver.messages) == 1


def test_dead_endpoint_does_not_hold_up_the_others(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver()
    monkeypatch.setattr(jobs._dispatcher, "_total_seconds", 60.0)
    let_go = threading.Event()
    with receiving() as dead, ThreadPoolExecutor(1) as worker, ExitStack() as then:
        then.callback(let_go.set)
        dead.answering = hang(let_go)
        for _ in range(3):
            register(cast.ayse, "customer.updated", url=dead.url)
        owe(cast, register, 8)
        work = worker.submit(deliver)
        wait_for(lambda: len(receiver.messages) == 8)
        assert len(dead.messages) >= 3 and not work.done(), "the dead ones have ended no answer"


def test_worker_that_is_asked_to_stop_hands_back_what_it_has_not_begun(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "THREADS", 1)
    worker = Dispatcher(Sender(Guard(LOOPBACK)))
    endpoint = owe(cast, register, 2)

    def stop_the_worker(handler: BaseHTTPRequestHandler) -> None:
        worker.stop()
        answer(204, after=0.1)(handler)

    receiver.answering = stop_the_worker
    assert worker.run() is False
    assert len(receiver.messages) == len(attempts_of(cast.ayse, endpoint)) == 1
    assert len(claim_all()) == 1


@pytest.mark.usefixtures("hasty")
def test_worker_that_stands_still_while_it_signs_sends_nothing_afterwards(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = owe(cast, register)
    sign = signature.headers

    def stand_still(*told: Any) -> dict[str, str]:
        time.sleep(HASTE_SECONDS + 0.1)
        return sign(*told)

    monkeypatch.setattr(signature, "headers", stand_still)
    deliver()
    assert receiver.messages == []
    assert [each["error"] for each in attempts_of(cast.ayse, endpoint)] == ["timeout"]


def test_worker_that_stood_still_for_longer_than_its_lease_settles_what_it_then_claims_twice(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    endpoint = owe(cast, register)

    def outlast_the_lease(handler: BaseHTTPRequestHandler) -> None:
        if len(receiver.messages) == 1:
            make_due()
            wait_for(lambda: len(receiver.messages) == 2)
        answer(204)(handler)

    receiver.answering = outlast_the_lease
    deliver()
    assert [each["status"] for each in attempts_of(cast.ayse, endpoint)] == ["delivered", "delivered"]
    assert is_all_delivered()


def test_outcome_survives_a_database_that_was_away_for_a_moment(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = owe(cast, register)
    real, calls = settling.settle, iter([True])

    def settle_later(tx: Transaction, outcomes: list[Outcome]) -> None:
        if next(calls, False):
            raise Unavailable
        real(tx, outcomes)

    monkeypatch.setattr(settling, "settle", settle_later)
    with pytest.raises(Unavailable):
        deliver()
    deliver()
    assert len(receiver.messages) == len(attempts_of(cast.ayse, endpoint)) == 1


@pytest.mark.faults
def test_killed_worker_loses_no_message(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver, environment: dict[str, str]
) -> None:
    owe(cast, register, 60)
    owed = {str(claim.event_id) for claim in claim_all()}
    receiver.answering = answer(204, after=0.02)
    for _ in range(6):
        make_due()
        worker = subprocess.Popen([sys.executable, "-m", "tests.webhooks.worker"], env={**os.environ, **environment})
        begun = len(receiver.messages)
        wait_for(lambda: len(receiver.messages) > begun or is_all_delivered())  # noqa: B023  # called at once
        time.sleep(random.uniform(0, 0.1))
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def deliver_rest() -> bool:
        make_due()
        deliver()  # on a busy machine its short deadline may be too short for some
        return is_all_delivered()

    wait_for(deliver_rest)
    told = Counter(message.headers["webhook-id"] for message in receiver.messages)
    assert set(told) == owed


def is_all_delivered() -> bool:
    with transaction(SYSTEM) as tx:
        left = tx.raw.execute("SELECT count(*) FROM webhook_deliveries WHERE status <> 'delivered'").fetchone()
    return left == (0,)


def wait_for(condition: Any, seconds: float = 50.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
