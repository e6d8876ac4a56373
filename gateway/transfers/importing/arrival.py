"""A file that has come: read once, kept as pieces of rows that all formats have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any
from uuid import UUID

import orjson

from gateway import audit
from gateway.db import Transaction, new_id
from gateway.transfers import pieces
from gateway.transfers.importing.reading.formats import read
from gateway.transfers.importing.reading.rows import MOST_ROWS, Line, UnreadableFile
from gateway.transfers.models import Transfer
from gateway.transfers.owners import door_of, require_room

ROWS_AT_ONCE = 1_000
_MOST_LETTERS = 2_000_000  # of the rows of one piece, about


def take(
    tx: Transaction, file: IO[bytes], media_type: str, most_bytes: int, encoding: str | None, delimiter: str | None
) -> Transfer:
    """Keep a file for the caller, to be previewed and imported; raises UnreadableFile."""
    require_room(tx)
    reading = read(file, media_type, most_bytes, encoding, delimiter)
    caller = tx.caller
    transfer = Transfer(
        id=new_id(), direction="in", channel=door_of(caller).value, partner_id=caller.partner_id,
        owner_key=caller.key, format=reading.format, about={}, created_by=caller.actor,
    )  # fmt: skip
    tx.session.add(transfer)
    tx.session.flush()
    transfer.rows = transfer.pieces = 0
    for lines in _pages(reading.lines):
        pieces.keep(tx, transfer.id, pieces.ROWS, transfer.pieces, _packed(lines))
        transfer.rows, transfer.pieces = transfer.rows + len(lines), transfer.pieces + 1
        if transfer.rows > MOST_ROWS:
            raise UnreadableFile(f"{MOST_ROWS:,} rows at most.")
    if not transfer.rows:
        raise UnreadableFile("There are no rows in it.")
    transfer.about = {"encoding": reading.encoding, "delimiter": reading.delimiter, "columns": reading.columns}
    tx.session.flush()
    audit.record(tx, "import.received", "import", transfer.id, {"rows": transfer.rows})
    return transfer


def rows_of(tx: Transaction, transfer_id: UUID, number: int) -> list[Line]:
    """The rows of one piece; raises NotFound."""
    return [Line(*row) for row in orjson.loads(pieces.read(tx, transfer_id, pieces.ROWS, number))]


def _pages(lines: Iterator[Line]) -> Iterator[list[Line]]:
    page: list[Line] = []
    letters = 0
    for line in lines:
        page.append(line)
        letters += sum(len(cell) if isinstance(cell, str) else 50 for cell in line.cells or ())
        if len(page) == ROWS_AT_ONCE or letters > _MOST_LETTERS:
            yield page
            page, letters = [], 0
    if page:
        yield page


def _packed(lines: Sequence[Line]) -> bytes:
    try:
        return orjson.dumps([tuple(line) for line in lines])
    except TypeError:
        return b"[" + b",".join(map(_packed_alone, lines)) + b"]"


def _packed_alone(line: Line) -> bytes:
    told: Any = tuple(line)
    try:
        return orjson.dumps(told)
    except TypeError as wrong:  # such as a whole number beyond 64 bits
        return orjson.dumps((line.number, None, f"It cannot be kept: {wrong}."))
