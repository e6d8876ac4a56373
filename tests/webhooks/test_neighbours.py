"""One dead endpoint among ten: the others do not notice."""

import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from statistics import quantiles
from typing import Any

from gateway.guarded import Guard
from gateway.guarded_sender import Sender
from gateway.webhooks.delivery.dispatch import Dispatcher
from tests.conftest import Cast
from tests.webhooks.backlog import owe, run
from tests.webhooks.conftest import LOOPBACK, Deliver, Register
from tests.webhooks.receiver import Answering, Receiver, answer, drip, hang, receiving

OTHERS, EACH, ROUNDS = 9, 8, 3
TOTAL_SECONDS = 2.0  # ten times what a healthy answer takes, and half of what a dripping one does


def first_arrivals(receiver: Receiver) -> dict[str, float]:
    """When each message came, by its id; on a busy machine one may come again, in this round or a later one."""
    return {message.headers["webhook-id"]: message.at for message in reversed(receiver.messages)}


def p95(receiver: Receiver, dispatcher: Dispatcher, endpoints: Sequence[dict[str, Any]]) -> float:
    """Seconds until 95 of 100 messages to the healthy have arrived, all due at the same moment."""
    receiver.messages.clear()
    run("UPDATE webhook_paces SET failures = 0, open_until = NULL, probing_until = NULL")
    owed = {str(event) for each in endpoints for event in owe(each, [None] * EACH) if each["url"] == receiver.url}
    began = time.monotonic()
    dispatcher.run()
    arrived = {event: at for event, at in first_arrivals(receiver).items() if event in owed}
    assert len(arrived) == len(owed) == OTHERS * EACH
    return quantiles([at - began for at in arrived.values()], n=20)[18]


def test_dead_endpoint_changes_the_p95_of_nine_others_by_less_than_a_fifth(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    receiver.answering = answer(204, after=0.2)  # so that a busy machine counts for little beside it
    dispatcher = Dispatcher(Sender(Guard(LOOPBACK)), total_seconds=TOTAL_SECONDS)
    healthy = [register(cast.ayse) for _ in range(OTHERS)]
    with receiving() as grave:
        grave.answering = drip(4.0)
        dead = register(cast.ayse, url=grave.url)
        p95(receiver, dispatcher, healthy)  # they show that they are quick
        pairs: tuple[list[dict[str, Any]], ...] = ([], [dead])
        rounds = [[p95(receiver, dispatcher, [*more, *healthy]) for more in pairs] for _ in range(ROUNDS)]
        assert grave.messages
    dispatcher.close()
    # Whoever else keeps the machine busy can only add: the quickest round of each kind is nearest to the truth.
    alone, beside = map(min, zip(*rounds, strict=True))
    assert beside / alone < 1.2, rounds


def answer_and(event: threading.Event) -> Answering:
    """Answer well, and say so."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        event.set()
        answer(204)(handler)

    return write


def test_worker_whose_time_is_over_goes_on_for_the_quick_while_it_waits_for_a_slow_one(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    deliver()
    dispatcher = Dispatcher(Sender(Guard(LOOPBACK)), total_seconds=60.0)
    healthy = register(cast.ayse)
    p95(receiver, dispatcher, [healthy] * OTHERS)  # it shows that it is quick
    let_go = threading.Event()
    with receiving() as grave:
        grave.answering = hang(let_go)
        owe(register(cast.ayse, url=grave.url), [None])
        (late,) = owe(healthy, [None])
        later = "UPDATE webhook_deliveries SET due_at = now() + interval '600 ms' WHERE endpoint_id = %(id)s"
        run(f"{later} AND status = 'pending'", id=healthy["id"])
        receiver.messages.clear()
        receiver.answering = answer_and(let_go)
        dispatcher.run(seconds=0.1)
    dispatcher.close()
    assert str(late) in first_arrivals(receiver) and let_go.is_set()
