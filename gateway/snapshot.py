"""Reading much as it was at one moment: a transaction that only reads, and rows that come a portion at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.rows import TupleRow

from gateway.channels import Caller
from gateway.db import Query, Transaction, new_id, transaction

PORTION = 100


@contextmanager
def snapshot(caller: Caller, *, statement_seconds: int = 60) -> Iterator[Transaction]:
    """A transaction that sees one moment throughout and writes nothing: nobody waits for it, however long it lasts."""
    with transaction(caller, statement_seconds=statement_seconds) as tx:
        tx.send(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield tx


def walk(tx: Transaction, query: Query, **params: Any) -> Iterator[TupleRow]:
    """Run a compiled statement and answer its rows, of which no more than a portion is in memory."""
    # Declared by hand: one that is left half-read ends with its transaction, and closes nothing in somebody else's.
    name, cursor = f"walk_{new_id().hex}", tx.raw.cursor()
    cursor.execute(f"DECLARE {name} CURSOR FOR {query.sql}".encode(), query.bind(params))
    while rows := cursor.execute(f"FETCH {PORTION} FROM {name}".encode(), prepare=False).fetchall():
        yield from rows
    cursor.execute(f"CLOSE {name}".encode())
