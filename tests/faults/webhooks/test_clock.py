"""Workers whose machine has a wrong clock: what failed is tried again when it should be by everybody else's."""

from __future__ import annotations

import pytest

from tests.faults.webhooks.stage import Stage

pytestmark = pytest.mark.faults

# Endpoints ask for a second between tries, ±20 %; receivers may ask for one too. Where a circuit is to be probed, the
# message that does it goes before its time, whatever the clock; and a try whose lease ran out is repeated, not retried.
_GAPS = """
SELECT gap FROM (
    SELECT a.trigger, a.number > lag(a.number) OVER tries AS is_next,
           extract(epoch FROM a.attempted_at - lag(a.attempted_at) OVER tries)::float8 AS gap
    FROM webhook_attempts a JOIN events e ON e.id = a.event_id WHERE e.occurred_at > %s
    WINDOW tries AS (PARTITION BY a.endpoint_id, a.event_id ORDER BY a.attempted_at)
) tries
WHERE is_next AND trigger <> 'probe'
"""
_FAR_OFF = (
    "SELECT count(*) FROM webhook_deliveries WHERE status = 'pending' AND due_at > now() + interval '1.3 seconds'"
)
_RETRIES = 10


@pytest.mark.parametrize("seconds", [-240, 240])
def test_wrong_clock_moves_no_retry(stage: Stage, seconds: int) -> None:
    ((began,),) = stage.rows("SELECT now()")
    gaps: list[float] = []
    far_off: list[int] = []

    def is_enough() -> bool:
        far_off.append(stage.count(_FAR_OFF))
        gaps[:] = [gap for (gap,) in stage.rows(_GAPS, began)]
        return len(gaps) >= _RETRIES

    with stage.workers_with("skew", str(seconds)), stage.told("writing", "rude"):
        stage.wait(is_enough, 60, "enough has been tried again")
    stage.drain()
    print(f"\n{len(gaps)} retries, the soonest after {min(gaps):.2f} s; {stage.counts()}")  # noqa: T201
    assert (min(gaps) >= 0.8, max(far_off)) == (True, 0)
    assert stage.differences() == []
