"""One slow partner never delays another: real workers, partners that hang, and one that does not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest

from gateway.db import transaction
from gateway.partners import service as partners
from gateway.queue import ring_now
from gateway.sync import jobs, service
from gateway.sync.traffic.lanes import lanes_of
from tests.connectors.fake_partner import serve
from tests.sync.conftest import SYSTEM, Dealer, add_link, rows, run_of

WORKERS, HANGING, TIMES = 2, 3, 3


class Hanging:
    """A dealer's system that takes a call and says nothing but blanks, so that no patience ends before it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.called = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        self.called.set()
        start_response("200 OK", [("Content-Type", "application/json")])
        while not self.let_go.wait(2):
            yield b" "
        yield b"{}"


@contextmanager
def workers(environment: dict[str, str]) -> Iterator[None]:
    """Worker processes, as an installation runs them."""
    command = [sys.executable, "-m", "gateway.worker", "sync"]
    started = [subprocess.Popen(command, env={**os.environ, **environment}) for _ in range(WORKERS)]
    try:
        yield
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


def ask(link_id: UUID) -> UUID:
    with transaction(SYSTEM) as tx:
        return service.start_run(tx, link_id).id


def ring() -> None:
    """What the sweeper does every five seconds."""
    with transaction(SYSTEM) as tx:
        ring_now(list(jobs.due_runs(tx)))


def seconds_of(run_id: UUID) -> float:
    """How long a run takes from being asked for to its end, its worker's bell included, which rings only once."""
    began = time.monotonic()
    ring()
    while run_of(run_id).status in ("queued", "running"):
        assert time.monotonic() - began < 50, "it never ends"
        time.sleep(0.02)
    assert (run_of(run_id).status, run_of(run_id).attempt) == ("succeeded", 1)
    return time.monotonic() - began


def hang(stack: ExitStack, number: int) -> tuple[UUID, Hanging]:
    """A run on a link to a partner of its own that hangs, to be rung for."""
    system = Hanging()
    url = stack.enter_context(serve(system))
    stack.callback(system.let_go.set)
    with transaction(SYSTEM) as tx:
        partner = partners.add(tx, f"yavas-{number}", f"Yavaş {number}")
    return ask(add_link(url, partner.id, name=f"Yavaş {number}")), system


@pytest.mark.faults
def test_partners_that_hang_delay_no_other(dealer: Dealer, environment: dict[str, str]) -> None:
    for number in range(9):
        dealer.add_customer(f"Kişi {number}")
    with ExitStack() as stack:
        stack.enter_context(workers(environment))
        seconds_of(ask(dealer.link_id))  # until the workers are there
        alone = [seconds_of(ask(dealer.link_id)) for _ in range(TIMES)]
        hanging = [hang(stack, number) for number in range(HANGING)]
        ring()
        assert all(system.called.wait(30) for _, system in hanging), "all of them are being waited for"
        dealer.add_customer("Şule")
        beside = [seconds_of(ask(dealer.link_id)) for _ in range(TIMES)]
        held = [(run_of(run_id).status, run_of(run_id).attempt) for run_id, _ in hanging]
        assert held == [("running", 1)] * HANGING, "what waited for any of them would be waiting still"
        # A busy machine delays some of them: those who hang would delay all.
        assert min(beside) < max(alone) * 2 + 1.0


def test_links_of_one_partner_share_a_lane_and_the_slow_ones_one_more(dealer: Dealer) -> None:
    run_id = str(dealer.ask())
    (partner,) = lanes_of(run_id)
    rows(
        "INSERT INTO sync_traffic (link_id, tokens, drawn_at, failures, opened, slow_until) "
        "SELECT id, 1, now(), 0, 0, now() + interval '1 min' FROM sync_links RETURNING 1"
    )
    assert lanes_of(run_id) == (partner, "troubled")
    rows("UPDATE sync_traffic SET slow_until = now() RETURNING 1")
    assert lanes_of(run_id) == (partner,)
    rows("UPDATE sync_links SET requests_per_minute = 1 RETURNING 1")
    assert lanes_of(run_id) == (partner, "troubled"), "its jobs wait for their budget"
