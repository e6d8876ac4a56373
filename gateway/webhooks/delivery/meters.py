"""What `/metrics` shows of deliveries: outcomes and latency counted where they happen, what waits read when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.webhooks.delivery.outcome import Outcome

DELIVERIES = Counter("kopru_webhook_attempts_total", "Attempts that ended, by what became of the message", ["outcome"])
SECONDS = Histogram(
    "kopru_webhook_latency_seconds",
    "Seconds from an event to its receipt, where the first attempt succeeded",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
OPENED = Counter("kopru_webhook_circuits_opened_total", "Times that an endpoint's circuit opened")
_MOST = 100_000
_STANDING = Query(
    text(
        f"""
        SELECT (SELECT count(*) FROM (
                    SELECT FROM webhook_deliveries WHERE status = 'pending' AND due_at <= now() LIMIT {_MOST}) due),
               (SELECT count(*) FROM webhook_paces WHERE open_until > now())
        """  # noqa: S608  # the number is ours
    )
)


def count(outcomes: Iterable[Outcome]) -> None:
    """Count attempts that have been stored."""
    for each in outcomes:
        DELIVERIES.labels("retrying" if each.state == "pending" else each.state).inc()
        if each.status == "delivered" and each.claim.attempts == 0 and each.claim.trigger == "schedule":
            arrived = each.attempted_at.timestamp() + each.duration_ms / 1000
            SECONDS.observe(max(0.0, arrived - _made_at(each.claim.event_id)))


def _made_at(event_id: UUID) -> float:
    """When an event was recorded, in Unix seconds: its id begins with that (RFC 9562 section 5.7)."""
    return (event_id.int >> 80) / 1000


class _Waiting(Collector):
    def __init__(self, due: int, circuits: int) -> None:
        self._due, self._circuits = due, circuits

    def collect(self) -> Iterator[GaugeMetricFamily]:
        due = f"Deliveries due now, at most {_MOST:,}"
        yield GaugeMetricFamily("kopru_webhook_due", due, self._due)
        yield GaugeMetricFamily("kopru_webhook_circuits_open", "Endpoints sent nothing for now", self._circuits)


def exposition(tx: Transaction) -> bytes:
    """What waits and what stands open, in Prometheus' text format."""
    row = tx.first(_STANDING)
    registry = CollectorRegistry()
    registry.register(_Waiting(*(row or (0, 0))))
    return generate_latest(registry)
