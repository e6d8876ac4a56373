"""An erasure: the person is gone, a kill in between changes nothing, and the case tells what was done."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from gateway import audit
from gateway.db import transaction
from gateway.rights.erasure import jobs, work
from tests.conftest import Cast
from tests.rights.erasure.conftest import erase, operation_of, start, work_off
from tests.sync.conftest import SYSTEM, rows

pytestmark = pytest.mark.usefixtures("erasure_log")


def test_erased_customer_is_there_for_nobody(cast: Cast) -> None:
    erase(cast)
    assert cast.ayse.get(f"/customers/{cast.cem_id}").status_code == 404
    assert cast.eskisehir.get("/customers").get_json()["items"] == []
    assert rows("SELECT count(*) FROM users WHERE customer_id IS NOT NULL") == [(0,)]


def test_preview_counts_and_writes_nothing(cast: Cast) -> None:
    case_id = cast.cem.post("/rights-requests", {"kind": "erasure"}).get_json()["id"]
    counts = cast.ayse.get(f"/rights-requests/{case_id}/preview").get_json()["counts"]
    assert (counts["customers"], counts["users"], counts["events"] > 0) == (1, 1, True)
    assert rows("SELECT count(*) FROM tombstones") == [(0,)]


def test_case_is_open_until_every_partner_has_answered(cast: Cast) -> None:
    case_id = erase(cast)
    assert cast.ayse.get(f"/rights-requests/{case_id}").get_json()["status"] == "in_progress"
    ledger = cast.ayse.get(f"/rights-requests/{case_id}/erasure").get_json()
    assert [(each["partner"], each["acknowledged_at"]) for each in ledger["notices"]] == [("eskisehir", None)]
    assert ledger["erased_at"] and ledger["is_logged"]


@pytest.mark.parametrize("steps", [1, 3, 9, 20])
def test_worker_killed_between_two_steps_leaves_the_rest_to_another(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    case_id, done = start(cast), 0
    whole = work._forget

    def dies(*given: object) -> None:
        nonlocal done
        done += 1
        if done == steps:
            raise KeyboardInterrupt  # as a signal ends a worker: nothing of the step is committed
        whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "_forget", dies)
    with pytest.raises(KeyboardInterrupt):
        work_off(case_id)
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE operations SET leased_until = now() - interval '1 s' WHERE status = 'running'")
    assert work_off(case_id).status == "succeeded"
    assert rows("SELECT count(*) FROM customers") == [(0,)]


_KILLED = """
import os, signal, sys
from uuid import UUID
from gateway import features, worker
from gateway.config import read_settings
from gateway.longrunning.work import work_on
from gateway.rights.erasure import work

whole, steps = work._forget, iter(range(int(sys.argv[2])))

def dies(*given):
    whole(*given)
    if next(steps, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)

work._forget = dies
worker.open_everything(read_settings())
while True:
    work_on(UUID(sys.argv[1]))
"""


@pytest.mark.parametrize("steps", ["4", "40"])
def test_killed_process_leaves_the_rest_to_another(cast: Cast, steps: str) -> None:
    case_id = start(cast)
    told = [sys.executable, "-c", _KILLED, str(operation_of(case_id).id), steps]
    assert subprocess.run(told, timeout=120, check=False).returncode == -signal.SIGKILL
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE operations SET leased_until = now() - interval '1 s' WHERE status = 'running'")
    assert work_off(case_id).status == "succeeded"
    assert rows("SELECT count(*) FROM customers") == [(0,)]


def test_cancelled_work_is_begun_again_by_upkeep(cast: Cast) -> None:
    case_id = start(cast)
    cast.ayse.post(f"/operations/{operation_of(case_id).id}/cancel")
    with transaction(SYSTEM) as tx:
        assert jobs.resume(tx) == 1
    assert work_off(case_id).status == "succeeded"


def test_audit_trail_still_verifies(cast: Cast) -> None:
    erase(cast)
    with transaction(SYSTEM) as tx:
        audit.seal(tx)
    with transaction(SYSTEM) as tx:
        assert audit.verify(tx).broken_at is None
