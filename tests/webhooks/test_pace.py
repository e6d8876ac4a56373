"""Rates that hold whoever sends: two dispatchers together never send more than was asked for."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from gateway.db import transaction
from gateway.guarded import Guard
from gateway.guarded_sender import Sender
from gateway.webhooks.delivery import due
from gateway.webhooks.delivery.dispatch import Dispatcher
from tests.conftest import Cast
from tests.webhooks.backlog import SYSTEM, claim, owe, run, set_endpoint
from tests.webhooks.conftest import LOOPBACK, Register
from tests.webhooks.receiver import Receiver

PER_MINUTE, SECONDS = 600, 2.5


def most_over(times: Sequence[float], per_second: float) -> float:
    """By how many messages those so many seconds after the beginning exceed what flowed into the bucket till then.

    A busy machine can only make a message arrive later than the bucket would let it.
    """
    return max(count - per_second * seconds for count, seconds in enumerate(times, 1))


def tokens(endpoint: dict[str, Any]) -> float:
    ((left,),) = run("SELECT tokens FROM webhook_paces WHERE endpoint_id = %(id)s", id=endpoint["id"])
    return float(left)


def test_two_dispatchers_together_keep_to_the_rate(cast: Cast, receiver: Receiver, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, rate_per_minute=PER_MINUTE)
    owe(endpoint, [None] * 200)
    dispatchers = [Dispatcher(Sender(Guard(LOOPBACK))) for _ in range(2)]
    threads = [threading.Thread(target=each.run, kwargs={"seconds": SECONDS}) for each in dispatchers]
    began = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for dispatcher in dispatchers:
        dispatcher.close()
    times = sorted(message.at - began for message in receiver.messages)
    assert most_over(times, PER_MINUTE / 60) <= PER_MINUTE / 60 + 0.5, "a second's worth at once, and no more"
    assert len(times) >= PER_MINUTE / 60 * (SECONDS - 0.5)


def test_burst_is_a_second_at_most(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, rate_per_minute=300)
    run("UPDATE webhook_paces SET drawn_at = now() - interval '1 day'")
    owe(endpoint, [None] * 50)
    assert [len(claim()), len(claim())] == [5, 0]


def test_slow_rate_still_lets_one_go_at_once(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, rate_per_minute=1)
    owe(endpoint, [None] * 3)
    assert [len(claim()), len(claim())] == [1, 0]


def test_what_is_handed_back_costs_no_pace(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, rate_per_minute=60)
    owe(endpoint, [None])
    before = tokens(endpoint)
    claims = claim()
    assert tokens(endpoint) < before
    with transaction(SYSTEM) as tx:
        due.hand_back(tx, claims)
    assert tokens(endpoint) >= before
    assert len(claim()) == 1


def test_dispatcher_waits_for_tokens_instead_of_going_home(cast: Cast, receiver: Receiver, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, rate_per_minute=60)
    owe(endpoint, [None] * 2)
    dispatcher, began = Dispatcher(Sender(Guard(LOOPBACK))), time.monotonic()
    assert dispatcher.run(seconds=5.0)
    dispatcher.close()
    assert len(receiver.messages) == 2 and receiver.messages[-1].at - began > 0.9


def test_claim_of_one_dispatcher_leaves_nothing_of_the_bucket_to_another(cast: Cast, register: Register) -> None:
    endpoint = register(cast.ayse)
    set_endpoint(endpoint, rate_per_minute=60)
    owe(endpoint, [None] * 4)
    with transaction(SYSTEM) as tx:
        taken = due.claim(tx, 10, lambda _: 10)
        assert claim() == []  # waiting for the first to commit would end in an error, with the statement's time
    assert len(taken.claims) == 1
