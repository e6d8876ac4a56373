"""What `/metrics` shows (Prometheus): requests by channel, operation and status, and how long they took."""

from __future__ import annotations

import os
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

REQUESTS = Counter("kopru_requests_total", "Requests answered", ["channel", "operation", "status"])
SECONDS = Histogram(
    "kopru_request_seconds",
    "Seconds from the first byte read to the last byte written",
    ["channel", "operation"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def counter_of(channel: str, operation: str) -> Callable[[int, float], None]:
    """A function (status, seconds) that counts one request; made once for each operation."""
    seconds = SECONDS.labels(channel, operation)
    by_status: dict[int, Counter] = {}

    def count(status: int, duration: float) -> None:
        counter = by_status.get(status)
        if counter is None:
            counter = by_status[status] = REQUESTS.labels(channel, operation, str(status))
        counter.inc()
        seconds.observe(duration)

    return count


def exposition() -> bytes:
    """Every metric of this machine's web processes in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
