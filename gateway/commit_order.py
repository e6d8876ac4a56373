"""Reading what others append, in the order in which it was committed, without ever passing a late commit.

A bigserial is handed out before its row commits, so a reader that remembers only the highest number skips rows that
commit late. A place here is (txid, position), and readers stop below the oldest transaction still running.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from gateway.db import Query, Transaction


class Place(NamedTuple):
    """Where a reader stands; `txid` is PostgreSQL's 64-bit transaction id as text."""

    txid: str
    position: int


START = Place("0", 0)

_TAKE = Query(text("SELECT txid::text, position FROM readers WHERE name = :name FOR UPDATE"))
_LOOK = Query(text("SELECT txid::text, position FROM readers WHERE name = :name"))
_MOVE = Query(
    text(
        """
        INSERT INTO readers (name, txid, position)
        VALUES (:name, CAST(CAST(:txid AS text) AS xid8), CAST(:position AS bigint))
        ON CONFLICT (name) DO UPDATE SET txid = excluded.txid, position = excluded.position
        """
    )
)
_HERE = Query(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text, 0"))


def take_place(tx: Transaction, reader: str) -> Place:
    """The reader's place, locked until this transaction ends: a second taker of the same reader waits."""
    place = hold_place(tx, reader)
    if place is None:
        move_place(tx, reader, START)
        return START
    return place


def hold_place(tx: Transaction, reader: str) -> Place | None:
    """The same, but no place is made for a reader that has never read, and perhaps never will."""
    place = tx.first(_TAKE, name=reader)
    return None if place is None else Place(*place)


def look_place(tx: Transaction, reader: str) -> Place:
    """The reader's place as it stands, neither locked nor made."""
    place = tx.first(_LOOK, name=reader)
    return START if place is None else Place(*place)


def move_place(tx: Transaction, reader: str, place: Place) -> None:
    """Remember how far the reader has come, in the transaction that did the work up to there."""
    tx.run(_MOVE, name=reader, txid=place.txid, position=place.position)


def present_place(tx: Transaction) -> Place:
    """Where a reader stands that wants nothing of the past."""
    row = tx.first(_HERE)
    return Place(*row) if row else START
