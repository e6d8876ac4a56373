"""Files of customers whose workers are killed at random moments: each row comes in once, and goes out once."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.faults.clients import Door
from tests.faults.installation import Installation, seeded_random

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

ROWS, KILLS = 8000, 5
NUMBERS = [f"Ş-{number}" for number in range(ROWS)]
TERMS = {
    "mapping": {"Müşteri No": "identifier.bayi", "Ad": "given_name", "Soyad": "family_name"},
    "match_on": "identifier.bayi",
}
_WORKERS = ("sync-1", "sync-2", "sync-3")
_ATTEMPT = "SELECT attempt FROM operations WHERE id = %s AND leased_until > now()"
_ACTIVE = "SELECT count(*) FROM operations WHERE id = %s AND status IN ('queued', 'running')"
_DONE = "SELECT done FROM operations WHERE id = %s"
_BIRTHS = """
SELECT count(*), count(DISTINCT e.customer_id) FROM events e JOIN partners p ON p.id = ANY(e.partners)
WHERE e.type = 'customer.created' AND p.code = %s
"""


def kill_while_it_lasts(installation: Installation, operation_id: str, chance: Random, within: float) -> list[int]:
    """Kill -9 whoever works on it within so many seconds, again and again; how much was done each time."""

    def is_over() -> bool:
        return installation.count(_ACTIVE, operation_id) == 0

    killed, done = 0, list[int]()

    def is_taken_anew() -> bool:
        return any(attempt > killed for (attempt,) in installation.rows(_ATTEMPT, operation_id))

    while len(done) < KILLS and not is_over():
        installation.wait(lambda: is_taken_anew() or is_over(), 60, "somebody works on it")
        installation.pause(chance.uniform(0, within))
        killed = max((attempt for (attempt,) in installation.rows(_ATTEMPT, operation_id)), default=killed)
        for pid in filter(None, map(installation.worker, _WORKERS)):
            os.kill(pid, signal.SIGKILL)
        if not is_over():
            done.append(installation.count(_DONE, operation_id))
    installation.wait(is_over, 120, "all of it is done")
    return done


def bring(door: Door, content: str) -> dict[str, Any]:
    """Bring a file and start importing it; the operation."""
    answer = door.session.post(
        f"{door.base}/imports", data=content.encode(), headers={"Content-Type": "text/csv"}, timeout=60
    )
    assert answer.status_code == 201, answer.text
    started: dict[str, Any] = door.make(f"/imports/{answer.json()['id']}/start", TERMS)
    return started


def fetch(door: Door, export_id: str) -> list[str]:
    """The numbers of the customers in a file, in its order."""
    answer = door.session.get(f"{door.base}/exports/{export_id}/file", timeout=60)
    assert answer.status_code == 200, answer.text
    return [json.loads(line)["identifiers"][0]["value"] for line in answer.text.splitlines()]


def test_file_of_killed_workers_comes_in_once_and_goes_out_once(installation: Installation) -> None:
    chance, partner = seeded_random("transfers"), installation.seed("dosya")
    door = Door(installation.base_url, "extranet", partner.outside)
    rows = [f"{number};Işıl;Çağrı" for number in NUMBERS]
    coming = bring(door, "\n".join(["Müşteri No;Ad;Soyad", *rows]))
    came = kill_while_it_lasts(installation, coming["id"], chance, 0.4)
    brought = door.get(f"/operations/{coming['id']}")
    assert (brought["status"], brought["result"]) == ("succeeded", {"created": ROWS, "failed": 0})
    assert installation.rows(_BIRTHS, partner.code) == [(ROWS, ROWS)]
    going = door.make("/exports", {"format": "jsonl", "fields": ["identifiers"]})
    went = kill_while_it_lasts(installation, going["id"], chance, 0.05)
    written = door.get(f"/operations/{going['id']}")
    print(f"killed after {came} rows in, after {went} rows out")  # noqa: T201
    assert written["status"] == "succeeded"
    assert Counter(fetch(door, written["result"]["export_id"])) == Counter(NUMBERS)
    assert min(len(came), len(went)) >= 2, "it was killed in the middle"
