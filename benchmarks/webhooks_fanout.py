"""`webhooks.fanout_1000_ms`: one event to 1,000 endpoints, from its commit until the last delivery row is written.

The product's worker waits for the bell, as it would; the rows are counted every few milliseconds by somebody else, who
sees them once they are committed. Between events everything is delivered. The bound is absolute.
"""

from __future__ import annotations

import time
from statistics import median

from rich.console import Console

from benchmarks.results import Result, at_most
from benchmarks.stage import Stage
from benchmarks.webhooks_stage import Gateway, open_gateway, open_receiver, wait_for

ENDPOINTS, EVENTS = 1000, 5
_IDLE_SECONDS = 1.5  # after so long the worker has gone back to listening for the bell


class WebhooksFanout:
    """The benchmark."""

    name = "webhooks.fanout_1000_ms"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The median of some events, for every round, after one to warm up."""
        count = max(20, round(ENDPOINTS * stage.scale))
        with open_receiver() as receiver, open_gateway(stage, receiver, count) as gateway, gateway.worker():
            fan_out(gateway)
            rounds = [median(fan_out(gateway) for _ in range(EVENTS)) for _ in range(stage.rounds)]
        console.print(f"{self.name}: " + ", ".join(f"{each:.0f} ms" for each in rounds))
        return [Result(self.name, "ms", at_most(150), rounds)]


def fan_out(gateway: Gateway) -> float:
    """Milliseconds from the commit of one event to the last of its rows; raises NotDelivered."""
    with gateway.superuser() as connection:

        def written() -> int:
            row = connection.execute(
                "SELECT count(*) FROM webhook_deliveries WHERE event_id = %s", [event_id]
            ).fetchone()
            return int(row[0]) if row else 0

        event_id, committed = gateway.tell()
        wait_for(lambda: written() >= len(gateway.endpoints), 30, "all rows are written", poll=0.002)
        taken = time.time() - committed
    wait_for(gateway.is_settled, 60, "all are delivered")
    time.sleep(_IDLE_SECONDS)
    return taken * 1000


BENCHMARK = WebhooksFanout()
