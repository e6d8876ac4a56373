"""A file that has come: read once, kept as pieces of rows that all formats have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple
from uuid import UUID

import orjson

from gateway import audit
from gateway.db import Transaction, new_id
from gateway.transfers import pieces
from gateway.transfers.importing.reading.formats import read
from gateway.transfers.importing.reading.rows import MOST_ROWS, Line, Reading, UnreadableFile
from gateway.transfers.models import Transfer
from gateway.transfers.owners import door_of, require_room

ROWS_AT_ONCE = 1_000
_KEPT_IN_MEMORY = 1 << 20
_MOST_LETTERS = 2_000_000  # of the rows of one piece, about


class Arrival(NamedTuple):
    """A file that was read to its end: its rows, packed into pieces of so many bytes that wait on disk."""

    reading: Reading
    rows: int
    sizes: list[int]
    packed: IO[bytes]


def read_whole(
    file: IO[bytes], media_type: str, most_bytes: int, encoding: str | None, delimiter: str | None
) -> Arrival:
    """Read a file to its end, with nothing written anywhere; raises UnreadableFile."""
    reading = read(file, media_type, most_bytes, encoding, delimiter)
    packed, sizes, rows = SpooledTemporaryFile(_KEPT_IN_MEMORY), [], 0  # noqa: SIM115  # it ends with the arrival
    for lines in _pages(reading.lines):
        sizes.append(packed.write(_packed(lines)))
        rows += len(lines)
        if rows > MOST_ROWS:
            raise UnreadableFile(f"{MOST_ROWS:,} rows at most.")
    if not rows:
        raise UnreadableFile("There are no rows in it.")
    return Arrival(reading, rows, sizes, packed)


def take(tx: Transaction, arrival: Arrival) -> Transfer:
    """Keep a file for the caller, to be previewed and imported; raises TooManyFiles."""
    require_room(tx)
    caller, reading = tx.caller, arrival.reading
    transfer = Transfer(
        id=new_id(), direction="in", channel=door_of(caller).value, partner_id=caller.partner_id,
        owner_key=caller.key, format=reading.format, created_by=caller.actor, rows=arrival.rows,
        pieces=len(arrival.sizes),
        about={"encoding": reading.encoding, "delimiter": reading.delimiter, "columns": reading.columns},
    )  # fmt: skip
    tx.session.add(transfer)
    tx.session.flush()
    arrival.packed.seek(0)
    for number, size in enumerate(arrival.sizes):
        pieces.keep(tx, transfer.id, pieces.ROWS, number, arrival.packed.read(size))
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
