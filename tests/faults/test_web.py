"""Web processes killed in mid-request: what was acknowledged is stored, once, with one event."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from tests.faults.books import books
from tests.faults.clients import answers_to, posting
from tests.faults.installation import WEB_PROCESSES, Installation, Seeded, seeded_random

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

KILLS, OF_THE_PARENT = 200, 3


def kill_a_web_process(installation: Installation, chance: random.Random) -> None:
    """Kill one, but never the youngest: granian takes a death soon after a start for a crash loop and ends."""
    workers: list[int] = []

    def all_are_there() -> bool:
        workers[:] = installation.web_workers()
        return len(workers) == WEB_PROCESSES

    installation.wait(all_are_there, 30, "all web processes are started")
    with suppress(ProcessLookupError):
        os.kill(chance.choice(workers[:-1]), signal.SIGKILL)


def test_two_hundred_killed_web_processes_lose_and_double_nothing(installation: Installation, partner: Seeded) -> None:
    chance = seeded_random("web")
    started = time.monotonic()
    with posting(installation, partner) as posters:
        for number in range(KILLS):
            installation.pause(chance.uniform(0.01, 0.2))
            if number % (KILLS // OF_THE_PARENT) == KILLS // OF_THE_PARENT // 2:
                installation.wait(lambda: installation.kill("web"), 30, "the parent is killed")
            else:
                kill_a_web_process(installation, chance)
    took = time.monotonic() - started
    ledger = books(installation, partner, posters)
    print(f"{KILLS} kills, {OF_THE_PARENT} of them of the parent, in {took:.0f} s; {ledger.counts()}")  # noqa: T201
    print(f"answers: {dict(answers_to(posters))}")  # noqa: T201
    assert ledger.differences() == []
