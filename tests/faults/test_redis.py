"""Redis killed and emptied in mid-run: it holds nothing that is needed, so it costs time alone."""

from __future__ import annotations

import os
import signal

import pytest
from redis import Redis

from tests.connectors.fake_partner import API_KEY
from tests.faults.books import books
from tests.faults.clients import Door, answers_to, posting
from tests.faults.installation import Installation, Seeded
from tests.faults.syncing import CarelessPartner, add_link
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.faults

HUNG_SECONDS, SLOW_SECONDS = 8.0, 6.0


def flush(installation: Installation) -> None:
    """Empty Redis."""
    with Redis.from_url(installation.servers.redis.url) as connection:
        connection.flushall()


def test_redis_killed_and_flushed_costs_no_answer_no_sync_and_no_message(
    installation: Installation, partner: Seeded, receiver: Receiver, careless: tuple[CarelessPartner, str]
) -> None:
    system, url = careless
    Door(installation.base_url, "extranet", partner.outside).make(
        "/webhooks/endpoints", {"url": receiver.url, "event_types": ["interaction.created"]}
    )
    link = add_link(installation, partner, url, API_KEY)
    with posting(installation, partner, threads=1) as posters:
        installation.pause(0.5)
        installation.servers.redis.kill()
        run_id = link.start()
        installation.pause(2.0)
        installation.servers.redis.start()
        installation.pause(0.5)
        for _ in range(5):
            flush(installation)
            installation.pause(0.2)
    installation.wait(lambda: link.is_over(run_id), 60, "the run asked for without Redis has ended")
    run = link.sync()
    installation.wait(
        lambda: not books(installation, partner, posters, receiver.messages).differences(), 60, "all told"
    )
    there = [each["subject"] for each in system.records("interactions")]
    ledger, answers = books(installation, partner, posters, receiver.messages, there), answers_to(posters)
    print(f"\n{ledger.counts()}; answers {dict(answers)}")  # noqa: T201
    assert run["status"] == "succeeded"
    assert set(answers) == {"201"}
    assert ledger.differences() == []


def test_hung_redis_slows_no_answer(installation: Installation, partner: Seeded) -> None:
    pid = installation.servers.redis.pid
    assert pid is not None
    with posting(installation, partner) as posters:
        installation.pause(0.3)
        os.kill(pid, signal.SIGSTOP)
        try:
            installation.pause(HUNG_SECONDS)
        finally:
            os.kill(pid, signal.SIGCONT)
    slowest = max(each.slowest_seconds for each in posters)
    print(f"\n{dict(answers_to(posters))}, the slowest after {slowest:.2f} s")  # noqa: T201
    assert set(answers_to(posters)) == {"201"}
    assert slowest < SLOW_SECONDS
