"""Filing what was noted: a row for each customer, reader and hour, kept for as long as the installation says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from gateway.channels import Caller
from gateway.customers.erasing import Erasing, register
from gateway.db import Query, Transaction, transaction

MOST = 5000
_FILE = Query(text("SELECT file_reads(:most)"))
_FORGET = Query(
    text("DELETE FROM access_log WHERE ctid = ANY(ARRAY(SELECT ctid FROM access_log WHERE hour < :before LIMIT :most))")
)
_COUNT = Query(text("SELECT count(*) FROM access_log WHERE customer_id = ANY(:ids)"))
_DELETE = Query(text("DELETE FROM access_log WHERE customer_id = ANY(:ids)"))


class Forgetting:
    """Who read what is kept of a person goes with the person, what is not filed yet included."""

    name = "access_log"
    tables = frozenset({"reads", "access_log"})

    def count(self, tx: Transaction, one: Erasing) -> int:
        """How many rows there are."""
        row = tx.first(_COUNT, ids=one.ids)
        return int(row[0]) if row else 0

    def forget(self, tx: Transaction, one: Erasing) -> int:
        """File what is left lying, then delete."""
        while file(tx) == MOST:
            pass
        return tx.run(_DELETE, ids=one.ids)


register(Forgetting(), order=3)


def file(tx: Transaction, most: int = MOST) -> int:
    """File notes that were left, whoever asks; answers how many."""
    row = tx.first(_FILE, most=most)
    return int(row[0]) if row else 0


def file_all(caller: Caller) -> None:
    """File all that was noted, each portion in a transaction of its own, for it keeps others from filing."""
    filed = MOST
    while filed == MOST:
        with transaction(caller, statement_seconds=60) as tx:
            filed = file(tx)


def forget(tx: Transaction, before: datetime, most: int = MOST) -> int:
    """Remove what was read before a moment, so many rows at most; answers how many."""
    return tx.run(_FORGET, before=before, most=most)
