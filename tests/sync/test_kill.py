"""A worker killed at any moment: the next one goes on, and nothing is lost or doubled on either side."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from uuid import UUID

import pytest

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs
from tests.sync.conftest import SYSTEM, Dealer, rows, run_of

CUSTOMERS, INTERACTIONS, OURS = 21, 21, 14
KILLS = 6
WORKER = """
import sys
from gateway import process
from gateway.config import read_settings
from gateway.sync import jobs
settings = read_settings()
process.open_all(settings)
jobs.run(sys.argv[1])
"""


def fill(dealer: Dealer) -> None:
    """Records on both sides, none of which the other has."""
    ids = dealer.system.add(
        "customers", [{"kind": "person", "given_name": f"Dealer {number}"} for number in range(CUSTOMERS)]
    )
    for number in range(INTERACTIONS):
        dealer.add_interaction(ids[number % len(ids)])
    with transaction(SYSTEM) as tx:
        for number in range(OURS):
            made = customers.create(tx, {"kind": "person", "given_name": f"Hub {number}"})
            customers.share(tx, made["id"], "eskisehir", "sale")


def work_and_die(dealer: Dealer, run_id: UUID, environment: dict[str, str], chance: random.Random) -> None:
    """A worker of its own process, killed some requests after it began."""
    enough = len(dealer.system.requests) + chance.randint(2, 16)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(run_id)], env={**os.environ, **environment})
    deadline = time.monotonic() + 20
    while worker.poll() is None and len(dealer.system.requests) < enough and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.random() * 0.03)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


@pytest.mark.faults
def test_a_run_killed_again_and_again_ends_as_if_nothing_had_been(dealer: Dealer, environment: dict[str, str]) -> None:
    chance = random.Random(os.environ.get("KOPRU_TEST_SEED", "köprü"))
    fill(dealer)
    run_id = dealer.ask()
    for _ in range(KILLS):
        work_and_die(dealer, run_id, environment, chance)
        # What the sweeper would wait for: the dead worker's lease runs out.
        rows("UPDATE sync_runs SET leased_until = NULL, due_at = now() RETURNING 1")
    jobs.run(str(run_id))
    run = run_of(run_id)
    assert run.status == "succeeded", run.error
    counts = run.streams["customers"]
    assert (counts["created"], run.streams["interactions"]["created"]) == (CUSTOMERS, INTERACTIONS)
    there = [each.get("given_name") for each in dealer.system.records("customers")]
    assert sorted(there) == sorted(
        [f"Dealer {number}" for number in range(CUSTOMERS)] + [f"Hub {number}" for number in range(OURS)]
    )
    assert rows("SELECT count(*), count(DISTINCT given_name) FROM customers WHERE given_name <> 'Cem'") == [
        (CUSTOMERS + OURS, CUSTOMERS + OURS)
    ]
    assert rows("SELECT count(*) FROM interactions") == [(INTERACTIONS,)]
    assert rows("SELECT count(*) FROM sync_references") == [(CUSTOMERS + OURS + INTERACTIONS,)]
