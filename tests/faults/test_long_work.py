"""Long work whose worker is killed in the middle of a step: another goes on, and everything is sent exactly once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg
import pytest

from tests.faults.clients import Door
from tests.faults.installation import Installation, Seeded
from tests.webhooks.receiver import Receiver

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

Connection = psycopg.Connection[tuple[Any, ...]]
CUSTOMERS, KILLS = 1000, 3
LONG_AGO = "2026-01-01T00:00:00Z"
_SHARED = """
SELECT e.id FROM events e JOIN partners p ON p.id = ANY(e.partners)
WHERE p.code = %s AND e.type = 'customer.shared' ORDER BY e.txid, e.position
"""
_UNREAD = """
SELECT count(*) FROM events e, readers r WHERE r.name = 'webhooks' AND (e.txid, e.position) > (r.txid, r.position)
"""
# The step that comes to such an event must wait for us: no two deliveries to one endpoint are of one event.
_OWE_IT = """
INSERT INTO webhook_deliveries (id, endpoint_id, event_id, type, payload, status, due_at, created_at)
VALUES (gen_random_uuid(), %s, %s, 'customer.shared', '{}', 'pending', now(), now())
"""
_WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND query LIKE '%%INSERT INTO webhook_deliveries AS d%%'
"""
_DONE = "SELECT done FROM operations WHERE id = %s"
_ACTIVE = "SELECT count(*) FROM operations WHERE id = %s AND status IN ('queued', 'running')"
_SENT = "SELECT status, trigger, attempts, count(*) FROM webhook_deliveries WHERE endpoint_id = %s GROUP BY 1, 2, 3"


@contextmanager
def barriers(installation: Installation, endpoint_id: str, event_ids: list[str]) -> Iterator[list[Connection]]:
    """At each of these events a step must wait until we roll back the connection of the same place."""
    with ExitStack() as stack:
        connections = [stack.enter_context(closing(installation.connected())) for _ in event_ids]
        for connection, event_id in zip(connections, event_ids, strict=True):
            connection.autocommit = False
            connection.execute(_OWE_IT.encode(), (endpoint_id, event_id))
        yield connections


def kill_within_a_step(installation: Installation, barrier: Connection) -> int:
    """Kill -9 whoever waits at a barrier, before it can commit, and take that away; answers the process."""
    installation.wait(lambda: installation.count(_WAITS) == 1, 120, "a step waits for us")
    pid = installation.worker("webhooks")
    os.kill(pid, signal.SIGKILL)
    barrier.rollback()
    return pid


def register(installation: Installation, partner: Seeded, url: str) -> tuple[Door, str]:
    """An endpoint for what has happened already, none of which it is sent by itself."""
    installation.wait(lambda: installation.count(_UNREAD) == 0, 60, "all events are fanned out")
    door = Door(installation.base_url, "extranet", partner.outside)
    return door, door.make("/webhooks/endpoints", {"url": url, "event_types": ["customer.shared"]})["id"]


def test_replay_whose_worker_dies_within_steps_ends_with_everything_sent_once(
    installation: Installation, receiver: Receiver
) -> None:
    partner = installation.seed("kesinti", CUSTOMERS)
    events = [str(event_id) for (event_id,) in installation.rows(_SHARED, partner.code)]
    door, endpoint_id = register(installation, partner, receiver.url)
    died, done = set(), []
    where = [events[(2 * number + 1) * CUSTOMERS // (2 * KILLS)] for number in range(KILLS)]
    with barriers(installation, endpoint_id, where) as standing:
        operation = door.make(f"/webhooks/endpoints/{endpoint_id}/replay", {"since": LONG_AGO})
        for barrier in standing:
            died.add(kill_within_a_step(installation, barrier))
            done.append(installation.count(_DONE, operation["id"]))
    installation.wait(lambda: not installation.count(_ACTIVE, operation["id"]), 120, "the replay is over")
    installation.wait(lambda: len(receiver.messages) >= CUSTOMERS, 120, "all of it has arrived")
    ended = door.get(f"/operations/{operation['id']}")
    print(f"\n{len(died)} workers killed after {done} of {ended['total']} events")  # noqa: T201
    assert len(died) == KILLS and done == sorted(set(done)) and done[-1] < ended["total"]
    assert (ended["status"], ended["done"], ended["result"]) == ("succeeded", ended["total"], {"sent": CUSTOMERS})
    assert Counter(each.headers["webhook-id"] for each in receiver.messages) == Counter(events)
    installation.wait(
        lambda: installation.rows(_SENT, endpoint_id) == [("delivered", "replay", 1, CUSTOMERS)], 30, "all is noted"
    )
