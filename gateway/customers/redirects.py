"""A customer that is not there (any more): it may have become part of another one, and its id leads there for ever."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.errors import NotFound, Problem, RecordMerged

_SURVIVOR = Query(text("SELECT c.id FROM customers c WHERE c.id = (SELECT survivor_of(:id))"))
_SURVIVORS = Query(
    text("SELECT lose_id, survivor_of(lose_id) FROM merges WHERE lose_id = ANY(:ids) AND undone_at IS NULL")
)
_FORMER = Query(text("SELECT former_ids(:id)"))


def missing(tx: Transaction, customer_id: UUID) -> Problem:
    """Why there is no such customer for the caller: RecordMerged where it may see what became of it, else NotFound.

    Row-level security decides whether it may see the survivor, and the database whether it could see the lost one.
    """
    found = tx.first(_SURVIVOR, id=customer_id)
    return NotFound() if found is None else RecordMerged(customer_id, found[0])


def follow(tx: Transaction, customer_id: UUID) -> None:
    """Raise RecordMerged for a customer that became part of one the caller may see; else nothing happens."""
    if isinstance(problem := missing(tx, customer_id), RecordMerged):
        raise problem


def survivors(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """What became of those among these customers that were merged; for the house's own work alone."""
    return dict(tx.rows(_SURVIVORS, ids=list(ids)))


def former_ids(tx: Transaction, customer_id: UUID) -> list[UUID]:
    """Every id that a customer has, or that has become part of it."""
    found = tx.first(_FORMER, id=customer_id)
    return list(found[0]) if found else [customer_id]
