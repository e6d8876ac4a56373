"""The customer record itself, the keys it was found by, and the words of its name that nobody else bears."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from gateway.customers.erasing import Erasing
from gateway.customers.finding import vocabulary
from gateway.db import Query, Transaction
from gateway.turkish import words

_COUNT = Query(text("SELECT count(*) FROM customers WHERE id = ANY(:ids)"))
_TAKE_AWAY = Query(text("DELETE FROM customers WHERE id = ANY(:ids)"))
_KEYS = Query(text("DELETE FROM customer_keys WHERE customer_id = ANY(:ids)"))


@dataclass(frozen=True)
class Record:
    """What all else is found by, and so the last to go; shares and keys follow by themselves."""

    name: str = "customers"
    tables: frozenset[str] = frozenset({"customers", "customer_keys", "search_words"})

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """One, or none any more."""
        row = tx.first(_COUNT, ids=erasing.ids)
        return int(row[0]) if row else 0

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Delete it."""
        found = tx.run(_TAKE_AWAY, ids=erasing.ids)
        tx.run(_KEYS, ids=erasing.ids)
        vocabulary.forget(tx, sorted({word for name in erasing.traces.names for word in words(name)}))
        return found
