"""Files of customers that came or went: one that tells of the person is dropped whole, as it would be in a few days.

A file cannot lose a row and still be what was sent; whoever needs it again asks for it again, without the person.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from gateway.customers import erasing
from gateway.customers.erasing import Erasing
from gateway.db import Query, Transaction
from gateway.transfers.exporting import xlsx

_ALL = Query(text("SELECT id, format = 'xlsx' AND direction = 'out' FROM transfers ORDER BY id"))
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
    files = ((row[0], _rows(tx, row[0]) if row[1] else _lines(tx, row[0])) for row in tx.rows(_ALL))
    return [transfer_id for transfer_id, lines in files if _tell(lines, erasing)]


def _tell(lines: Iterable[str], erasing: Erasing) -> bool:
    # A namesake's file goes, too: whoever has it can bring it again, and a person with a name alone must not stay.
    return any(erasing.is_told_by(line) or erasing.traces.name_is_in(line) for line in lines)


def _rows(tx: Transaction, transfer_id: UUID) -> Iterator[str]:
    return xlsx.lines_of(content for _, content in _pieces(tx, transfer_id))


def _lines(tx: Transaction, transfer_id: UUID) -> Iterator[str]:
    for part, content in _pieces(tx, transfer_id):
        yield from content.decode("utf-8", "replace").split(_END_OF_LINE[part])


def _pieces(tx: Transaction, transfer_id: UUID) -> Iterator[tuple[str, bytes]]:
    part, number = "", 0
    while (row := tx.first(_NEXT, id=transfer_id, part=part, number=number)) is not None:
        part, number, content = row
        yield part, zlib.decompress(content)


erasing.register(Files())
