"""PostgreSQL restarted and killed in mid-run: refusals while it is away, and not one acknowledged record less."""

from __future__ import annotations

import pytest

from tests.faults.books import books
from tests.faults.clients import answers_to, posting
from tests.faults.installation import WEB_PROCESSES, Installation, Seeded
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.faults


def test_web_says_503_while_postgres_is_away_and_heals_by_itself(installation: Installation, partner: Seeded) -> None:
    installation.wait(lambda: len(installation.web_workers()) == WEB_PROCESSES, 30, "all web processes are started")
    before = installation.web_workers()
    with posting(installation, partner) as posters:
        installation.pause(0.5)
        installation.servers.postgres.restart()
        installation.pause(1.0)
        installation.servers.postgres.kill()
        told = answers_to(posters)["503"]
        installation.wait(lambda: answers_to(posters)["503"] > told, 30, "somebody is told that it is away")
        installation.servers.postgres.start()
        installation.pause(1.0)
    ledger, answers = books(installation, partner, posters), answers_to(posters)
    print(f"\n{ledger.counts()}; answers {dict(answers)}")  # noqa: T201
    assert ledger.differences() == []
    assert installation.web_workers() == before


def test_killed_postgres_is_back_at_once_for_everyone(
    installation: Installation, partner: Seeded, receiver: Receiver
) -> None:
    with posting(installation, partner, threads=2) as posters:
        for _ in range(3):
            installation.pause(0.4)
            installation.servers.postgres.kill()
            installation.servers.postgres.start()
    took = installation.wait(installation.is_ready, 10, "the installation answers")
    ledger = books(installation, partner, posters)
    print(f"\n{ledger.counts()}; ready {took:.1f} s after the last start")  # noqa: T201
    assert ledger.differences() == []
