"""Deliveries put straight into the table, and looks at how they and their endpoints stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, new_id, transaction
from gateway.webhooks.delivery import due
from gateway.webhooks.delivery.due import Claim

SYSTEM = Caller.system("test")
_OWE = Query(
    text(
        """
        INSERT INTO webhook_deliveries
            (id, endpoint_id, event_id, customer_id, type, payload, status, due_at, created_at)
        VALUES (:id, :endpoint, :event, :customer, :type, '{}', 'pending', now(), now())
        """
    )
)


def owe(endpoint: dict[str, Any], customers: Sequence[UUID | None], event_type: str = "customer.updated") -> list[UUID]:
    """One delivery about each customer, in this order; answers their events."""
    events = [new_id() for _ in customers]
    with transaction(SYSTEM) as tx:
        for event, customer in zip(events, customers, strict=True):
            tx.run(_OWE, id=new_id(), endpoint=endpoint["id"], event=event, customer=customer, type=event_type)
    return events


def claim(most: int = 100) -> list[Claim]:
    """What a dispatcher would take now."""
    with transaction(SYSTEM) as tx:
        return due.claim(tx, most, lambda _: most).claims


def run(statement: str, **params: Any) -> list[tuple[Any, ...]]:
    """Whatever SQL, as the system; the rows it answers."""
    with transaction(SYSTEM) as tx:
        cursor = tx.raw.execute(statement.encode(), params)
        return cursor.fetchall() if cursor.description else []


def set_endpoint(endpoint: dict[str, Any], **values: Any) -> None:
    """Change columns of an endpoint as the API would."""
    run(f"UPDATE webhook_endpoints SET {', '.join(f'{name} = %({name})s' for name in values)} WHERE id = %(id)s",
        id=endpoint["id"], **values)  # fmt: skip


def statuses(endpoint: dict[str, Any]) -> list[str]:
    """The status of each delivery, in order."""
    rows = run("SELECT status FROM webhook_deliveries WHERE endpoint_id = %(id)s ORDER BY seq", id=endpoint["id"])
    return [row[0] for row in rows]
