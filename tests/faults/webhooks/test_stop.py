"""Workers told to stop, frozen beyond their lease, or with a wrong clock: nothing lost, nothing early, nothing late."""

from __future__ import annotations

import pytest

from tests.faults.test_frozen import frozen
from tests.faults.test_stop import STOP_SECONDS, stop
from tests.faults.webhooks.stage import WORKERS, Stage
from tests.faults.webhooks.worker import LEASE_SECONDS

pytestmark = pytest.mark.faults

_PATIENCE = 2
_FROZEN_SECONDS = LEASE_SECONDS + _PATIENCE + 2.0
_DECIDED_TWICE = "SELECT count(*) FROM webhook_deliveries WHERE attempts > 1 AND created_at > %s"


def test_workers_told_to_stop_end_what_they_began_and_leave_the_rest(stage: Stage) -> None:
    ended = []
    with stage.workers_with("patience", str(_PATIENCE)):
        with stage.told("writing", "slow"):
            for name in WORKERS:
                stage.pause(1.5)
                ended.append(stop(stage, name))
        stage.drain()
    print(f"\nended {[f'with {code} after {took:.1f} s' for code, took in ended]}; {stage.counts()}")  # noqa: T201
    assert {code for code, _ in ended} == {0} and max(took for _, took in ended) < STOP_SECONDS
    assert (stage.differences(), stage.repeated()) == ([], [])


def test_worker_frozen_beyond_its_lease_decides_nothing_any_more(stage: Stage) -> None:
    ((began,),) = stage.rows("SELECT now()")
    with stage.workers_with("patience", str(_PATIENCE)):
        with stage.told("writing", "slow"):
            for name in WORKERS:  # one of them is at work, and if not the first then the second
                stage.pause(0.5)
                with frozen(stage.living_worker(name)):
                    stage.pause(_FROZEN_SECONDS)
        stage.drain()
    print(f"\n{len(stage.repeated())} of {stage.counts()} came twice")  # noqa: T201
    assert stage.differences() == []
    assert stage.repeated() != []
    assert stage.count(_DECIDED_TWICE, began) == 0
