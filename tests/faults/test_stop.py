"""SIGTERM, as at every deployment: each program ends soon, by itself, and what it leaves is taken up again."""

from __future__ import annotations

import signal

import pytest

from tests.faults.books import books
from tests.faults.clients import answers_to, posting
from tests.faults.crowd import Clock
from tests.faults.installation import Installation, Seeded
from tests.faults.syncing import add_link, busy_sync_worker, start_dealer

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

STOP_SECONDS, PATIENCE_SECONDS = 10.0, 60.0


def stop(installation: Installation, name: str) -> tuple[int, float]:
    """Ask a program to end; its exit code and how long it took, alone. Nobody starts it again meanwhile."""
    installation.wait(lambda: installation.has_started(name), PATIENCE_SECONDS, f"{name} has started")
    process = installation.program(name).process
    assert process is not None
    clock = Clock(installation.folder)
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE_SECONDS), clock.alone()


def test_web_server_ends_what_it_is_answering_and_stops(installation: Installation, partner: Seeded) -> None:
    with posting(installation, partner) as posters:
        installation.pause(0.5)
        code, took = stop(installation, "web")
        installation.wait(installation.is_ready, 30, "the web server is back")
    ledger = books(installation, partner, posters)
    print(f"\nweb ended with {code} after {took:.1f} s; {ledger.counts()}; {dict(answers_to(posters))}")  # noqa: T201
    assert (code, took < STOP_SECONDS) == (0, True)
    assert ledger.differences() == []


def test_worker_leaves_its_run_at_the_next_safe_place(installation: Installation) -> None:
    url, key = start_dealer(installation, "izmir")
    link = add_link(installation, installation.seed("durdurulan"), url, key)
    run_id = link.start()
    installation.wait(lambda: busy_sync_worker(installation) is not None, 20, "a worker works")
    installation.pause(0.5)
    name = busy_sync_worker(installation)
    assert name is not None
    code, took = stop(installation, name)
    read = link.run(run_id)["streams"]["customers"]["read"]
    installation.wait(lambda: link.is_over(run_id), 120, "another worker has ended the run")
    run = link.run(run_id)
    print(f"\nworker ended with {code} after {took:.1f} s, {read} customers in; {run['streams']}")  # noqa: T201
    assert (code, took < STOP_SECONDS, run["status"], run["error"]) == (0, True, "succeeded", None)
    assert link.records_with_other_than_one_birth() == 0


@pytest.mark.parametrize("name", ["webhooks", "upkeep"])
def test_idle_worker_stops_at_once(installation: Installation, name: str) -> None:
    code, took = stop(installation, name)
    print(f"\n{name} ended with {code} after {took:.1f} s")  # noqa: T201
    assert (code, took < STOP_SECONDS) == (0, True)
