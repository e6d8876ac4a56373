"""The books see what they are there to see: each faulty worker makes them differ."""

from __future__ import annotations

import pytest

from tests.faults.webhooks.mutants import MUTANTS
from tests.faults.webhooks.stage import Stage

pytestmark = pytest.mark.faults

SHOWN = {
    "forgets_outcomes": "twice",
    "believes_itself": "never heard",
    "ignores_order": "out of order",
    "ignores_rates": "too fast",
    "ignores_shares": "not for it",
    "skips_events": "never heard",
}


@pytest.mark.parametrize("name", MUTANTS)
def test_books_show_a_worker_that(stage: Stage, name: str) -> None:
    with stage.workers_with("mutant", name):
        stage.write(120, "fast", "slow")
    found = [*stage.differences(), *(f"{each} came twice" for each in stage.repeated())]
    assert SHOWN[name] in "; ".join(found)
