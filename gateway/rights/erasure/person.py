"""Whom a case is about: every id they had, how to recognise them elsewhere, and what their tombstones are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers import tombstones
from gateway.customers.erasing import Erasing, Traces
from gateway.customers.redirects import former_ids
from gateway.db import Query, Transaction
from gateway.rights.erasure.models import Erasure

# As they stand, as merges have kept them, and as they stood before each change that events still tell of; but not as
# they stood while they were taken for one with somebody else.
_RECORDS = Query(
    text(
        """
        SELECT to_json(c) FROM customers c WHERE c.id = ANY(:ids)
        UNION ALL
        SELECT each.record FROM merges m,
            LATERAL (VALUES (m.lose_id, m.lost), (m.keep_id, m.kept),
                (CASE WHEN m.undone_at IS NULL THEN m.keep_id END, m.merged)) AS each (id, record)
        WHERE (m.keep_id = ANY(:ids) OR m.lose_id = ANY(:ids)) AND each.id = ANY(:ids)
        UNION ALL
        SELECT e.record FROM events e WHERE e.resource_id = ANY(:ids) AND cardinality(e.changed) > 0
            AND NOT EXISTS (SELECT FROM merges m WHERE m.keep_id = e.resource_id AND NOT m.lose_id = ANY(:ids)
                AND e.occurred_at >= m.created_at AND e.occurred_at < m.undone_at)
        """
    )
)
_USERNAMES = Query(text("SELECT username, display_name FROM users WHERE customer_id = ANY(:ids)"))
_REFERENCES = Query(
    text(
        """
        SELECT r.link_id, r.external_id FROM sync_references r
        WHERE r.stream = 'customers' AND (r.record_id = ANY(:ids) OR r.alias_of = ANY(:ids))
        """
    )
)
# Whoever takes two apart says that they are two people: the other one is not erased with this one.
_PARTED = Query(
    text(
        """
        SELECT each.id FROM merges m, LATERAL (VALUES (m.keep_id), (m.lose_id)) AS each (id)
        WHERE (m.keep_id = ANY(:ids) OR m.lose_id = ANY(:ids)) AND m.undone_at >= :since
        """
    )
)
_LOCK = Query(text("SELECT FROM customers WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"))


def present_ids(tx: Transaction, erasure: Erasure, customer_id: UUID) -> list[UUID]:
    """Every id of whom an erasure is about: merges go on meanwhile, and have the case follow its customer."""
    former = former_ids(tx, customer_id)
    parted = {row[0] for row in tx.rows(_PARTED, ids=erasure.customer_ids, since=erasure.began_at)} - set(former)
    return [each for each in dict.fromkeys([*erasure.customer_ids, *former]) if each not in parted]


def find(tx: Transaction, erasure: Erasure, *, lock: bool = True) -> Erasing:
    """The person as far as there is still anything of them; locked, so that nothing is written to them meanwhile."""
    ids = list(erasure.customer_ids)
    if lock:
        tx.rows(_LOCK, ids=ids)
    return Erasing(erasure.case_id, tuple(ids), erasure.began_at, traces_of(tx, ids))


def traces_of(tx: Transaction, ids: list[UUID]) -> Traces:
    """How a person is recognised where none of our ids stands."""
    records, people = _records(tx, ids), tx.rows(_USERNAMES, ids=ids)
    names = {record["display_name"] for record in records if record.get("display_name")}
    values = {value for record in records for value in _values(record)} | {username for username, _ in people}
    return Traces(frozenset(names | {shown for _, shown in people}), frozenset(values))


def keys_of(tx: Transaction, ids: list[UUID]) -> set[str]:
    """What the person's tombstones are made of."""
    recognised = {key for record in _records(tx, ids) for key in tombstones.keys_of(record)}
    return recognised | {tombstones.reference_key(*row) for row in tx.rows(_REFERENCES, ids=ids)}


def _records(tx: Transaction, ids: list[UUID]) -> list[dict[str, Any]]:
    return [row[0] for row in tx.rows(_RECORDS, ids=ids) if isinstance(row[0], dict)]


def _values(record: Mapping[str, Any]) -> Iterator[str]:
    if record.get("tax_id"):
        yield record["tax_id"]
    for point in _list(record, "contact_points"):
        if point.get("value"):
            yield point["value"]
    for identifier in _list(record, "identifiers"):
        yield identifier["value"]


def _list(record: Mapping[str, Any], name: str) -> Iterable[dict[str, Any]]:
    items = record.get(name)
    return items if isinstance(items, list) else ()
