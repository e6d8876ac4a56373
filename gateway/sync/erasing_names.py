"""What partners call a person and what was told of them: forgotten, but for marks by which none of it is read again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from gateway.customers import tombstones
from gateway.customers.erasing import Erasing
from gateway.db import Query, Transaction

# An array, read once for a statement: as a subquery it keeps every index of `sync_references` from being used.
RECORDS = "(ARRAY(SELECT id FROM interactions WHERE customer_id = ANY(:ids)) || CAST(:ids AS uuid[]))"
NAMED = f"(record_id = ANY{RECORDS} OR alias_of = ANY(:ids))"  # all of it is our own text
_COUNT = Query(text(f"SELECT count(*) FROM sync_references WHERE {NAMED}"))  # noqa: S608
_FORGET = Query(text(f"DELETE FROM sync_references WHERE {NAMED} RETURNING stream, link_id, external_id"))  # noqa: S608


@dataclass(frozen=True)
class Names:
    """Every name of the person and of an interaction with them.

    An interaction is marked as well: a partner may still have it under the name of somebody else, from whom the person
    was parted since.
    """

    name: str = "sync_references"
    tables: frozenset[str] = frozenset({"sync_references"})

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How many there are."""
        row = tx.first(_COUNT, ids=erasing.ids)
        return int(row[0]) if row else 0

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Delete them, and keep their marks."""
        keys = [_key(*row) for row in tx.rows(_FORGET, ids=erasing.ids)]
        tombstones.put(tx, erasing.case_id, keys)
        return len(keys)


def _key(stream: str, link_id: UUID, external_id: str) -> str:
    key_of = tombstones.reference_key if stream == "customers" else tombstones.interaction_key
    return key_of(link_id, external_id)
