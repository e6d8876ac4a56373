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
from gateway.desk.timeline.sources import READ, SOURCES
from gateway.paging import Page

_NAMES = ("at", "id", "kind", "actor", "partner", "detail")
_COLUMNS = ", ".join(_NAMES)
_ORDER = "at DESC, id DESC LIMIT :limit"
_NEWEST = f"ORDER BY {_ORDER}"
_FILTERS = {
    "occurred_from": "at >= :occurred_from",
    "occurred_to": "at < :occurred_to",
    "partner": "partner = :partner",
    "after": "(at, id) < (:after_at, :after_id)",
}
# What the same says of the hour in which a moment is.
_HOURS = {
    "occurred_from": "hour > CAST(:occurred_from AS timestamptz) - interval '1 hour'",
    "occurred_to": "hour <= :occurred_to",
    "after": "hour <= :after_at",
}


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
    names = (*asked, "after") if is_after else asked
    parts = (_read_hours(names) if kind == "read" else _read(SOURCES[kind], names) for kind in kinds)
    return Query(text(f"SELECT {_COLUMNS} FROM ({' UNION ALL '.join(parts)}) happened {_NEWEST}"))  # noqa: S608


def _read(source: str, names: tuple[str, ...]) -> str:
    return f"(SELECT {_COLUMNS} FROM ({source}) told {_where(_FILTERS, names)} {_NEWEST})"  # noqa: S608  # our own text


def _read_hours(names: tuple[str, ...]) -> str:
    """The latest hours in which each was read, along the key of the access log: for there may be ten thousands."""
    within = {name: f"{_FILTERS[name]} AND {_HOURS.get(name, 'true')}" for name in names}
    one = f"SELECT {_COLUMNS} FROM ({READ}) told {_where(within, names)} ORDER BY hour DESC, {_ORDER}"  # noqa: S608
    return f"(SELECT told.* FROM unnest(CAST(:ids AS uuid[])) whose (id), LATERAL ({one}) told {_NEWEST})"  # noqa: S608


def _where(conditions: dict[str, str], names: tuple[str, ...]) -> str:
    return f"WHERE {' AND '.join(conditions[name] for name in names)}" if names else ""
