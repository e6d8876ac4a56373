"""Three schedulers on one database, one of them killed: every slot has exactly one run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from gateway.db import now, transaction
from gateway.sync.schedules import service
from tests.sync.conftest import SYSTEM, Dealer, rows

SLOTS = 6
SCHEDULER = """
import time
from gateway import pool, queue
from gateway.config import read_settings
from gateway.sync.schedules.jobs import start_due_runs
settings = read_settings()
pool.open_database(settings.database_url)
queue.open_queue(settings.redis_url)
while True:
    start_due_runs()
"""


@contextmanager
def scheduler(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", SCHEDULER], env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def started() -> int:
    return int(rows("SELECT count(*) FROM sync_schedule_slots")[0][0])


def end_runs() -> None:
    """What workers do."""
    rows("UPDATE sync_runs SET status = 'succeeded', finished_at = now() WHERE status = 'queued' RETURNING 1")


@pytest.mark.faults
def test_three_schedulers_give_every_slot_one_run(dealer: Dealer, environment: dict[str, str]) -> None:
    with transaction(SYSTEM) as tx:
        every_second = {"interval_seconds": 1, "catch_up": "all"}
        service.add_schedule(tx, dealer.link_id, every_second)
    with ExitStack() as running:
        first, *_ = [running.enter_context(scheduler(environment)) for _ in range(3)]
        deadline = now() + timedelta(seconds=60)
        while started() < SLOTS and now() < deadline:
            end_runs()
            if started() >= SLOTS // 2:
                first.send_signal(signal.SIGKILL)
            time.sleep(0.02)
    taken = rows("SELECT slot_at, outcome, run_id FROM sync_schedule_slots ORDER BY slot_at")
    assert len(taken) >= SLOTS and first.poll() == -signal.SIGKILL
    assert {later[0] - earlier[0] for earlier, later in pairwise(taken)} == {timedelta(seconds=1)}
    assert sorted(run_id for _, _, run_id in taken) == [row[0] for row in rows("SELECT id FROM sync_runs ORDER BY id")]
