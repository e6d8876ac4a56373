"""What `/metrics` shows of requests about personal data: how many are open and late, and who owes an answer."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from gateway.db import Query, Transaction

_CASES = Query(
    text(
        """
        SELECT kind, count(*), count(*) FILTER (WHERE due_at < now()) FROM rights_cases
        WHERE ended_at IS NULL GROUP BY kind ORDER BY kind
        """
    )
)
_NOTICES = Query(
    text(
        """
        SELECT p.code, count(*), count(*) FILTER (WHERE n.due_at < now())
        FROM erasure_notices n JOIN partners p ON p.id = n.partner_id
        WHERE n.acknowledged_at IS NULL AND n.told_at IS NOT NULL GROUP BY p.code ORDER BY p.code
        """
    )
)
_SHOWN = (
    (_CASES, "kopru_rights_requests", "Open requests about personal data", "kind"),
    (_NOTICES, "kopru_erasures_unacknowledged", "Erasures that a partner has not acknowledged", "partner"),
)


class _Rights(Collector):
    def __init__(self, tx: Transaction) -> None:
        self._found = [(tx.rows(query), name, says, label) for query, name, says, label in _SHOWN]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for rows, name, says, label in self._found:
            waiting = GaugeMetricFamily(name, says, labels=[label])
            overdue = GaugeMetricFamily(f"{name}_overdue", f"{says}, past their time", labels=[label])
            for whose, count, late in rows:
                waiting.add_metric([whose], count)
                overdue.add_metric([whose], late)
            yield from (waiting, overdue)


def exposition(tx: Transaction) -> bytes:
    """What waits, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Rights(tx))
    return generate_latest(registry)
