"""The parts of a run over the whole base: each is done by one worker in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

_FORGET = Query(text("DELETE FROM identity_slices WHERE matching_id = :matching"))
_PLAN = Query(
    text(
        """
        INSERT INTO identity_slices (matching_id, number, since, until)
        SELECT :matching, number, since, lead(since) OVER (ORDER BY number)
        FROM unnest(CAST(:starts AS text[])) WITH ORDINALITY AS s (since, number)
        """
    )
)
_TAKE = Query(
    text(
        """
        SELECT number, since, until FROM identity_slices WHERE matching_id = :matching AND NOT is_done
        ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    )
)
_DONE = Query(text("UPDATE identity_slices SET is_done = true WHERE matching_id = :matching AND number = :number"))
_LEFT = Query(text("SELECT EXISTS (SELECT FROM identity_slices WHERE matching_id = :matching AND NOT is_done)"))
_IDS = Query(
    text(
        """
        SELECT id::text FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM customers) AS c
        WHERE place % :each = 0 ORDER BY id
        """
    )
)
_LOWEST, _ALL = -(2**63), 2**64


class Slice(NamedTuple):
    """From `since` on and below `until`, which is None in the last one: ids of customers, or keys of blocks."""

    number: int
    since: str
    until: str | None


def plan_customers(tx: Transaction, matching_id: UUID, each: int) -> None:
    """Slices of so many customers, in order of their ids."""
    _plan(tx, matching_id, [str(UUID(int=0)), *(row[0] for row in tx.rows(_IDS, each=each))])


def plan_blocks(tx: Transaction, matching_id: UUID, parts: int) -> None:
    """Slices of as many blocks each: keys are spread evenly over all the numbers of 64 bits."""
    _plan(tx, matching_id, (str(_LOWEST + _ALL * part // parts) for part in range(parts)))


def take(tx: Transaction, matching_id: UUID) -> Slice | None:
    """A slice that nobody works on, locked until this transaction ends."""
    row = tx.first(_TAKE, matching=matching_id)
    return Slice(*row) if row else None


def finish(tx: Transaction, matching_id: UUID, number: int) -> None:
    """Mark a slice as done, in the transaction that did it."""
    tx.run(_DONE, matching=matching_id, number=number)


def are_left(tx: Transaction, matching_id: UUID) -> bool:
    """Whether any slice is not done, be it that somebody works on it."""
    row = tx.first(_LEFT, matching=matching_id)
    return bool(row and row[0])


def _plan(tx: Transaction, matching_id: UUID, starts: Iterable[str]) -> None:
    tx.run(_FORGET, matching=matching_id)
    tx.run(_PLAN, matching=matching_id, starts=list(starts))
