"""A page of a customer's timeline, newest first: each kind is read along its own index, as far as a page goes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers import fields, search
from gateway.customers.reads import filing
from gateway.customers.redirects import former_ids
from gateway.db import Query, Transaction
from gateway.desk.timeline.sources import SOURCES
from gateway.paging import Page

_NAMES = ("at", "id", "kind", "actor", "partner", "detail")
_FILTERS = {
    "occurred_from": "at >= :occurred_from",
    "occurred_to": "at < :occurred_to",
    "partner": "partner = :partner",
}
_AFTER = "(at, id) < (:after_at, :after_id)"


def page_of(
    tx: Transaction,
    customer_id: UUID,
    kinds: tuple[str, ...],
    filters: dict[str, Any],
    after: Sequence[Any] | None,
    limit: int,
) -> Page:
    """What happened with a customer the caller may see; raises NotFound and RecordMerged for any other."""
    search.get(tx, customer_id, ("id",))
    if "read" in kinds:
        filing.file(tx)
    asked = tuple(name for name in _FILTERS if name in filters)
    params: dict[str, Any] = {name: filters[name] for name in asked}
    if after:
        params |= {"after_at": after[0], "after_id": after[1]}
    params |= {"ids": former_ids(tx, customer_id), "fields": list(fields.seen_by(tx.caller)), "limit": limit + 1}
    rows = tx.rows(_reading(kinds, asked, after is not None), **params)
    items = [dict(zip(_NAMES, row, strict=True)) for row in rows[:limit]]
    return Page(items, tuple(rows[limit - 1][:2]) if len(rows) > limit else None)


@lru_cache(maxsize=256)
def _reading(kinds: tuple[str, ...], asked: tuple[str, ...], is_after: bool) -> Query:
    conditions = [_FILTERS[name] for name in asked] + [_AFTER] * is_after
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = "ORDER BY at DESC, id DESC LIMIT :limit"
    parts = (f"(SELECT * FROM ({SOURCES[kind]}) told {where} {order})" for kind in kinds)  # noqa: S608  # our own text
    return Query(text(f"SELECT {', '.join(_NAMES)} FROM ({' UNION ALL '.join(parts)}) happened {order}"))  # noqa: S608
