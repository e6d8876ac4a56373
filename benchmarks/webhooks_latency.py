"""`webhooks.latency_p95_ms` and `webhooks.latency_p99_ms`: from commit to receipt, at 200 events a second.

Events about a customer are committed by four threads, as in a web process, on a clock that waits for nobody;
the bell wakes the product's worker, which fans out, signs and sends to one endpoint. Both ends read the same clock:
the moment after the commit, and the moment at which the receiver has the whole message. The bounds are absolute.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

from rich.console import Console

from benchmarks.results import Result, at_most
from benchmarks.stage import Stage
from benchmarks.webhooks_stage import COMMITTERS, Gateway, NotDelivered, open_gateway, open_receiver, wait_for

PER_SECOND, SECONDS = 200, 15


class WebhooksLatency:
    """The benchmark."""

    name = "webhooks.latency"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """Both percentiles of every round, after one to warm up."""
        count = max(PER_SECOND, round(PER_SECOND * SECONDS * stage.scale))
        with open_receiver() as receiver, open_gateway(stage, receiver, 1) as gateway, gateway.worker():
            measure(gateway, PER_SECOND)
            rounds = [measure(gateway, count) for _ in range(stage.rounds)]
        for p50, p95, p99 in rounds:
            console.print(f"{self.name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms of {count:,} events")
        return [
            Result("webhooks.latency_p95_ms", "ms", at_most(120), [p95 for _, p95, _ in rounds]),
            Result("webhooks.latency_p99_ms", "ms", at_most(300), [p99 for _, _, p99 in rounds]),
        ]


def measure(gateway: Gateway, count: int) -> tuple[float, float, float]:
    """p50, p95 and p99 in milliseconds of so many events; raises NotDelivered."""
    gateway.receiver.forget()
    began = time.monotonic()

    def tell(number: int) -> tuple[str, float]:
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        return gateway.tell()

    with ThreadPoolExecutor(COMMITTERS) as web:
        committed = list(web.map(tell, range(count)))
    pace = count / (time.monotonic() - began)
    if pace < PER_SECOND * 0.9:
        raise NotDelivered(f"this machine commits {pace:.0f} events a second only")
    wait_for(lambda: gateway.receiver.count() >= count * len(gateway.endpoints), 60, "all have arrived")
    arrived = gateway.receiver.times()
    marks = quantiles(((arrived[event_id] - at) * 1000 for event_id, at in committed), n=100)
    return marks[49], marks[94], marks[98]


BENCHMARK = WebhooksLatency()
