"""Workers killed in the middle of a range: others go on with its parts, and nothing is lost or doubled."""

from __future__ import annotations

import os
import random
from uuid import UUID

import pytest

from gateway.sync import jobs
from tests.conftest import Cast
from tests.sync.conftest import Dealer, rows, run_of
from tests.sync.repairs.test_ranges import ask, spread
from tests.sync.test_kill import work_and_die

CUSTOMERS, KILLS = 12, 3


def free_everything(run_id: UUID) -> None:
    """What waiting for the dead worker's leases to run out would do."""
    rows("UPDATE sync_runs SET leased_until = NULL, due_at = now() WHERE id = :id RETURNING 1", id=run_id)
    rows("UPDATE sync_parts SET leased_until = NULL RETURNING 1")


@pytest.mark.faults
def test_a_range_killed_again_and_again_ends_as_if_nothing_had_been(
    dealer: Dealer, cast: Cast, environment: dict[str, str]
) -> None:
    chance = random.Random(os.environ.get("KOPRU_TEST_SEED", "köprü"))
    spread(dealer, CUSTOMERS)
    run_id = ask(dealer, cast, days=7)
    for _ in range(KILLS):
        work_and_die(dealer, run_id, environment, chance)
        free_everything(run_id)
    jobs.run(str(run_id))
    done = run_of(run_id)
    found = rows("SELECT stream, count(*), count(DISTINCT record_id) FROM sync_references GROUP BY 1 ORDER BY 1")
    assert done.status == "succeeded" and rows("SELECT 1 FROM sync_cursors") == []
    assert found == [("customers", CUSTOMERS, CUSTOMERS), ("interactions", CUSTOMERS, CUSTOMERS)]
    assert [done.streams[stream]["created"] for stream in ("customers", "interactions")] == [CUSTOMERS, CUSTOMERS]
