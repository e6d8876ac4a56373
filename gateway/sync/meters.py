"""What `/metrics` shows of sync: what runs did, counted where they run; how links stand, read where it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.db import Transaction, now
from gateway.sync.standing import Standing, standings

RUNS = Counter("kopru_sync_runs_total", "Runs that ended", ["link", "status"])
RECORDS = Counter("kopru_sync_records_total", "Records that runs dealt with", ["link", "stream", "outcome"])
_WAITING = ("open_operations", "failed_operations", "rejected", "conflicts")


def count_records(link: str, stream: str, tally: Mapping[str, int]) -> None:
    """Count what one committed page did."""
    for outcome, count in tally.items():
        RECORDS.labels(link, stream, outcome).inc(count)


class _Links(Collector):
    def __init__(self, links: list[Standing]) -> None:
        self._links = links

    def collect(self) -> Iterator[GaugeMetricFamily]:
        at = now()
        active = GaugeMetricFamily("kopru_sync_link_active", "1 while the link is not paused", labels=["link"])
        success = GaugeMetricFamily(
            "kopru_sync_last_success_age_seconds", "Seconds since a run of the link succeeded", labels=["link"]
        )
        waiting = GaugeMetricFamily("kopru_sync_waiting", "What waits on a link", labels=["link", "what"])
        oldest = GaugeMetricFamily(
            "kopru_sync_oldest_waiting_age_seconds", "Age of the oldest that waits on a link", labels=["link"]
        )
        for link in self._links:
            active.add_metric([link.name], float(link.status == "active"))
            if link.last_success_at is not None:
                success.add_metric([link.name], (at - link.last_success_at).total_seconds())
            for what in _WAITING:
                waiting.add_metric([link.name, what], getattr(link, what))
            oldest.add_metric([link.name], (at - (link.waits_since or at)).total_seconds())
        yield from (active, success, waiting, oldest)


def exposition(tx: Transaction) -> bytes:
    """How every link stands, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Links(standings(tx)))
    return generate_latest(registry)
