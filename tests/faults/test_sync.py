"""Sync workers killed in mid-run: both sides end as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter

import pytest

from tests.connectors.fake_partner import API_KEY
from tests.faults.clients import Door
from tests.faults.installation import Installation, Seeded, seeded_random
from tests.faults.syncing import CarelessPartner, Link, add_link, busy_sync_worker, start_dealer

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

PULL_KILLS = PUSH_KILLS = 25
CUSTOMERS, INTERACTIONS = 120, 380
_SHORT, _LONG = 0.0, 0.2


def disturb(link: Link, run_id: str, kills: int, chance: random.Random) -> int:
    """Kill whoever works on the run, at random moments of its work, until it ends or that was often enough."""
    installation, killed = link.installation, 0
    while killed < kills and not link.is_over(run_id):
        installation.wait(lambda: bool(busy_sync_worker(installation)) or link.is_over(run_id), 60, "a worker works")
        installation.pause(chance.uniform(_SHORT, _LONG))
        if (name := busy_sync_worker(installation)) is not None and (worker := installation.worker(name)):
            os.kill(worker, signal.SIGKILL)
            killed += 1
    installation.wait(lambda: link.is_over(run_id), 60, f"run {run_id} has ended")
    return killed


def test_killed_pull_ends_as_an_undisturbed_one(installation: Installation) -> None:
    chance = seeded_random("pull")
    url, key = start_dealer(installation, "trabzon")
    link = add_link(installation, installation.seed("telasli"), url, key)
    run_id = link.start()
    kills = disturb(link, run_id, PULL_KILLS, chance)
    calm = add_link(installation, installation.seed("sakin"), url, key)
    run, undisturbed = link.run(run_id), calm.sync()
    pulled = {stream: len(link.content(stream)) for stream in ("customers", "interactions")}
    print(f"{kills} kills in a pull, which ended {run['status']}: {pulled}, {run['streams']}")  # noqa: T201
    assert (kills, run["status"], undisturbed["status"]) == (PULL_KILLS, "succeeded", "succeeded"), run
    for stream in pulled:
        assert link.content(stream) == calm.content(stream)
        assert run["streams"][stream]["created"] == undisturbed["streams"][stream]["created"] == pulled[stream]
    assert link.records_with_other_than_one_birth() == 0


def record_here(
    installation: Installation, partner: Seeded, customers: int = CUSTOMERS, interactions: int = INTERACTIONS
) -> None:
    """Customers and interactions that the partner's people enter in the hub, and its own system does not have yet."""
    outside = Door(installation.base_url, "extranet", partner.outside)
    made = [
        outside.make("/customers", {"kind": "person", "given_name": f"Şule {number}", "family_name": "Yıldız"})["id"]
        for number in range(customers)
    ]
    for number in range(interactions):
        body = {"customer_id": made[number % customers], "channel": "store", "kind": "inquiry", "direction": "in"}
        outside.make("/interactions", {**body, "subject": f"İlgi {number}"})


def test_killed_push_sends_each_record_once(
    installation: Installation, partner: Seeded, careless: tuple[CarelessPartner, str]
) -> None:
    chance = seeded_random("push")
    system, url = careless
    link = add_link(installation, partner, url, API_KEY)
    link.sync()
    before = {stream: len(system.records(stream)) for stream in system.tables}
    record_here(installation, partner)
    run_id = link.start()
    kills = disturb(link, run_id, PUSH_KILLS, chance)
    run = link.run(run_id)
    sent = {stream: len(system.records(stream)) - before[stream] for stream in system.tables}
    print(f"{kills} kills in a push, which ended {run['status']}: {sent}, {run['streams']}")  # noqa: T201
    assert (kills, run["status"]) == (PUSH_KILLS, "succeeded"), run
    assert sent == {"customers": CUSTOMERS, "interactions": INTERACTIONS}
    for stream in system.tables:
        references = Counter(each.get("reference") for each in system.records(stream))
        assert [each for each, times in references.items() if each is None or times > 1] == []
        assert set(references) == set(map(str, references_here(link, stream)))


def references_here(link: Link, stream: str) -> list[object]:
    """Our records that the hub believes the partner to have."""
    query = "SELECT record_id FROM sync_references WHERE link_id = %s AND stream = %s AND deleted_at IS NULL"
    return [record for (record,) in link.installation.rows(query, link.id, stream)]
