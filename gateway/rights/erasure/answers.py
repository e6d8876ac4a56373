"""Answers that are kept for a day under an Idempotency-Key: one that tells of the person goes at once.

They are sealed, so each is opened to see; whoever repeats the request then gets a new answer, which knows of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway import idempotency
from gateway.customers.erasing import Erasing
from gateway.db import Transaction


@dataclass(frozen=True)
class Answers:
    """Every kept answer that names one of the person's ids, or tells of it otherwise."""

    name: str = "idempotency_keys"
    tables: frozenset[str] = frozenset({"idempotency_keys"})

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How many there are."""
        return sum(1 for _ in _found(tx, erasing))

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Remove them."""
        found = list(_found(tx, erasing))
        for attempt in found:
            idempotency.forget(tx, attempt)
        return len(found)


def _found(tx: Transaction, erasing: Erasing) -> Iterator[idempotency.Attempt]:
    for attempt, answer in idempotency.kept(tx):
        told = f"{attempt.key} {answer.headers} {answer.body.decode('utf-8', 'replace')}"
        if erasing.is_told_by(told):
            yield attempt
