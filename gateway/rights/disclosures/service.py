"""What partners were given of a customer: shared, read, exported, sent by webhook, written to their system.

The database puts it together out of what is there (`disclosed`) and keeps what is deleted (`disclosures`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers import erasing
from gateway.customers.reads import filing
from gateway.db import Query, Transaction
from gateway.paging import Page
from gateway.snapshot import walk

_NAMES = ("partner", "organisation", "way", "what", "first_at", "last_at", "times")
_PAGE = """
    SELECT * FROM (
        SELECT {names}, concat_ws(' ', partner, way, what) AS key FROM disclosed(:customer)
    ) told {after} ORDER BY first_at DESC, key DESC LIMIT :limit
"""
_AFTER = "WHERE (first_at, key) < (:first_at, :key)"
_ALL = Query(text(f"SELECT {', '.join(_NAMES)} FROM disclosed(:customer) ORDER BY first_at, partner, way, what"))  # noqa: S608
_FIRST, _NEXT = (Query(text(_PAGE.format(names=", ".join(_NAMES), after=after))) for after in ("", _AFTER))

# What others delete of a person leaves its trace here, so it goes after them.
erasing.register(erasing.Rows("disclosures"), order=8)


def page_of(tx: Transaction, customer_id: UUID, after: Sequence[Any] | None, limit: int) -> Page:
    """A page of what went to partners, the latest begun first; of another person the database tells nobody outside."""
    filing.file(tx)
    place = {} if after is None else {"first_at": after[0], "key": after[1]}
    rows = tx.rows(_NEXT if place else _FIRST, customer=customer_id, limit=limit + 1, **place)
    last = (rows[limit - 1][4], rows[limit - 1][-1]) if len(rows) > limit else None
    return Page([dict(zip(_NAMES, row[:-1], strict=True)) for row in rows[:limit]], last)


def all_of(tx: Transaction, customer_id: UUID) -> Iterator[dict[str, Any]]:
    """All of it but what was read since the access log was filed, the first begun first."""
    return (dict(zip(_NAMES, row, strict=True)) for row in walk(tx, _ALL, customer=customer_id))
