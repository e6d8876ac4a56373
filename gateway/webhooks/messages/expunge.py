"""Expunging: what was said and answered is removed at once, where its owner wishes so; what waits is left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway import queue
from gateway.db import Transaction
from gateway.id_time import first_id
from gateway.longrunning import kinds
from gateway.longrunning import service as longrunning
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from gateway.webhooks.endpoints import service as endpoints
from gateway.webhooks.messages import bodies

KIND = "webhooks.expunge"
_LATEST = UUID(int=(1 << 128) - 1)
_OF = """(CAST(:partner_id AS uuid) IS NULL OR e.partner_id = :partner_id)
    AND (CAST(:endpoint_id AS uuid) IS NULL OR e.id = :endpoint_id)"""
_ANY = bodies.emptying("true", _OF)
_OF_CUSTOMER = bodies.emptying("d.customer_id = :customer_id", _OF)


def start(
    tx: Transaction,
    before: datetime | None = None,
    customer_id: UUID | None = None,
    endpoint_id: UUID | None = None,
) -> Operation:
    """Begin to remove what was said before a moment, of a customer, to an endpoint, or all that holds.

    A partner's messages alone where a partner asks, else everybody's. Raises NotFound for a foreign endpoint.
    """
    if endpoint_id is not None:
        endpoints.get(tx, endpoint_id)
    asked = {"before": before and before.isoformat(), "customer_id": customer_id, "endpoint_id": endpoint_id}
    return longrunning.start(tx, KIND, {name: str(value) for name, value in asked.items() if value}, endpoint_id)


@kinds.register(KIND, queue=queue.WEBHOOKS, scope="webhooks:read")
def expunge_some(tx: Transaction, operation: Operation) -> Step:
    """Empty the next few messages."""
    options, cursor = operation.options, operation.cursor
    after = UUID(cursor["after"]) if cursor else bodies.FIRST
    until = first_id(datetime.fromisoformat(options["before"])) if "before" in options else _LATEST
    of: dict[str, Any] = {"partner_id": operation.partner_id, "endpoint_id": options.get("endpoint_id")}
    if "customer_id" in options:
        walked = bodies.walk(tx, _OF_CUSTOMER, after, until, customer_id=options["customer_id"], **of)
    else:
        walked = bodies.walk(tx, _ANY, after, until, **of)
    removed = (operation.result or {}).get("removed", 0) + walked.changed
    cursor = {"after": str(walked.last or after)}
    return Step(walked.looked, 0, cursor, walked.is_over, result={"removed": removed})
