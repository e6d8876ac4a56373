"""Reading the access log: who was shown a customer, or what became part of it, the latest hour first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers.reads import filing
from gateway.customers.redirects import former_ids
from gateway.db import Query, Transaction
from gateway.paging import Page

_NAMES = (
    "channel", "organisation", "actor", "role", "what", "purpose", "first_at", "last_at", "times",
)  # fmt: skip
_PLACE = ("hour", "reader", "customer")
_PAGE = """
    SELECT {names}, hour, reader, customer_id FROM access_log WHERE customer_id = ANY(:ids) {after}
    ORDER BY hour DESC, reader DESC, customer_id DESC LIMIT :limit
"""
_AFTER = "AND (hour, reader, customer_id) < (:hour, :reader, :customer)"
_FIRST, _NEXT = (Query(text(_PAGE.format(names=", ".join(_NAMES), after=after))) for after in ("", _AFTER))


def page_of(tx: Transaction, customer_id: UUID, after: Sequence[Any] | None, limit: int) -> Page:
    """A page of who read a customer, up to this moment; whether the caller may ask is asked before."""
    filing.file(tx)
    place = {} if after is None else dict(zip(_PLACE, after, strict=True))
    rows = tx.rows(_NEXT if place else _FIRST, ids=former_ids(tx, customer_id), limit=limit + 1, **place)
    last = tuple(rows[limit - 1][len(_NAMES) :]) if len(rows) > limit else None
    return Page([dict(zip(_NAMES, row[: len(_NAMES)], strict=True)) for row in rows[:limit]], last)
