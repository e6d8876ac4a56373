"""What an erasure asks of the names that partners have for a person, of which an installation has millions."""

from __future__ import annotations

from sqlalchemy import text

from gateway.customers.erasing import Erasing, registered
from gateway.db import Query, Transaction, new_id, now

_SCANS = Query(text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'sync_references'"))


def whole_readings(tx: Transaction) -> int:
    """How often this transaction has read the table from its beginning to its end."""
    row = tx.first(_SCANS)
    return int(row[0]) if row else 0


def test_names_of_a_person_are_found_by_an_index(system: Transaction) -> None:
    """Where there is a way by an index it is taken: a small table has PostgreSQL choose otherwise."""
    system.raw.execute("SET LOCAL enable_seqscan = off")
    before, erasing = whole_readings(system), Erasing(new_id(), (new_id(),), now())
    for forget in [each for each in registered() if each.name.startswith("sync_")]:
        forget.count(system, erasing)
        forget.forget(system, erasing)
    assert whole_readings(system) == before
