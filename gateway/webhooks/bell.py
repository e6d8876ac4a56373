"""The bell of webhooks: a worker fans events out and sends what is due."""

from __future__ import annotations

from gateway import queue
from gateway.db import Transaction

DELIVER = "gateway.webhooks.jobs.deliver"


def ring() -> None:
    """Wake a worker."""
    queue.ring(queue.WEBHOOKS, DELIVER)


def ring_after(tx: Transaction) -> None:
    """Wake a worker once this transaction has committed."""
    tx.after_commit(ring)
