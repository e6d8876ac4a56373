"""What third parties were told of a person and what they answered, and the person's own endpoints.

That something was sent, when and whether it arrived stays, without a word of what it said.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from gateway.commit_order import hold_place
from gateway.customers import erasing
from gateway.customers.erasing import Erasing, Rows
from gateway.db import Query, Transaction
from gateway.webhooks.fanout import READER
from gateway.webhooks.messages.erasure import erase_customer

_COUNT = Query(text("SELECT count(*) FROM webhook_deliveries WHERE customer_id = ANY(:ids) AND payload IS NOT NULL"))
_ERRORS = Query(
    text(
        """
        UPDATE webhook_attempts a SET error = NULL FROM webhook_deliveries d
        WHERE d.customer_id = ANY(:ids) AND a.endpoint_id = d.endpoint_id AND a.event_id = d.event_id
          AND a.error IS NOT NULL
        """
    )
)


@dataclass(frozen=True)
class Messages:
    """Bodies and answers; events of the person are gone by now, so that none is made again."""

    name: str = "webhook_deliveries"
    tables: frozenset[str] = frozenset({"webhook_deliveries", "webhook_attempts"})

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How many messages still have a body."""
        row = tx.first(_COUNT, ids=erasing.ids)
        return int(row[0]) if row else 0

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Empty them, and cancel what waits."""
        hold_place(tx, READER)  # a fan-out that has read their events ends first
        tx.run(_ERRORS, ids=erasing.ids)
        return sum(erase_customer(tx, customer_id) for customer_id in erasing.customer_ids)


erasing.register(Messages(), order=2)
erasing.register(Rows("webhook_endpoints", where="r.channel = 'internet'"))
