"""A run depends on the process beside its worker for nothing but its speed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gateway.customers import service as customers
from gateway.db import transaction
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, rows, run_of
from tests.sync.test_memory import PAGE, Tall, linked

RECORDS = 3 * PAGE
# A worker whose process beside it meets its FATE at the second page.
WORKER = """
import os, signal, sys, time
from gateway.sync.drafting import beside, nursery
answer, answered = beside.answer, []
def fate():
    FATE
def meet(question):
    print("a page is here", file=sys.stderr, flush=True)
    answered.append(len(question))
    if len(answered) == 2:
        fate()
    return answer(question)
beside.answer = meet
beside.MOST_SECONDS = PATIENCE
beside.open_nursery()
from gateway import process
from gateway.config import read_settings
from gateway.log import configure_logs
from gateway.sync import jobs
settings = read_settings()
configure_logs("WARNING")
process.open_all(settings)
jobs.run(sys.argv[1])
"""
FATES = {
    "none": "pass",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "stuck": "time.sleep(60)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "broken": "raise RecursionError",
    "orphaned": "os.kill(os.getppid(), signal.SIGKILL)",
}


@pytest.mark.parametrize("fate", FATES)
def test_run_succeeds_whatever_becomes_of_the_process_beside(
    cast: Cast, environment: dict[str, str], fate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.sync.test_memory.RECORDS", RECORDS)
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")  # nothing is to be pushed
    with linked(cast, Tall()) as run_id:
        patience = 5 if fate in ("stuck", "stopped") else 60  # seconds: enough for a page on a crowded machine
        worker = WORKER.replace("FATE", FATES[fate]).replace("PATIENCE", str(patience))
        command = [sys.executable, "-c", worker, str(run_id)]
        ran = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=True
        )
    run = run_of(run_id)
    assert (run.status, run.streams["customers"]["created"]) == ("succeeded", RECORDS), run.error
    assert rows("SELECT count(*) FROM customers c JOIN shares s ON s.customer_id = c.id") == [(RECORDS,)]
    assert ran.stderr.count("a page is here") == (3 if fate in ("none", "orphaned") else 2)
    assert ("sync_drafting_failed" in ran.stderr + ran.stdout) == (fate not in ("none", "orphaned"))
