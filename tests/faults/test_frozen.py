"""Frozen, not dead: a worker that sleeps through its lease, and a Redis that takes calls and answers none."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.connectors.fake_partner import API_KEY
from tests.faults.installation import Installation, Seeded
from tests.faults.syncing import CarelessPartner, Link, add_link, busy_sync_worker
from tests.faults.test_sync import record_here, references_here

pytestmark = pytest.mark.faults

FROZEN_SECONDS = 3.0  # three leases of these workers
CUSTOMERS = 120


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that does nothing for the length of the block, and goes on as if no time had passed."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def freeze_the_busy(link: Link, run_id: str) -> bool:
    """Freeze the worker in mid-run until another has taken over; whether that happened."""
    installation = link.installation
    installation.wait(lambda: busy_sync_worker(installation) is not None or link.is_over(run_id), 20, "a worker works")
    installation.pause(0.3)
    name = busy_sync_worker(installation)
    if name is None or link.is_over(run_id) or not (pid := installation.worker(name)):
        return False
    with frozen(pid):
        installation.pause(FROZEN_SECONDS)
        installation.wait(lambda: busy_sync_worker(installation) != name, 20, "another worker takes over")
        return True


def fill(system: CarelessPartner) -> None:
    """Customers of a partner, each with something that was said."""
    people = [{"kind": "person", "given_name": f"Şule {number}"} for number in range(CUSTOMERS)]
    said = {"channel": "phone", "kind": "inquiry", "direction": "in", "occurred_at": "2026-05-04T09:30:00Z"}
    names = system.add("customers", people)
    system.add("interactions", [{**said, "customer_external_id": name, "subject": f"Işıl {name}"} for name in names])


def test_puller_that_wakes_up_late_writes_nothing_more(
    installation: Installation, careless: tuple[CarelessPartner, str]
) -> None:
    system, url = careless
    fill(system)
    system.page_size, system.read_seconds = 20, 0.5  # so that the run lasts until it is frozen
    link = add_link(installation, installation.seed("donmus"), url, API_KEY)
    run_id = link.start()
    was_taken_over = freeze_the_busy(link, run_id)
    system.read_seconds = 0.0
    installation.wait(lambda: link.is_over(run_id), 60, "the run has ended")
    calm = add_link(installation, installation.seed("uyanik"), url, API_KEY)
    run, undisturbed = link.run(run_id), calm.sync()
    assert (was_taken_over, run["status"], undisturbed["status"]) == (True, "succeeded", "succeeded"), run
    for stream in ("customers", "interactions"):
        assert link.content(stream) == calm.content(stream)
        assert run["streams"][stream]["created"] == undisturbed["streams"][stream]["created"]
    assert link.records_with_other_than_one_birth() == 0


def test_pusher_that_wakes_up_late_doubles_nothing(
    installation: Installation, partner: Seeded, careless: tuple[CarelessPartner, str]
) -> None:
    system, url = careless
    link = add_link(installation, partner, url, API_KEY)
    link.sync()
    before = {stream: len(system.records(stream)) for stream in system.tables}
    record_here(installation, partner, 30, 90)
    system.write_seconds = 0.2  # so that the run lasts until it is frozen
    run_id = link.start()
    was_taken_over = freeze_the_busy(link, run_id)
    system.write_seconds = 0.02
    installation.wait(lambda: link.is_over(run_id), 60, "the run has ended")
    installation.pause(0.5)  # for whatever the late one might still send
    sent = {stream: len(system.records(stream)) - before[stream] for stream in system.tables}
    assert (was_taken_over, sent) == (True, {"customers": 30, "interactions": 90}), link.run(run_id)
    for stream in system.tables:
        references = Counter(each["reference"] for each in system.records(stream))
        assert references == Counter(map(str, references_here(link, stream)))


def test_frozen_redis_costs_a_sync_only_time(
    installation: Installation, partner: Seeded, careless: tuple[CarelessPartner, str]
) -> None:
    system, url = careless
    fill(system)
    link = add_link(installation, partner, url, API_KEY)
    pid = installation.servers.redis.pid
    assert pid is not None
    with frozen(pid):
        run_id = link.start()
        installation.pause(FROZEN_SECONDS)
    installation.wait(lambda: link.is_over(run_id), 30, "the run has ended")
    run, counts = link.run(run_id), link.run(run_id)["streams"]["customers"]
    assert (run["status"], counts["created"], counts["pushed"]) == ("succeeded", CUSTOMERS, len(partner.customers)), run
    references = Counter(each["reference"] for each in system.records("customers") if "reference" in each)
    assert references == Counter(partner.customers) and link.records_with_other_than_one_birth() == 0
