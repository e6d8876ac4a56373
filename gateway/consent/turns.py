"""One at a time: whoever counts what a customer has, and writes by that count, holds the customer meanwhile."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.errors import NotFound

# Edits of the customer wait too; rows that only refer to it do not.
_HOLD = Query(text("SELECT 1 FROM customers WHERE id = :id FOR NO KEY UPDATE"))


def take(tx: Transaction, customer_id: UUID) -> None:
    """Wait for everybody who took their turn before; raises NotFound."""
    if tx.first(_HOLD, id=customer_id) is None:
        raise NotFound
