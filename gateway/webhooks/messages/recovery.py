"""Recovering: what an endpoint failed to take since a moment is sent again, oldest first, little by little."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import queue
from gateway.db import Query, Transaction
from gateway.id_time import first_id
from gateway.longrunning import kinds
from gateway.longrunning import service as longrunning
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from gateway.webhooks import bell
from gateway.webhooks.delivery import paces
from gateway.webhooks.messages import backlog
from gateway.webhooks.messages.search import FAILED
from gateway.webhooks.messages.service import IS_IDLE, RESTART, require_active

KIND = "webhooks.recover"
_AT_ONCE = 200
_LATEST = UUID(int=(1 << 128) - 1)

_FAILED_SINCE = f"""d.endpoint_id = :endpoint_id AND d.event_id > :after AND d.event_id < :until
    AND {FAILED} AND d.payload IS NOT NULL"""
_COUNT = Query(text(f"SELECT count(*) FROM webhook_deliveries d WHERE {_FAILED_SINCE}"))  # noqa: S608  # ours
# What waits for a later try has failed too: whoever recovers has mended the receiver and wants it all now.
_RESTART = Query(
    text(
        f"""
        WITH failed AS MATERIALIZED (
            SELECT d.id, d.event_id FROM webhook_deliveries d WHERE {_FAILED_SINCE}
            ORDER BY d.event_id LIMIT :limit FOR UPDATE SKIP LOCKED),
        begun AS (
            UPDATE webhook_deliveries d SET {RESTART}, trigger = 'recover'
            FROM failed f WHERE d.id = f.id AND {IS_IDLE} RETURNING d.id)
        SELECT f.event_id, (SELECT count(*) FROM failed), (SELECT count(*) FROM begun)
        FROM failed f ORDER BY f.event_id DESC LIMIT 1
        """  # noqa: S608
    )
)


def start(tx: Transaction, endpoint_id: UUID, since: datetime, until: datetime | None = None) -> Operation:
    """Begin to recover what failed of events since a moment, and before another; raises NotFound, EndpointDisabled."""
    require_active(tx, endpoint_id)
    paces.probe_now(tx, endpoint_id)
    options = {"endpoint_id": str(endpoint_id), "since": since.isoformat()}
    return longrunning.start(tx, KIND, options | ({"until": until.isoformat()} if until else {}), endpoint_id)


@kinds.register(KIND, queue=queue.WEBHOOKS, scope="webhooks:read")
def recover_some(tx: Transaction, operation: Operation) -> Step:
    """Send the next few again; where enough of them wait already, wait too. Raises NotFound, EndpointDisabled."""
    endpoint_id = UUID(operation.options["endpoint_id"])
    require_active(tx, endpoint_id)
    span = _span(operation)
    total = operation.total
    if total is None:
        row = tx.first(_COUNT, endpoint_id=endpoint_id, **span)
        total = int(row[0]) if row else 0
    if backlog.is_full(tx, endpoint_id):
        return Step(cursor=operation.cursor, total=total, wait_seconds=backlog.WAIT_SECONDS)
    row = tx.first(_RESTART, endpoint_id=endpoint_id, limit=_AT_ONCE, **span)
    if row is None:
        return Step(cursor=operation.cursor, total=total, is_over=True)
    bell.ring_after(tx)
    return Step(row[1], 0, {"after": str(row[0])}, row[1] < _AT_ONCE, total)


def _span(operation: Operation) -> dict[str, Any]:
    options, after = operation.options, operation.cursor.get("after")
    since, until = datetime.fromisoformat(options["since"]), options.get("until")
    return {
        "after": UUID(after) if after else first_id(since),
        "until": first_id(datetime.fromisoformat(until)) if until else _LATEST,
    }
