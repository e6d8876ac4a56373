"""One line of what is going on, for `kopru up` and `kopru status`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.errors import Unavailable

_COUNTS = Query(
    text(
        """
        SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM interactions),
               (SELECT count(*) FROM sync_runs WHERE status IN ('queued', 'running')),
               (SELECT count(*) FROM webhook_deliveries WHERE status = 'pending'),
               coalesce((SELECT position FROM events ORDER BY txid DESC, position DESC LIMIT 1), 0)
        """
    )
)


def live_line(down: Sequence[str]) -> str:
    """Customers, interactions, syncs under way, webhooks waiting, events so far, and what is down."""
    try:
        with transaction(Caller.system("status")) as tx:
            row = tx.first(_COUNTS) or (0, 0, 0, 0, 0)
    except Unavailable:
        return "the database does not answer"
    customers, interactions, runs, deliveries, events = row
    line = (
        f"{customers:,} customers · {interactions:,} interactions · {runs} syncs under way · "
        f"{deliveries} webhooks waiting · {events:,} events"
    )
    return f"{line} · starting again: {', '.join(down)}" if down else line
