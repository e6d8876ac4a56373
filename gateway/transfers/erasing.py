"""Files of customers that came or went: one that tells of the person is dropped whole, as it would be in a few days.

A file cannot lose a row and still be what was sent; whoever needs it again asks for it again, without the person.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from gateway.customers import erasing
from gateway.customers.erasing import Erasing
from gateway.db import Query, Transaction

# A workbook is packed as a whole: what it tells of cannot be found line by line, so none stays.
_WORKBOOKS = Query(text("SELECT id FROM transfers WHERE format = 'xlsx' AND direction = 'out'"))
_OTHERS = Query(text("SELECT id FROM transfers WHERE format <> 'xlsx' OR direction = 'in' ORDER BY id"))
_NEXT = Query(
    text(
        """
        SELECT part, number, content FROM transfer_pieces
        WHERE transfer_id = :id AND (part, number) > (:part, :number) ORDER BY part, number LIMIT 1
        """
    )
)
_DROP = Query(text("DELETE FROM transfers WHERE id = ANY(:ids)"))
_END_OF_LINE = {"rows": "],[", "errors": "],[", "file": "\n"}


@dataclass(frozen=True)
class Files:
    """Every file that tells of the person."""

    name: str = "transfers"
    tables: frozenset[str] = frozenset({"transfers", "transfer_pieces"})

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How many there are."""
        return len(_found(tx, erasing))

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Drop them; work on one that is under way ends with it."""
        found = _found(tx, erasing)
        return tx.run(_DROP, ids=found) if found else 0


def _found(tx: Transaction, erasing: Erasing) -> list[UUID]:
    workbooks = [row[0] for row in tx.rows(_WORKBOOKS)]
    return workbooks + [row[0] for row in tx.rows(_OTHERS) if _tells(tx, row[0], erasing)]


def _tells(tx: Transaction, transfer_id: UUID, erasing: Erasing) -> bool:
    # A namesake's file goes, too: whoever has it can bring it again, and a person with a name alone must not stay.
    return any(erasing.is_told_by(line) or erasing.traces.name_is_in(line) for line in _lines(tx, transfer_id))


def _lines(tx: Transaction, transfer_id: UUID) -> Iterator[str]:
    part, number = "", 0
    while (row := tx.first(_NEXT, id=transfer_id, part=part, number=number)) is not None:
        part, number, content = row
        yield from zlib.decompress(content).decode("utf-8", "replace").split(_END_OF_LINE[part])


erasing.register(Files())
